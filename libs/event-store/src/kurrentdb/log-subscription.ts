import { START, streamNameFilter } from '@kurrent/kurrentdb-client';
import { systemClock } from '#event-sourcing/clock';
import type { Envelope } from '#event-sourcing/envelope';
import { hasCode } from '#event-sourcing/errors';
import type { StoreReports } from '#event-sourcing/store-observer';
import type { Subscription } from '#event-sourcing/event-store';
import { OpenSubscriptions } from '../open-subscriptions.ts';
import type { Connection } from './connection.ts';
import { DroppedError, IncomingRecords } from './incoming-records.ts';
import { parseLogPosition, positionText } from './log-position.ts';
import type { StreamNames } from './stream-names.ts';
import type { Values } from './values.ts';

/** The number of records that the client buffers; then the server waits. */
const RECORDS_AHEAD = 64;
/** The server sends a checkpoint after 32 times this many records of other applications. */
const CHECKPOINT_INTERVAL = 32;
const FIRST_PAUSE_MS = 100;
/** The longest pause in milliseconds; short, so that followers continue soon after the server is available again. */
const PAUSE_MS_MAX = 2_000;

type Handler = (batch: readonly Envelope[]) => Promise<void>;

/** Wraps an error of a handler, as opposed to an error of the store. */
class HandlerError extends Error {}

async function runHandler(handler: Handler, batch: readonly Envelope[]): Promise<void> {
  try {
    await handler(batch);
  } catch (error) {
    throw new HandlerError('the handler of a subscription threw', { cause: error });
  }
}

/** The subscriptions of one store. Each continues from its position after a lost connection. */
export class LogSubscriptions {
  readonly #connection: Connection;
  readonly #names: StreamNames;
  readonly #values: Values;
  readonly #reports: StoreReports | undefined;
  readonly #open = new OpenSubscriptions();

  constructor(
    connection: Connection,
    parts: { names: StreamNames; values: Values; reports: StoreReports | undefined },
  ) {
    this.#connection = connection;
    this.#names = parts.names;
    this.#values = parts.values;
    this.#reports = parts.reports;
  }

  /** Follows the log with one batch in progress. Closing waits for that batch, so a handler must not await it. */
  follow(after: string, handler: Handler): Subscription {
    parseLogPosition(after);
    return this.#open.start((closing) => this.#run(after, handler, closing));
  }

  async closeAll(): Promise<void> {
    await this.#open.closeAll();
  }

  async #run(after: string, handler: Handler, closing: AbortSignal): Promise<void> {
    let position = after;
    let pause = FIRST_PAUSE_MS;
    while (!closing.aborted) {
      const incoming = this.#subscribe(position);
      try {
        await this.#handOver(incoming, handler, closing);
      } catch (error) {
        const isDropped = error instanceof DroppedError;
        const isOfHandler = error instanceof HandlerError;
        this.#reports?.subscriptionDropped(isDropped ? 'connection' : isOfHandler ? 'handler' : 'read');
        if (isOfHandler) throw error.cause;
        if (!isDropped && !hasCode(error, 'store-unavailable')) throw error;
      } finally {
        incoming.end();
      }
      pause = incoming.position === position ? Math.min(pause * 2, PAUSE_MS_MAX) : FIRST_PAUSE_MS;
      position = incoming.position;
      await systemClock.sleep(pause, { signal: closing }).catch(() => undefined);
    }
  }

  /** Passes records to the handler until the subscription is dropped or closed. */
  async #handOver(incoming: IncomingRecords, handler: Handler, closing: AbortSignal): Promise<void> {
    while (await incoming.some(closing)) {
      const records = await incoming.nextRecords();
      const { events: batch, damage } = await this.#values.joinReadable(records);
      if (closing.aborted) return;
      if (batch.length > 0) await runHandler(handler, batch);
      if (damage !== null) throw damage;
      incoming.markHandled(records);
    }
  }

  #subscribe(position: string): IncomingRecords {
    return new IncomingRecords(position, (checkpointReached) => {
      const prefixes = [this.#names.events, this.#names.values];
      const filter = streamNameFilter({
        prefixes,
        checkpointInterval: CHECKPOINT_INTERVAL,
        checkpointReached: (_, { commit, prepare }) => {
          checkpointReached(positionText({ commit, prepare }));
          return Promise.resolve();
        },
      });
      const fromPosition = parseLogPosition(position) ?? START;
      return this.#connection.subscriber.subscribeToAll(
        { fromPosition, filter, requiresLeader: true },
        { highWaterMark: RECORDS_AHEAD },
      );
    });
  }
}
