/** How many entries are recorded one by one in a window of time; those beyond are counted. */
export interface RecordingLimits {
  readonly windowMs: number;
  /** Recorded one by one, of one person and of all together. */
  readonly ofOne: number;
  readonly ofAll: number;
  /** People who are counted by name; the rest is one line. */
  readonly named: number;
}

/** In a minute a process adds at most 6,000 entries of a list and 101 counts to the log, and one person at most 120 and a count. */
export const RECORDING_LIMITS: RecordingLimits = { windowMs: 60_000, ofOne: 120, ofAll: 6_000, named: 100 };

/** The entries of one person beyond the limits, by code; the subject is null for all who are not counted by name. */
export interface Counted {
  readonly subject: string | null;
  readonly count: number;
  /** The first and the last, as instants. */
  readonly from: string;
  readonly to: string;
  readonly codes: Readonly<Record<string, number>>;
}

/** Decides which entries are recorded one by one, and counts the others, in bounded memory. */
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

  /** Whether an entry is to be recorded by itself; if not, it has been counted. `now` is in milliseconds since 1970. */
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

  /** What has been counted since a window ago or longer, by person; it is forgotten here. */
  takeEnded(now: number): Counted[] {
    return this.#isOver(this.#countedSince, now) ? this.takeAll() : [];
  }

  takeAll(): Counted[] {
    const taken = [...this.#counted.values()];
    this.#counted.clear();
    return taken;
  }

  /** Counts again what was taken and could not be recorded; it is taken with the next. */
  putBack(taken: readonly Counted[], now: number): void {
    for (const more of taken) {
      if (this.#counted.size === 0) this.#countedSince = now;
      const named = this.#counted.size - (this.#counted.has(null) ? 1 : 0);
      const isNamed = this.#counted.has(more.subject) || named < this.#limits.named;
      const subject = isNamed ? more.subject : null;
      this.#counted.set(subject, { ...sumOf(this.#counted.get(subject), more), subject });
    }
  }

  /** A clock that was set back ends a window too; otherwise it would last until that time is past again. */
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
