import { randomUUID } from 'node:crypto';
import { commandIds } from '#audit/seal';
import type { Actor } from '#event-sourcing/envelope';
import { hasCode, messageOf, StoreUnavailableError } from '#event-sourcing/errors';
import type { EventDraft, EventStore } from '#event-sourcing/event-store';
import type { CommitHeader } from '#lifecycle/commit-for';
import { londonDate } from '#state-machines/london';
import type { CountedRefusals } from '#state-machines/refusal-events';
import { RefusalWindow } from '../refusals/refusal-window.ts';
import type { RefusalLimits } from '../refusals/refusal-window.ts';
import { SharedStream } from './shared-stream.ts';

/** What is recorded: in which stream of each day, under which names, and how its counts are told. */
export interface RecordedKind {
  /** In the plural. */
  readonly name: string;
  readonly streamOf: (day: string) => string;
  readonly counted: (counted: CountedRefusals, day: string) => EventDraft;
}

/** One thing to record: whose it is, and by which code it is counted where it is too much. */
export interface Recorded {
  readonly header: Omit<CommitHeader, 'ids'>;
  readonly code: string;
  readonly draftOf: (day: string) => EventDraft;
}

/** Who counts. No person has this subject's roles. */
const COUNTER: Actor = { subject: 'docket:server', roles: [] };

/**
 * Puts on record what anybody can cause as often as they like, in a stream of its own for each day in London. So that a flood of it
 * cannot fill the log, what is beyond the limits is counted, and the counts are recorded once a window.
 */
export class BoundedRecording {
  readonly #store: Pick<EventStore, 'append'>;
  readonly #kind: RecordedKind;
  readonly #window: RefusalWindow;
  readonly #onError: (message: string) => void;
  #today: { readonly day: string; readonly stream: SharedStream } | null = null;
  #writing: Promise<void> = Promise.resolve();

  /** `onError` is told why counts could not be written. */
  constructor(
    store: Pick<EventStore, 'append'>,
    kind: RecordedKind,
    onError: (message: string) => void,
    limits: RefusalLimits,
  ) {
    this.#store = store;
    this.#kind = kind;
    this.#onError = onError;
    this.#window = new RefusalWindow(limits);
  }

  /**
   * Records one; false where it was counted.
   * @throws StoreUnavailableError where it cannot be recorded.
   */
  async record({ header, code, draftOf }: Recorded): Promise<boolean> {
    if (!this.#window.admit(header.actor.subject, code, header.now)) return false;
    try {
      await this.#append(header, (day) => [draftOf(day)]);
    } catch (error) {
      if (!hasCode(error, 'version-conflict')) throw error;
      throw new StoreUnavailableError(
        `the ${this.#kind.name} could not be recorded: others wrote all the time`,
        {
          cause: error,
        },
      );
    }
    return true;
  }

  /** Records the counts of a window that has ended. To be called now and then; never rejects. */
  writeCounted(now: number): Promise<void> {
    this.#writing = this.#writing.then(() => this.#writeTaken(this.#window.takeEnded(now), now));
    return this.#writing;
  }

  /** Records what was counted until now. Never rejects. */
  async close(now: number): Promise<void> {
    await this.#writing;
    await this.#writeTaken(this.#window.takeAll(), now);
  }

  async #writeTaken(counted: readonly CountedRefusals[], now: number): Promise<void> {
    if (counted.length === 0) return;
    const { name, counted: draftOf } = this.#kind;
    const header = { name: `count-${name}`, actor: COUNTER, now, correlationId: randomUUID() };
    try {
      await this.#append(header, (day) => counted.map((one) => draftOf(one, day)));
    } catch (error) {
      this.#window.putBack(counted, now);
      const reason = messageOf(error);
      const total = counted.reduce((sum, { count }) => sum + count, 0);
      this.#onError(`${total} ${name} were counted and the count is not on record: ${reason}`);
    }
  }

  /** Under an id of its own: an Idempotency-Key is remembered for what was carried out only. */
  #append(
    header: Omit<CommitHeader, 'ids'>,
    draftsOf: (day: string) => readonly EventDraft[],
  ): Promise<void> {
    const day = londonDate(header.now);
    if (this.#today?.day !== day) {
      this.#today = { day, stream: new SharedStream(this.#store, this.#kind.streamOf(day)) };
    }
    return this.#today.stream.append({ ...header, ids: commandIds(randomUUID()) }, draftsOf(day));
  }
}
