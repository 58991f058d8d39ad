import type { Random } from '#event-sourcing/random';
import { commandIds } from '#audit/seal';
import type { Actor } from '#event-sourcing/envelope';
import { hasCode, messageOf, StoreUnavailableError } from '#event-sourcing/errors';
import type { EventDraft, EventStore } from '#event-sourcing/event-store';
import type { CommitHeader } from '#lifecycle/commit-for';
import { londonDate } from '#state-machines/london';
import { trailDraft, trailStream } from '#state-machines/audit-trail-events';
import type { TrailName } from '#state-machines/audit-trail-events';
import { SharedStream } from '../log/shared-stream.ts';
import { RecordingWindow } from './recording-window.ts';
import type { Counted, RecordingLimits } from './recording-window.ts';

/** An entry of the list. Beyond the limits, entries are counted by `code`. */
interface Recorded {
  readonly header: Omit<CommitHeader, 'ids'>;
  readonly code: string;
  readonly draftOf: (day: string) => EventDraft;
}

/** The actor of events that record counts. It has no roles. */
const COUNTER: Actor = { subject: 'docket:server', roles: [] };

/** Returns the event that records a person's count in a list. */
const countDraft = (list: TrailName, { codes, ...counted }: Counted, day: string): EventDraft =>
  list === 'refusals'
    ? trailDraft('RefusalsCounted', { ...counted, codes }, day)
    : trailDraft('AccessesCounted', { ...counted, kinds: codes }, day);

/**
 * Records the entries of one list of the audit trail, in one stream per London day. Entries beyond the limits
 * are only counted, and the counts are recorded once per window, so a flood of entries cannot fill the log.
 */
export class BoundedRecording {
  readonly #store: Pick<EventStore, 'append'>;
  readonly #random: Random;
  readonly #list: TrailName;
  readonly #window: RecordingWindow;
  readonly #onError: (message: string) => void;
  #today: { readonly day: string; readonly stream: SharedStream } | null = null;
  #writing: Promise<void> = Promise.resolve();

  /** @param onError is called when counts could not be recorded. */
  constructor(
    store: Pick<EventStore, 'append'>,
    random: Random,
    list: TrailName,
    onError: (message: string) => void,
    limits: RecordingLimits,
  ) {
    this.#store = store;
    this.#random = random;
    this.#list = list;
    this.#onError = onError;
    this.#window = new RecordingWindow(limits);
  }

  /** Records an entry. Returns false if it was only counted. @throws StoreUnavailableError if it cannot be recorded. */
  async record({ header, code, draftOf }: Recorded): Promise<boolean> {
    if (!this.#window.admit(header.actor.subject, code, header.now)) return false;
    try {
      await this.#append(header, (day) => [draftOf(day)]);
    } catch (error) {
      if (!hasCode(error, 'version-conflict')) throw error;
      const reason = `the ${this.#list} could not be recorded: other writers kept appending`;
      throw new StoreUnavailableError(reason, { cause: error });
    }
    return true;
  }

  /** Records the counts of an ended window. Call it regularly; it never rejects. */
  writeCounted(now: number): Promise<void> {
    this.#writing = this.#writing.then(() => this.#writeTaken(this.#window.drainEnded(now), now));
    return this.#writing;
  }

  /** Records all counts so far. Never rejects. */
  async close(now: number): Promise<void> {
    await this.#writing;
    await this.#writeTaken(this.#window.drain(), now);
  }

  async #writeTaken(counted: readonly Counted[], now: number): Promise<void> {
    if (counted.length === 0) return;
    const list = this.#list;
    const header = { name: `count-${list}`, actor: COUNTER, now, correlationId: this.#random.uuid() };
    try {
      await this.#append(header, (day) => counted.map((one) => countDraft(list, one, day)));
    } catch (error) {
      this.#window.putBack(counted, now);
      const reason = messageOf(error);
      const total = counted.reduce((sum, { count }) => sum + count, 0);
      this.#onError(`${total} ${list} were counted, but the count was not recorded: ${reason}`);
    }
  }

  /** Appends without a command id of the request: idempotency keys are remembered only for commands that were carried out. */
  #append(
    header: Omit<CommitHeader, 'ids'>,
    draftsOf: (day: string) => readonly EventDraft[],
  ): Promise<void> {
    const day = londonDate(header.now);
    if (this.#today?.day !== day) {
      this.#today = { day, stream: new SharedStream(this.#store, trailStream(this.#list, day)) };
    }
    return this.#today.stream.append({ ...header, ids: commandIds(this.#random.uuid()) }, draftsOf(day));
  }
}
