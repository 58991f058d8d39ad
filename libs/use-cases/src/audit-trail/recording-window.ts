/** How many entries are recorded individually per time window; further entries are counted. */
export interface RecordingLimits {
  readonly windowMs: number;
  /** The number recorded individually, per person and in total. */
  readonly ofOne: number;
  readonly ofAll: number;
  /** The number of people counted by name; all others share one line. */
  readonly named: number;
}

/**
 * Per minute, a process adds at most 6,000 entries of a list and 101 counts to the log; one person causes at most 120 entries and one
 * count.
 */
export const RECORDING_LIMITS: RecordingLimits = { windowMs: 60_000, ofOne: 120, ofAll: 6_000, named: 100 };

/** The entries of one person beyond the limits, by code; the subject is null for all people who are not counted by name. */
export interface Counted {
  readonly subject: string | null;
  readonly count: number;
  /** Instants of the first and the last entry. */
  readonly from: string;
  readonly to: string;
  readonly codes: Readonly<Record<string, number>>;
}

/** Decides which entries are recorded individually and counts the others, in bounded memory. */
export class RecordingWindow {
  readonly #limits: RecordingLimits;
  #recordedSince = Number.NEGATIVE_INFINITY;
  #recorded = 0;
  readonly #recordedOf = new Map<string, number>();
  #countedSince = 0;
  readonly #counted = new Map<string | null, Counted>();

  constructor(limits: RecordingLimits) {
    this.#limits = limits;
  }

  /** Returns true if the entry is to be recorded individually; otherwise counts it. `now` is in milliseconds since 1970. */
  admit(subject: string, code: string, now: number): boolean {
    if (this.#isOver(this.#recordedSince, now)) {
      this.#recordedSince = now;
      this.#recorded = 0;
      this.#recordedOf.clear();
    }
    const ofOne = this.#recordedOf.get(subject) ?? 0;
    if (ofOne < this.#limits.ofOne && this.#recorded < this.#limits.ofAll) {
      this.#recordedOf.set(subject, ofOne + 1);
      this.#recorded += 1;
      return true;
    }
    const at = new Date(now).toISOString();
    this.putBack([{ subject, count: 1, from: at, to: at, codes: { [code]: 1 } }], now);
    return false;
  }

  /** Returns and removes the counts of a window that has ended, by person. */
  drainEnded(now: number): Counted[] {
    return this.#isOver(this.#countedSince, now) ? this.drain() : [];
  }

  drain(): Counted[] {
    const counts = [...this.#counted.values()];
    this.#counted.clear();
    return counts;
  }

  /** Adds counts back that could not be recorded; the next call returns them again. */
  putBack(counts: readonly Counted[], now: number): void {
    for (const more of counts) {
      if (this.#counted.size === 0) this.#countedSince = now;
      const named = this.#counted.size - (this.#counted.has(null) ? 1 : 0);
      const isNamed = this.#counted.has(more.subject) || named < this.#limits.named;
      const subject = isNamed ? more.subject : null;
      this.#counted.set(subject, { ...sumOf(this.#counted.get(subject), more), subject });
    }
  }

  /** A clock that was set back also ends a window; otherwise the window would last until the clock catches up. */
  #isOver(since: number, now: number): boolean {
    return now - since >= this.#limits.windowMs || now < since;
  }
}

function sumOf(before: Counted | undefined, more: Counted): Counted {
  if (before === undefined) return more;
  const codes = { ...before.codes };
  for (const [code, count] of Object.entries(more.codes)) codes[code] = (codes[code] ?? 0) + count;
  const from = before.from < more.from ? before.from : more.from;
  const to = before.to > more.to ? before.to : more.to;
  return { ...more, count: before.count + more.count, from, to, codes };
}
