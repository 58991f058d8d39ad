import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server as TcpServer, Socket } from 'node:net';
import { readFileSync } from 'node:fs';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { Metadata, ServiceDefinition, UntypedHandleCall } from '@grpc/grpc-js';
import gossip from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/gossip_pb.js';
import type { ClusterInfo } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/gossip_pb.js';
import gossipService from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/gossip_grpc_pb.js';
import features from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_pb.js';
import type { SupportedMethods } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_pb.js';
import featuresService from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_grpc_pb.js';
import streamsService from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_grpc_pb.js';
import newStreamsService from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_grpc_pb.js';
import { appendRecords, appendSession, batchAppend, deleteStream, tombstone } from './appends.ts';
import { clientStreaming, serverStreaming, streaming, unary } from './calls.ts';
import type { Certificates } from './certificates.ts';
import { CallError, notLeader, unauthenticated } from './errors.ts';
import type { Endpoint } from './errors.ts';
import { Faults } from './faults.ts';
import type { Fault, FaultScope } from './faults.ts';
import { LogStore } from './log-store.ts';
import { filled, uuidMessage } from './messages.ts';
import type { Node } from './node.ts';
import { read } from './reads.ts';

export interface ServerOptions {
  /**
   * The simulated version: without the second protocol, with `AppendSession`, or with `AppendRecords` too; the newest
   * if absent.
   */
  readonly version?: '24.10.0' | '25.1.0' | '26.1.0';
  /** The number of nodes; 1 if absent. The first is the initial leader. */
  readonly nodes?: number;
  /** The limit of an append in bytes, below the server's own. */
  readonly appendMax?: number;
  /** The accepted login, which the client sends only over TLS. */
  readonly credentials?: { readonly user: string; readonly password: string };
  /** The TLS files; plain text if absent. */
  readonly tls?: Pick<Certificates, 'certificateFile' | 'keyFile'>;
}

const ADDRESS = '127.0.0.1';

/**
 * A test double of a KurrentDB cluster for the official client, in this process: one log, and each node on its own
 * port. One node is the leader. A follower forwards writes, unless they require the leader. It has no disk, no
 * replication, and no code of KurrentDB.
 */
export class KurrentdbServer {
  readonly store = new LogStore();
  readonly faults = new Faults();
  readonly #options: ServerOptions;
  readonly #listeners: readonly Listener[];
  readonly #version: NonNullable<ServerOptions['version']>;
  #leader = 0;

  private constructor(options: ServerOptions) {
    const { tls, nodes = 1, version = '26.1.0' } = options;
    this.#options = options;
    this.#version = version;
    const credentials =
      tls === undefined
        ? ServerCredentials.createInsecure()
        : ServerCredentials.createSsl(null, [
            { private_key: readFileSync(tls.keyFile), cert_chain: readFileSync(tls.certificateFile) },
          ]);
    this.#listeners = Array.from({ length: nodes }, () => new Listener(credentials));
    for (const [index, { server }] of this.#listeners.entries()) this.#addServices(server, this.#node(index));
  }

  static async start(options: ServerOptions = {}): Promise<KurrentdbServer> {
    const server = new KurrentdbServer(options);
    for (const listener of server.#listeners) await listener.listen();
    return server;
  }

  get ports(): number[] {
    return this.#listeners.map(({ port }) => port);
  }

  /** Returns a connection string for the official client, with all nodes. */
  get url(): string {
    return `kurrentdb://${this.ports.map((port) => `${ADDRESS}:${port}`).join(',')}?tls=false`;
  }

  arm(fault: Fault, scope: FaultScope): void {
    this.faults.arm(fault, scope);
  }

  /** Stops a node's listener, and cuts its connections. */
  kill(node: number): void {
    this.#listeners[node]?.cut();
  }

  /** Makes a node listen again on its port, with the stored data. */
  async revive(node: number): Promise<void> {
    await this.#listeners[node]?.listen();
  }

  makeLeader(node: number): void {
    this.#leader = node;
  }

  /** Ends all faults, revives all nodes, and makes the first one the leader. Keeps the stored data. */
  async reset(): Promise<void> {
    this.faults.clear();
    this.makeLeader(0);
    for (const listener of this.#listeners) await listener.listen();
  }

  stop(): void {
    for (const listener of this.#listeners) listener.stop();
  }

  /** Returns the name in the certificate, or the address. */
  #endpoint(index: number): Endpoint {
    return { host: this.#options.tls ? 'localhost' : ADDRESS, port: this.#listeners[index]?.port ?? 0 };
  }

  #node(index: number): Node {
    const { store, faults } = this;
    const { credentials, appendMax } = this.#options;
    const checkLogin = (metadata: Metadata) => {
      if (credentials === undefined) return;
      const login = Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64');
      if (metadata.get('authorization').join('') !== `Basic ${login}`) throw unauthenticated();
    };
    return {
      ...{ store, faults, checkLogin },
      appendMax: appendMax ?? (this.#version === '24.10.0' ? 1 : 256) * 1024 * 1024,
      admit: async (metadata, { kind, needsLeader = false, notLeader: errorOf = notLeader }) => {
        checkLogin(metadata);
        const refusal = () => errorOf(this.#endpoint(this.#leader));
        await faults.admit(kind, refusal);
        const requiresLeader = needsLeader || /true/i.test(metadata.get('requires-leader').join(''));
        if (requiresLeader && index !== this.#leader) throw refusal();
      },
    };
  }

  /** Adds the calls of a node to its server. All others are UNIMPLEMENTED, as on a server that is too old for them. */
  #addServices(server: Server, node: Node): void {
    const add = (definition: ServiceDefinition, calls: Readonly<Record<string, UntypedHandleCall>>) => {
      const unimplemented = unary<unknown, never>(() => {
        throw new CallError(status.UNIMPLEMENTED, 'Service is unimplemented.');
      });
      const handlers = Object.keys(definition).map((name) => [name, calls[name] ?? unimplemented] as const);
      server.addService(definition, Object.fromEntries(handlers));
    };
    add(streamsService.StreamsService, {
      read: serverStreaming<Parameters<typeof read>[1], never>((...call) => read(node, ...call)),
      batchAppend: streaming((call: Parameters<typeof batchAppend>[1], outgoing) =>
        batchAppend(node, call, outgoing),
      ),
      delete: unary((request: Parameters<typeof deleteStream>[1], metadata) =>
        deleteStream(node, request, metadata),
      ),
      tombstone: unary((request: Parameters<typeof tombstone>[1], metadata) =>
        tombstone(node, request, metadata),
      ),
    });
    add(newStreamsService.StreamsServiceService, {
      ...(this.#version !== '24.10.0' && {
        appendSession: clientStreaming((requests: Parameters<typeof appendSession>[1], metadata) =>
          appendSession(node, requests, metadata),
        ),
      }),
      ...(this.#version === '26.1.0' && {
        appendRecords: unary((request: Parameters<typeof appendRecords>[1], metadata) =>
          appendRecords(node, request, metadata),
        ),
      }),
    });
    add(featuresService.ServerFeaturesService, {
      getSupportedMethods: unary(() => supportedMethods(this.#version)),
    });
    add(gossipService.GossipService, { read: unary(() => this.#clusterInfo()) });
  }

  /** Returns the cluster's members, as each node reports them. */
  #clusterInfo(): ClusterInfo {
    const { LEADER, FOLLOWER } = gossip.MemberInfo.VNodeState;
    const membersList = this.#listeners.map(({ id, isListening }, index) => {
      const { host: address, port } = this.#endpoint(index);
      return filled(new gossip.MemberInfo(), {
        instanceId: uuidMessage(id),
        timeStamp: String(BigInt(Date.now()) * 10_000n),
        state: index === this.#leader ? LEADER : FOLLOWER,
        isAlive: isListening,
        httpEndPoint: filled(new gossip.EndPoint(), { address, port }),
      });
    });
    return filled(new gossip.ClusterInfo(), { membersList });
  }
}

const FEATURES: Readonly<Record<string, string[]>> = {
  '/event_store.client.streams.Streams/Read': ['position', 'events'],
  '/event_store.client.streams.Streams/BatchAppend': ['deadline_duration'],
};

/** Returns the features that the server announces. */
function supportedMethods(version: string): SupportedMethods {
  const { appendSession: session, appendRecords: records } = newStreamsService.StreamsServiceService;
  const methodsList = [
    ...Object.values(streamsService.StreamsService),
    ...Object.values(featuresService.ServerFeaturesService),
    ...(version === '24.10.0' ? [] : [session]),
    ...(version === '26.1.0' ? [records] : []),
  ].map(({ path }: { path: string }) => {
    const [, serviceName = '', methodName = ''] = path.toLowerCase().split('/');
    const featuresList = FEATURES[path] ?? [];
    return filled(new features.SupportedMethod(), { serviceName, methodName, featuresList });
  });
  return filled(new features.SupportedMethods(), { methodsList, eventStoreServerVersion: version });
}

/** The real server's limit in bytes: an event of 16 MiB and its envelope. */
const MESSAGE_MAX = 17 * 1024 * 1024;

/**
 * A gRPC server behind a port whose connections can be cut as those of a killed process. gRPC's own server closes them
 * gracefully.
 */
class Listener {
  readonly id = randomUUID();
  readonly server = new Server({ 'grpc.max_receive_message_length': MESSAGE_MAX });
  readonly #injector: ReturnType<Server['createConnectionInjector']>;
  readonly #sockets = new Set<Socket>();
  #tcp: TcpServer | null = null;
  port = 0;

  constructor(credentials: ServerCredentials) {
    this.#injector = this.server.createConnectionInjector(credentials);
  }

  get isListening(): boolean {
    return this.#tcp !== null;
  }

  /** Listens on a free port, and later on the same one. */
  async listen(): Promise<void> {
    if (this.#tcp !== null) return;
    this.#tcp = createServer((socket) => {
      this.#sockets.add(socket);
      // The calls notice a lost connection.
      socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
      this.#injector.injectConnection(socket);
    });
    this.#tcp.listen(this.port, ADDRESS);
    await once(this.#tcp, 'listening');
    this.port = (this.#tcp.address() as AddressInfo).port;
  }

  /** Stops listening, and cuts all connections. */
  cut(): void {
    this.#tcp?.close();
    this.#tcp = null;
    for (const socket of this.#sockets) socket.destroy();
  }

  stop(): void {
    this.cut();
    this.server.forceShutdown();
  }
}
