import { once } from 'node:events';
import { Client } from 'pg';
import type { Pool } from 'pg';
import { systemClock } from '#event-sourcing/clock';
import { systemRandom } from '#event-sourcing/random';
import type { PostgresqlAddress } from '#postgresql/address';
import type { Timeouts } from '#postgresql/pool';

/** The interval of looks at the end of the log, in milliseconds. */
const POLL_MS = 250;
/** The pause before a new listening connection, in milliseconds. */
const RELISTEN_MS = 1_000;
/** The shortest time between two notifications, in milliseconds. */
const NOTIFY_MS = 10;

const channelOf = ({ schema }: PostgresqlAddress): string => `docket_events_${schema}`;

/** Notifies other processes that the log has grown, outside the transactions of appends and at a limited rate. */
export class LogNotifier {
  /** Distinguishes this process's notifications from others. */
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

  /** Resolves when no notification is being sent. */
  async settled(): Promise<void> {
    await this.#sending;
  }

  async #send(): Promise<void> {
    while (this.#due) {
      this.#due = false;
      // The notification is only a hint: other processes also poll.
      await this.#pool.query('SELECT pg_notify($1, $2)', [this.#channel, this.id]).catch(() => undefined);
      await systemClock.sleep(NOTIFY_MS);
    }
  }
}

interface LogWatchOptions {
  readonly address: PostgresqlAddress;
  readonly timeouts: Timeouts;
  readonly lastPosition: () => Promise<number>;
  /** The notifier whose notifications are ignored, because they are this process's own. */
  readonly own: LogNotifier;
  readonly onGrowth: () => void;
  /** Called when the listening connection breaks. */
  readonly onLost: () => void;
}

/**
 * Detects that the log has grown: polls the end of the log once for all followers, and listens for hints in between.
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
      // If the position could not be read, the log may have grown; null equals no position.
      const last = await this.#options.lastPosition().catch(() => null);
      if (last !== null && last !== seen) this.#options.onGrowth();
      seen = last;
      await this.#pause(POLL_MS);
    }
  }

  async #listen(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      // Polling continues without it.
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
    // A connection that breaks emits this event before its end.
    client.on('error', () => undefined);
    client.on('notification', ({ payload }) => {
      if (payload !== own.id) onGrowth();
    });
    try {
      // The driver never settles a connection attempt that is ended, so stopping does not wait for it.
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

  /** Pauses; ends early if the watch stops. */
  async #pause(ms: number): Promise<void> {
    await systemClock.sleep(ms, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}
