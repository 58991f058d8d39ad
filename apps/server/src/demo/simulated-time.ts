import type { Life, SampleTime } from '#state-machines/sample';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Simulated time with reproducible random numbers. */
export class SimulatedTime implements SampleTime {
  /** Milliseconds since 1970. */
  now: number;
  readonly #end: number;
  readonly #random: () => number;
  readonly #waiting: { at: number; readonly life: Life }[] = [];

  constructor(from: string, end: number, seed: number) {
    this.now = Date.parse(from);
    this.#end = end;
    this.#random = seededRandom(seed);
  }

  get daysLeft(): number {
    return (this.#end - this.now) / DAY_MS;
  }

  between(least: number, end: number): number {
    return least + Math.floor(this.#random() * (end - least));
  }

  isSo(cases: number): boolean {
    return this.#random() * 100 < cases;
  }

  pick<Value>(values: readonly Value[]): Value {
    return values[this.between(0, values.length)] as Value;
  }

  dayIn(days: number): string {
    return new Date(this.now + days * DAY_MS).toISOString().slice(0, 10);
  }

  begin(life: Life, afterDays = 0): void {
    this.#wait(life, afterDays);
  }

  /** Runs all activities in order of time, up to the end. */
  async pass(onDay: (now: number) => void): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      this.now = next.at;
      onDay(next.at);
      const { done, value: days } = await next.life.next();
      if (done !== true) this.#wait(next.life, days);
    }
  }

  /**
   * Schedules the next step at a random time within working hours of that day, or shortly after now on the
   * same day.
   */
  #wait(life: Life, days: number): void {
    const day = Math.floor(this.now / DAY_MS + days) * DAY_MS;
    const at = Math.max(
      day + 9 * HOUR_MS + this.between(0, 7 * HOUR_MS),
      this.now + this.between(1, HOUR_MS / 60),
    );
    if (at >= this.#end) return;
    const place = this.#waiting.findIndex((other) => other.at > at);
    this.#waiting.splice(place === -1 ? this.#waiting.length : place, 0, { at, life });
  }
}

/** Reproducible random numbers in [0, 1) (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
