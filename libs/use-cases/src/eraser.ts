import { setTimeout as sleep } from 'node:timers/promises';
import { COMMAND_DIGEST } from '../../event-sourcing/src/envelope.ts';
import type { Pointer } from '../../event-sourcing/src/envelope.ts';
import type { EventStore } from '../../event-sourcing/src/event-store.ts';
import { streamEvents } from '../../event-sourcing/src/event-store.ts';
import { followerCheckpoint, saveFollowerCheckpoint } from '../../projections/src/follower-checkpoint.ts';
import { comparePositions } from '../../projections/src/position.ts';
import { waitForPosition } from '../../projections/src/projection-status.ts';
import type { ReadModelDatabase } from '../../projections/src/read-model-database.ts';
import { ReadModelMissingError } from '../../projections/src/read-live.ts';
import { redactionsAfter } from '../../projections/src/redactions/redactions-projection.ts';
import type { RedactionRow } from '../../projections/src/redactions/redactions-projection.ts';

export interface EraserOptions {
  readonly store: EventStore;
  readonly database: ReadModelDatabase;
  /** The read models that may hold what is erased. */
  readonly projections: readonly string[];
  /** Told of what went wrong; the eraser tries again by itself. */
  readonly onError: (error: unknown) => void;
  /** How often it looks for redactions, also those of other nodes. */
  readonly pollMs?: number;
}

const NAME = 'eraser';
const BATCH = 100;
/** How long read models may take to reach a redaction, or a reader to let go of a log, before it is tried again. */
const PATIENCE_MS = 5_000;
const RETRY_MS = 1_000;

/**
 * Erases what redactions name: the values in the store, and what the read models made of them. It follows the log with
 * a checkpoint of its own, and erasing twice changes nothing, so it finishes after a crash whatever it was at.
 */
export class Eraser {
  readonly #options: EraserOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  /** Up to where everything is erased. */
  #position = '0';
  /** Ends the pause between two looks. */
  #wake: () => void = () => undefined;

  constructor(options: EraserOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#running;
  }

  /** Waits until all redactions up to a position are carried out: true, or false when the time is over. */
  async erasedUpTo(position: string, timeoutMs: number): Promise<boolean> {
    const until = performance.now() + timeoutMs;
    while (comparePositions(this.#position, position) < 0) {
      if (performance.now() >= until || this.#stopping.signal.aborted) return false;
      this.#wake();
      await sleep(10);
    }
    return true;
  }

  async #run(): Promise<void> {
    const { onError, pollMs = 500 } = this.#options;
    while (!this.#stopping.signal.aborted) {
      let pauseMs = pollMs;
      try {
        if (await this.#eraseNext()) continue;
      } catch (error) {
        // On a new database the projections are still to be made, and nothing is redacted.
        if (!(error instanceof ReadModelMissingError)) {
          onError(error);
          pauseMs = RETRY_MS;
        }
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pauseMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** False where no redaction waits. */
  async #eraseNext(): Promise<boolean> {
    const { database } = this.#options;
    const after = await followerCheckpoint(database, NAME);
    const { rows, position } = await redactionsAfter(database, after, BATCH);
    const last = rows.at(-1);
    if (last === undefined) {
      this.#position = position;
      return false;
    }
    for (const row of rows) await this.#eraseFromStore(row);
    await this.#eraseFromReadModels(last.position);
    await saveFollowerCheckpoint(database, NAME, last.id);
    return true;
  }

  async #eraseFromStore({ stream_id, event_id, pointers }: RedactionRow): Promise<void> {
    const { store, onError } = this.#options;
    for await (const { eventId, version, command } of streamEvents(store, stream_id)) {
      if (eventId !== event_id) continue;
      await store.erase(stream_id, version, JSON.parse(pointers) as Pointer[]);
      // Every event of the command has a digest of the whole request, by which a short text could be guessed.
      for (const sibling of command.digest === null ? [] : await store.findCommand(command.id)) {
        if (Object.hasOwn(sibling.salts, COMMAND_DIGEST))
          await store.erase(sibling.streamId, sibling.version, [COMMAND_DIGEST]);
      }
      return;
    }
    // Nothing is left to be erased; trying again would keep all later redactions waiting.
    onError(new Error(`A redaction names event ${event_id}, which ${stream_id} does not have`));
  }

  /** The rows lose the text when the redaction is folded; then the database's log must not keep it either. */
  async #eraseFromReadModels(position: string): Promise<void> {
    const { database, projections } = this.#options;
    if (!(await waitForPosition(database, projections, position, PATIENCE_MS))) {
      throw new Error(`The read models have not reached the redaction at position ${position} yet`);
    }
    const until = performance.now() + PATIENCE_MS;
    while (!database.truncateLog()) {
      if (performance.now() >= until) {
        throw new Error("Another reader keeps the read models' log from being cut off after a redaction");
      }
      await sleep(10);
    }
  }
}
