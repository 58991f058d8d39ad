import { dayNumber } from '#lifecycle/plain-date';

/** Null as a number. */
export const NONE = -(2 ** 31);

/** Numbers for texts that many lives share. */
export class Codes {
  readonly #codes = new Map<string, number>();
  readonly #texts: string[] = [];
  readonly #values: unknown[] = [];

  of(text: string | null): number {
    if (text === null) return NONE;
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    const code = this.#texts.push(text) - 1;
    this.#codes.set(text, code);
    return code;
  }

  text(code: number): string | null {
    return this.#texts[code] ?? null;
  }

  ofJson(value: unknown): number {
    return this.of(JSON.stringify(value));
  }

  /** Returns a value that was written as JSON. The caller knows its type. */
  json(code: number): unknown {
    return (this.#values[code] ??= JSON.parse(this.#texts[code] ?? 'null'));
  }
}

/** The few different days that occur. */
const numbers = new Map<string, number>();
const texts = new Map<number, string>();

export function numberOfDay(day: string | null): number {
  if (day === null) return NONE;
  const known = numbers.get(day);
  if (known !== undefined) return known;
  const number = dayNumber(day);
  numbers.set(day, number);
  texts.set(number, day);
  return number;
}

/** Returns a day that was written as a number; null for none. */
export const textOfDay = (number: number): string | null => texts.get(number) ?? null;
