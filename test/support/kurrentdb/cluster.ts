import { randomUUID } from 'node:crypto';
import { ServerCredentials } from '@grpc/grpc-js';
import type { AppendLimits } from './append-limits.ts';
import type { Endpoint } from './call-error.ts';
import { Faults } from './faults.ts';
import { Gate } from './gate.ts';
import type { Credentials } from './gate.ts';
import type { Member } from './gossip.ts';
import { ADDRESS, Listener } from './listener.ts';
import { LogStore } from './log-store.ts';
import type { Node } from './node.ts';
import type { Version } from './server-features.ts';
import { addServices } from './services.ts';
import { Subscriptions } from './subscriptions.ts';

interface ClusterOptions {
  readonly version: Version;
  readonly nodes: number;
  readonly limits: AppendLimits;
  readonly credentials: Credentials | null;
  /** The key and certificate in PEM; null for plain text. */
  readonly tls: { readonly key: Buffer; readonly certificate: Buffer } | null;
}

/**
 * The nodes of a cluster, each on its own port, in one process with one log, so that replication is immediate. One node
 * is the leader. A follower forwards writes, unless they require the leader.
 */
export class Cluster {
  readonly store = new LogStore();
  readonly faults = new Faults();
  readonly subscriptions = new Subscriptions();
  readonly #options: ClusterOptions;
  readonly #listeners: readonly Listener[];
  readonly #ids: readonly string[];
  #leader = 0;

  constructor(options: ClusterOptions) {
    this.#options = options;
    const credentials =
      options.tls === null
        ? ServerCredentials.createInsecure()
        : ServerCredentials.createSsl(null, [
            { private_key: options.tls.key, cert_chain: options.tls.certificate },
          ]);
    this.#listeners = Array.from({ length: options.nodes }, (_, index) => {
      const listener = new Listener(credentials);
      addServices(listener.server, this.#nodeAt(index), {
        version: options.version,
        members: () => this.#members(),
      });
      return listener;
    });
    this.#ids = this.#listeners.map(() => randomUUID());
  }

  get endpoints(): Endpoint[] {
    return this.#listeners.map(({ port }) => ({ host: this.#host, port }));
  }

  /** Returns the name in the certificate, or the address. */
  get #host(): string {
    return this.#options.tls === null ? ADDRESS : 'localhost';
  }

  async start(): Promise<void> {
    for (const listener of this.#listeners) await listener.listen();
  }

  makeLeader(node: number): void {
    this.#listenerAt(node);
    this.#leader = node;
  }

  /** Stops a node: it stops listening, and its connections are cut. Revives it after `ms`, if set. */
  kill(node: number, ms?: number): void {
    this.#listenerAt(node).cut();
    // A rejection ends the process, which the users of the node notice.
    if (ms !== undefined) setTimeout(() => void this.revive(node), ms);
  }

  /** Makes a stopped node listen again on its port. */
  async revive(node: number): Promise<void> {
    await this.#listenerAt(node).listen();
  }

  #nodeAt(index: number): Node {
    const membership = () => ({
      isLeader: index === this.#leader,
      leader: { host: this.#host, port: this.#listenerAt(this.#leader).port },
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
    return this.#listeners.map(({ port, isListening }, index) => ({
      id: this.#ids[index] ?? '',
      host: this.#host,
      port,
      isLeader: index === this.#leader,
      isAlive: isListening,
    }));
  }

  #listenerAt(node: number): Listener {
    const listener = this.#listeners[node];
    if (listener === undefined) throw new Error(`there is no node ${node}`);
    return listener;
  }
}
