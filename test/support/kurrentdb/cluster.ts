import { randomUUID } from 'node:crypto';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { AppendLimits } from './append-limits.ts';
import type { Endpoint } from './call-error.ts';
import { Faults } from './faults.ts';
import { Gate } from './gate.ts';
import type { Credentials } from './gate.ts';
import type { Member } from './gossip.ts';
import { LogStore } from './log-store.ts';
import type { Node } from './node.ts';
import type { Version } from './server-features.ts';
import { addServices } from './services.ts';
import { Subscriptions } from './subscriptions.ts';

export interface ClusterOptions {
  readonly version: Version;
  readonly nodes: number;
  readonly limits: AppendLimits;
  readonly credentials: Credentials | null;
  /** PEM; without it the server speaks in clear. */
  readonly tls: { readonly key: Buffer; readonly certificate: Buffer } | null;
}

const HOST = '127.0.0.1';
/** As the server's own: an event of 16 MiB and what is around it. */
const MESSAGE_MAX = 17 * 1024 * 1024;

interface Listener {
  readonly id: string;
  port: number;
  server: Server | null;
}

/**
 * The nodes of a cluster, each on a port of its own, in one process with one log: what the leader has stored all have
 * at once, whoever leads next. One of them is the leader; a follower passes writes on, unless they ask for the leader.
 */
export class Cluster {
  readonly store = new LogStore();
  readonly faults = new Faults();
  readonly subscriptions = new Subscriptions();
  readonly #options: ClusterOptions;
  readonly #listeners: Listener[];
  #leader = 0;

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.#listeners = Array.from({ length: options.nodes }, () => ({
      id: randomUUID(),
      port: 0,
      server: null,
    }));
  }

  get endpoints(): Endpoint[] {
    return this.#listeners.map(({ port }) => ({ host: HOST, port }));
  }

  get leader(): number {
    return this.#leader;
  }

  async start(): Promise<void> {
    for (const index of this.#listeners.keys()) await this.revive(index);
  }

  lead(node: number): void {
    this.#listenerAt(node);
    this.#leader = node;
  }

  /** Stops a node: nobody is listened to any more, and connections are cut. Its port stays its own. */
  kill(node: number): void {
    const listener = this.#listenerAt(node);
    listener.server?.forceShutdown();
    listener.server = null;
  }

  /** Lets a stopped node listen again, on its port. */
  async revive(node: number): Promise<void> {
    const listener = this.#listenerAt(node);
    if (listener.server !== null) return;
    const server = new Server({ 'grpc.max_receive_message_length': MESSAGE_MAX });
    addServices(server, this.#nodeAt(node), {
      version: this.#options.version,
      members: () => this.#members(),
    });
    listener.server = server;
    listener.port = await this.#bind(server, listener.port);
  }

  #bind(server: Server, port: number): Promise<number> {
    const { tls } = this.#options;
    const credentials =
      tls === null
        ? ServerCredentials.createInsecure()
        : ServerCredentials.createSsl(null, [{ private_key: tls.key, cert_chain: tls.certificate }]);
    return new Promise((resolve, reject) => {
      server.bindAsync(`${HOST}:${port}`, credentials, (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
  }

  #nodeAt(index: number): Node {
    const membership = () => ({
      isLeader: index === this.#leader,
      leader: { host: HOST, port: this.#listenerAt(this.#leader).port },
    });
    return {
      store: this.store,
      faults: this.faults,
      subscriptions: this.subscriptions,
      limits: this.#options.limits,
      gate: new Gate(membership, this.faults, this.#options.credentials),
    };
  }

  #members(): Member[] {
    return this.#listeners.map(({ id, port, server }, index) => ({
      id,
      host: HOST,
      port,
      isLeader: index === this.#leader,
      isAlive: server !== null,
    }));
  }

  #listenerAt(node: number): Listener {
    const listener = this.#listeners[node];
    if (listener === undefined) throw new Error(`there is no node ${node}`);
    return listener;
  }
}
