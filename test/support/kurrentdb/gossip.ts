import gossip from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/gossip_pb.js';
import type { ClusterInfo } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/gossip_pb.js';
import type { Endpoint } from './call-error.ts';
import { uuidMessage } from './messages.ts';

export interface Member extends Endpoint {
  readonly id: string;
  readonly isLeader: boolean;
  readonly isAlive: boolean;
}

const STATES = gossip.MemberInfo.VNodeState;

/** Returns the cluster's members, as each node reports them. */
export function clusterInfo(members: readonly Member[]): ClusterInfo {
  const info = new gossip.ClusterInfo();
  for (const { id, host, port, isLeader, isAlive } of members) {
    const endpoint = new gossip.EndPoint();
    endpoint.setAddress(host);
    endpoint.setPort(port);
    const member = new gossip.MemberInfo();
    member.setInstanceId(uuidMessage(id, true));
    member.setTimeStamp(String(BigInt(Date.now()) * 10_000n));
    member.setState(isLeader ? STATES.LEADER : STATES.FOLLOWER);
    member.setIsAlive(isAlive);
    member.setHttpEndPoint(endpoint);
    info.addMembers(member);
  }
  return info;
}
