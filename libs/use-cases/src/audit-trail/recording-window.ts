/** How many entries of a list a process records in a minute. */
export interface RecordingLimits {
  readonly ofOne: number;
  readonly ofAll: number;
}

export const RECORDING_LIMITS: RecordingLimits = { ofOne: 120, ofAll: 6_000 };

const MINUTE_MS = 60_000;

/** Decides which entries are recorded, and counts the others. */
export class RecordingWindow {
  readonly #limits: RecordingLimits;
  #since = Number.NEGATIVE_INFINITY;
  #recorded = 0;
  readonly #recordedOf = new Map<string, number>();
  #leftOut = 0;

  constructor(limits: RecordingLimits) {
    this.#limits = limits;
  }

  /** Returns whether the entry is to be recorded. `now` is in milliseconds since 1970. */
  admit(subject: string, now: number): boolean {
    // A clock that was set back also ends a minute; otherwise it would last until the clock catches up.
    if (this.isOver(now)) {
      this.#since = now;
      this.#recorded = 0;
      this.#recordedOf.clear();
    }
    const ofOne = this.#recordedOf.get(subject) ?? 0;
    const isAdmitted = ofOne < this.#limits.ofOne && this.#recorded < this.#limits.ofAll;
    if (isAdmitted) {
      this.#recordedOf.set(subject, ofOne + 1);
      this.#recorded += 1;
    } else {
      this.#leftOut += 1;
    }
    return isAdmitted;
  }

  isOver(now: number): boolean {
    return now - this.#since >= MINUTE_MS || now < this.#since;
  }

  /** Returns the number of entries left out since the last call. */
  takeLeftOut(): number {
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    return leftOut;
  }
}
