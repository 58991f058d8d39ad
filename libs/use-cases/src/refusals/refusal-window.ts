import type { CountedRefusals } from '#state-machines/refusal-events';

/** How many refusals are recorded in a window of time; what is beyond is counted. */
export interface RefusalLimits {
  readonly windowMs: number;
  /** Recorded one by one, of one person and of all together. */
  readonly ofOne: number;
  readonly ofAll: number;
  /** People who are counted by name; the rest is one line. */
  readonly named: number;
}

/** In a minute a process adds at most 6,000 refusals and 101 counts to the log, and one person at most 120 and a count. */
export const REFUSAL_LIMITS: RefusalLimits = { windowMs: 60_000, ofOne: 120, ofAll: 6_000, named: 100 };

interface Counting {
  count: number;
  /** Milliseconds since 1970. */
  from: number;
  to: number;
  readonly codes: Map<string, number>;
}

/** Decides which refusals are recorded one by one, and counts the others. Holds no more than its limits. */
export class RefusalWindow {
  readonly #limits: RefusalLimits;
  #recordedSince = Number.NEGATIVE_INFINITY;
  #recorded = 0;
  readonly #recordedOf = new Map<string, number>();
  #countedSince = 0;
  #counted = new Map<string | null, Counting>();

  constructor(limits: RefusalLimits) {
    this.#limits = limits;
  }

  /** Whether a refusal is to be recorded by itself; where it is not, it has been counted. `now` as in `Date.now()`. */
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
    this.#count(subject, { count: 1, from: now, to: now, codes: new Map([[code, 1]]) }, now);
    return false;
  }

  /** What has been counted since a window ago or longer, by person; it is forgotten here. */
  takeEnded(now: number): CountedRefusals[] {
    return this.#isOver(this.#countedSince, now) ? this.takeAll() : [];
  }

  takeAll(): CountedRefusals[] {
    const taken = [...this.#counted].map(([subject, { count, from, to, codes }]) => ({
      subject,
      count,
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      codes: Object.fromEntries(codes),
    }));
    this.#counted = new Map();
    return taken;
  }

  /** Counts again what was taken and could not be written; it is taken with the next. */
  putBack(taken: readonly CountedRefusals[], now: number): void {
    for (const { subject, count, from, to, codes } of taken) {
      const counting = { count, from: Date.parse(from), to: Date.parse(to) };
      this.#count(subject, { ...counting, codes: new Map(Object.entries(codes)) }, now);
    }
  }

  #count(subject: string | null, more: Counting, now: number): void {
    if (this.#counted.size === 0) this.#countedSince = now;
    const isNamed = this.#counted.has(subject) || this.#namedCount() < this.#limits.named;
    const name = isNamed ? subject : null;
    const counting = this.#counted.get(name) ?? { ...more, count: 0, codes: new Map<string, number>() };
    counting.count += more.count;
    counting.from = Math.min(counting.from, more.from);
    counting.to = Math.max(counting.to, more.to);
    for (const [code, count] of more.codes) counting.codes.set(code, (counting.codes.get(code) ?? 0) + count);
    this.#counted.set(name, counting);
  }

  #namedCount(): number {
    return this.#counted.size - (this.#counted.has(null) ? 1 : 0);
  }

  /** A clock that was set back ends a window too, which would else last until it is past again. */
  #isOver(since: number, now: number): boolean {
    return now - since >= this.#limits.windowMs || now < since;
  }
}
