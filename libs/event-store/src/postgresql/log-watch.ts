import { once } from 'node:events';
import { Client } from 'pg';
import type { Pool } from 'pg';
import { systemClock } from '#event-sourcing/clock';
import { systemRandom } from '#event-sourcing/random';
import type { PostgresqlAddress } from '#postgresql/address';
import type { Timeouts } from '#postgresql/pool';

/** How often the log's end is looked at. */
const POLL_MS = 250;
/** How long after its end the listening connection is made again. */
const RELISTEN_MS = 1_000;
/** No more than one notification is sent in this time. */
const NOTIFY_MS = 10;

const channelOf = ({ schema }: PostgresqlAddress): string => `docket_events_${schema}`;

/** Tells other processes that the log has grown: outside the appends' transactions, and at most so often. */
export class LogNotifier {
  /** Tells the notifications of this process from those of others. */
  readonly id = systemRandom.uuid();
  readonly #pool: Pool;
  readonly #channel: string;
  #due = false;
  #sending: Promise<void> | undefined;

  constructor(pool: Pool, address: PostgresqlAddress) {
    this.#pool = pool;
    this.#channel = channelOf(address);
  }

  notify(): void {
    this.#due = true;
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined;
    });
  }

  /** Resolves when nothing is sent any more. */
  async settled(): Promise<void> {
    await this.#sending;
  }

  async #send(): Promise<void> {
    while (this.#due) {
      this.#due = false;
      // Only a hint: who does not get it finds out by polling.
      await this.#pool.query('SELECT pg_notify($1, $2)', [this.#channel, this.id]).catch(() => undefined);
      await systemClock.sleep(NOTIFY_MS);
    }
  }
}

interface LogWatchOptions {
  readonly address: PostgresqlAddress;
  readonly timeouts: Timeouts;
  readonly lastPosition: () => Promise<number>;
  /** Whose notifications tell nothing new. */
  readonly own: LogNotifier;
  readonly onGrowth: () => void;
  /** Told when the listening connection has broken. */
  readonly onLost: () => void;
}

/**
 * Sees that the log has grown: one look at its end every so often, whatever the number of followers, and a connection that
 * listens for hints between.
 */
export class LogWatch {
  readonly #options: LogWatchOptions;
  readonly #stopping = new AbortController();
  readonly #stopped: Promise<unknown>;
  readonly #running: Promise<unknown>;

  constructor(options: LogWatchOptions) {
    this.#options = options;
    this.#stopped = once(this.#stopping.signal, 'abort');
    this.#running = Promise.all([this.#poll(), this.#listen()]);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #poll(): Promise<void> {
    let seen: number | null = null;
    while (!this.#stopping.signal.aborted) {
      // A store that could not be asked may have grown meanwhile; null is equal to no position.
      const last = await this.#options.lastPosition().catch(() => null);
      if (last !== null && last !== seen) this.#options.onGrowth();
      seen = last;
      await this.#pause(POLL_MS);
    }
  }

  async #listen(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      // Without it the log's end is still looked at.
      await this.#listenOnce().catch(() => undefined);
      await this.#pause(RELISTEN_MS);
    }
  }

  /** Resolves when the connection has ended or the watch stops. */
  async #listenOnce(): Promise<void> {
    const { address, timeouts, own, onGrowth } = this.#options;
    const client = new Client({
      connectionString: address.connectionString,
      application_name: 'docket listen',
      keepAlive: true,
      connectionTimeoutMillis: timeouts.connect,
      query_timeout: timeouts.answer,
    });
    // A connection that breaks emits this and then its end.
    client.on('error', () => undefined);
    client.on('notification', ({ payload }) => {
      if (payload !== own.id) onGrowth();
    });
    try {
      // The driver never answers a client that is ended while it connects, so a stop does not wait for that answer.
      await Promise.race([this.#listenOn(client), this.#stopped]);
    } finally {
      await client.end();
    }
  }

  async #listenOn(client: Client): Promise<void> {
    const { address, onGrowth, onLost } = this.#options;
    const ended = new Promise<void>((resolve) => client.once('end', resolve));
    await client.connect();
    await client.query(`LISTEN ${client.escapeIdentifier(channelOf(address))}`);
    onGrowth();
    await ended;
    if (!this.#stopping.signal.aborted) onLost();
  }

  /** Shorter where the watch stops. */
  async #pause(ms: number): Promise<void> {
    await systemClock.sleep(ms, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}
