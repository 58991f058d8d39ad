import type { Random } from '#event-sourcing/random';
import { commandIds } from '#audit/seal';
import { hasCode, StoreUnavailableError } from '#event-sourcing/errors';
import type { EventDraft, EventStore } from '#event-sourcing/event-store';
import type { CommitHeader } from '#lifecycle/commit-for';
import { londonDate } from '#state-machines/london';
import { trailStream } from '#state-machines/audit-trail-events';
import type { TrailName } from '#state-machines/audit-trail-events';
import { SharedStream } from '../log/shared-stream.ts';

/** How many entries of a list a process records in a minute, of one person and of all. */
export interface RecordingLimits {
  readonly ofOne: number;
  readonly ofAll: number;
}

export const RECORDING_LIMITS: RecordingLimits = { ofOne: 120, ofAll: 6_000 };

const MINUTE_MS = 60_000;

interface RecordingOptions {
  readonly store: Pick<EventStore, 'append'>;
  readonly random: Random;
  readonly list: TrailName;
  /** Called with the number of entries beyond the limits. */
  readonly onLeftOut: (message: string) => void;
  readonly limits: RecordingLimits;
}

/** An entry of the list. */
interface Recorded {
  readonly header: Omit<CommitHeader, 'ids'>;
  readonly draftOf: (day: string) => EventDraft;
}

/**
 * Records the entries of one list of the audit trail, in one stream per London day. Entries beyond the limits
 * are not recorded, so that a flood cannot fill the log; one line a minute in the process's log says how many.
 */
export class BoundedRecording {
  readonly #options: RecordingOptions;
  #since = Number.NEGATIVE_INFINITY;
  /** The subjects of the entries recorded since then. */
  #recorded: string[] = [];
  #leftOut = 0;
  #today: { readonly day: string; readonly stream: SharedStream } | null = null;

  constructor(options: RecordingOptions) {
    this.#options = options;
  }

  /** Records an entry. Returns false beyond the limits. @throws StoreUnavailableError if it cannot be recorded. */
  async record({ header, draftOf }: Recorded): Promise<boolean> {
    if (!this.#admit(header.actor.subject, header.now)) return false;
    try {
      await this.#append(header, draftOf);
    } catch (error) {
      if (!hasCode(error, 'version-conflict')) throw error;
      const reason = `the ${this.#options.list} could not be recorded: other writers kept appending`;
      throw new StoreUnavailableError(reason, { cause: error });
    }
    return true;
  }

  /** Reports how many entries were left out in a minute that has ended. Call it regularly. */
  reportLeftOut(now: number): void {
    if (this.#isOver(now)) this.close();
  }

  /** Reports how many entries were left out so far. */
  close(): void {
    if (this.#leftOut > 0)
      this.#options.onLeftOut(
        `${this.#leftOut} ${this.#options.list} were not recorded: there were too many in a minute`,
      );
    this.#leftOut = 0;
  }

  #admit(subject: string, now: number): boolean {
    if (this.#isOver(now)) {
      this.#since = now;
      this.#recorded = [];
    }
    const { ofOne, ofAll } = this.#options.limits;
    const isAdmitted =
      this.#recorded.length < ofAll && this.#recorded.filter((each) => each === subject).length < ofOne;
    if (isAdmitted) this.#recorded.push(subject);
    else this.#leftOut += 1;
    return isAdmitted;
  }

  /** A clock that was set back also ends a minute; otherwise it would last until the clock catches up. */
  #isOver(now: number): boolean {
    return now - this.#since >= MINUTE_MS || now < this.#since;
  }

  /** Appends without a command id of the request: idempotency keys are remembered only for commands that were carried out. */
  #append(header: Omit<CommitHeader, 'ids'>, draftOf: (day: string) => EventDraft): Promise<void> {
    const day = londonDate(header.now);
    if (this.#today?.day !== day) {
      this.#today = {
        day,
        stream: new SharedStream(this.#options.store, trailStream(this.#options.list, day)),
      };
    }
    return this.#today.stream.append({ ...header, ids: commandIds(this.#options.random.uuid()) }, [
      draftOf(day),
    ]);
  }
}
