import { dayNumber } from '#lifecycle/plain-date';
import type { DeadlineLife } from './deadline-fold.ts';
import type { Life, Span } from './life.ts';

/** Null as a number. */
const NONE = -(2 ** 31);
const DAY_MS = 86_400_000;

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

  ofValue(value: object): number {
    return this.of(JSON.stringify(value));
  }

  /** Returns a value that was written as such. The caller knows its type. */
  value(code: number): unknown {
    return (this.#values[code] ??= JSON.parse(this.#texts[code] ?? 'null'));
  }
}

const days = new Map<string, number>();
const dayTexts = new Map<number, string>();

/** Returns a day as a number. Few different days occur, so they are kept. */
export function numberOfDay(day: string | null): number {
  if (day === null) return NONE;
  const known = days.get(day);
  if (known !== undefined) return known;
  const number = dayNumber(day);
  days.set(day, number);
  dayTexts.set(number, day);
  return number;
}

export const textOfDay = (number: number | null): string | null =>
  number === null ? null : (dayTexts.get(number) ?? null);

const HEADER = 7;
const SPAN = 16;
const DEADLINE = 8;
const PASSING = 3;
const PROOF = 5;

/** Returns the numbers of a life as `PackedLife` reads them, and the ids of the events that it names. */
export function packed(life: Life, codes: Codes): { readonly numbers: number[]; readonly ids: string } {
  const ids = [life.issueEvent];
  const deadlines = life.deadlines.flatMap((each) => numbersOfDeadline(each, codes));
  const { spans, passings, proofs } = life;
  const numbers = [
    ...[spans.length, deadlines.length / DEADLINE, passings.length, proofs.length],
    ...[numberOfDay(life.issuedOn), codes.of(life.issue), codes.of(life.bodyToday)],
  ];
  for (const span of spans) numbers.push(...numbersOfSpan(span, codes, ids));
  for (const number of deadlines) numbers.push(number);
  for (const { deadlineId, on, body } of passings)
    numbers.push(codes.of(deadlineId), numberOfDay(on), codes.of(body));
  for (const { on, at, met, by } of proofs)
    numbers.push(numberOfDay(on), ...numbersOfInstant(Date.parse(at)), codes.ofValue(met), codes.ofValue(by));
  return { numbers, ids: ids.join(' ') };
}

function numbersOfInstant(instant: number): [number, number] {
  const day = Math.floor(instant / DAY_MS);
  return [day, instant - day * DAY_MS];
}

const numbersOfSpan = (span: Span, codes: Codes, ids: string[]): number[] => [
  ...[numberOfDay(span.from), span.version, span.revision, ...numbersOfInstant(span.changedAt)],
  ...[codes.ofValue(span.standing), codes.ofValue(span.asked), codes.of(span.recipient)],
  ...[placeOfId(span.ownerEvent, ids), placeOfId(span.titleEvent, ids), numberOfDay(span.publishedOn)],
  ...[numberOfDay(span.dueOn), numberOfDay(span.closedOn), numberOfDay(span.closedRecordedOn)],
  ...[numberOfDay(span.answeredOn), numberOfDay(span.answeredRecordedOn)],
];

/** Returns the place of an event's id among those of the record. */
function placeOfId(id: string | null, ids: string[]): number {
  if (id === null) return NONE;
  const place = ids.lastIndexOf(id);
  return place === -1 ? ids.push(id) - 1 : place;
}

const RECORDED = [null, 'late', 'at-entry'] as const;
const FLAGS = { passed: 4, mistaken: 8, enteredLate: 16, claimed: 32 } as const;

const numbersOfDeadline = ({ id, kind, spans }: DeadlineLife, codes: Codes): number[] =>
  spans.flatMap((span) => {
    let flags: number = RECORDED.indexOf(span.recorded);
    for (const name of Object.keys(FLAGS) as (keyof typeof FLAGS)[]) if (span[name]) flags |= FLAGS[name];
    return [
      ...[codes.of(id), codes.of(kind), numberOfDay(span.from), numberOfDay(span.dueOn)],
      ...[numberOfDay(span.firstDueOn), numberOfDay(span.withdrawnOn), span.extensions, flags],
    ];
  });

/** Some of the numbers of a life. */
class Numbers {
  readonly #numbers: Int32Array;
  readonly #from: number;

  constructor(numbers: Int32Array, from: number) {
    this.#numbers = numbers;
    this.#from = from;
  }

  at(index: number): number {
    return this.#numbers[this.#from + index] ?? NONE;
  }

  orNull(index: number): number | null {
    const number = this.at(index);
    return number === NONE ? null : number;
  }

  /** Returns an instant in milliseconds since 1970. */
  instant(index: number): number {
    return this.at(index) * DAY_MS + this.at(index + 1);
  }

  after(index: number): [Int32Array, number] {
    return [this.#numbers, this.#from + index];
  }
}

/** A record in a span. Days are numbers, and texts are codes. */
export class PackedSpan extends Numbers {
  get from(): number {
    return this.at(0);
  }
  get version(): number {
    return this.at(1);
  }
  get revision(): number {
    return this.at(2);
  }
  get changedAt(): number {
    return this.instant(3);
  }
  get standing(): number {
    return this.at(5);
  }
  get asked(): number {
    return this.at(6);
  }
  get recipient(): number {
    return this.at(7);
  }
  /** The place of the event among the ids of the record. */
  get ownerEvent(): number | null {
    return this.orNull(8);
  }
  get titleEvent(): number | null {
    return this.orNull(9);
  }
  get publishedOn(): number | null {
    return this.orNull(10);
  }
  get dueOn(): number | null {
    return this.orNull(11);
  }
  get closedOn(): number | null {
    return this.orNull(12);
  }
  get closedRecordedOn(): number | null {
    return this.orNull(13);
  }
  get answeredOn(): number | null {
    return this.orNull(14);
  }
  get answeredRecordedOn(): number | null {
    return this.orNull(15);
  }
}

/** A deadline in a span. */
export class PackedDeadline extends Numbers {
  get id(): number {
    return this.at(0);
  }
  get kind(): number {
    return this.at(1);
  }
  get from(): number {
    return this.at(2);
  }
  get dueOn(): number {
    return this.at(3);
  }
  get firstDueOn(): number {
    return this.at(4);
  }
  get withdrawnOn(): number | null {
    return this.orNull(5);
  }
  get extensions(): number {
    return this.at(6);
  }
  get recorded(): (typeof RECORDED)[number] {
    return RECORDED[this.at(7) & 3] ?? null;
  }
  is(flag: keyof typeof FLAGS): boolean {
    return (this.at(7) & FLAGS[flag]) !== 0;
  }
}

/** A life in a list of numbers. */
export class PackedLife extends Numbers {
  /** The number of numbers. */
  get size(): number {
    return this.#proofs + this.at(3) * PROOF;
  }
  get issuedOn(): number {
    return this.at(4);
  }
  get issue(): number {
    return this.at(5);
  }
  get bodyToday(): number {
    return this.at(6);
  }
  get spans(): number {
    return this.at(0);
  }
  get #deadlines(): number {
    return HEADER + this.spans * SPAN;
  }
  get #passings(): number {
    return this.#deadlines + this.at(1) * DEADLINE;
  }
  get #proofs(): number {
    return this.#passings + this.at(2) * PASSING;
  }

  span(index: number): PackedSpan {
    return new PackedSpan(...this.after(HEADER + index * SPAN));
  }

  /** Returns the first day of a span; that of the one after the last never comes. */
  beginOf(index: number): number {
    return index < this.spans ? this.at(HEADER + index * SPAN) : Infinity;
  }

  /** Returns the record at the end of a day; null before its first day. */
  spanOn(day: number): PackedSpan | null {
    let [low, high] = [0, this.spans];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.beginOf(middle) <= day) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? null : this.span(low - 1);
  }

  /** Returns the deadlines at the end of a day, including withdrawn ones. */
  deadlinesOn(day: number): PackedDeadline[] {
    const found: PackedDeadline[] = [];
    for (let index = 0; index < this.at(1); index += 1) {
      const each = new PackedDeadline(...this.after(this.#deadlines + index * DEADLINE));
      if (each.from > day) continue;
      if (found.at(-1)?.id === each.id) found.pop();
      found.push(each);
    }
    return found;
  }

  /** Returns the deadlines that were recorded as passed by a day, each with the body of that time. */
  passingsBy(day: number): { readonly id: number; readonly body: number }[] {
    return Array.from({ length: this.at(2) }, (_, index) => this.#passings + index * PASSING)
      .filter((from) => this.at(from + 1) <= day)
      .map((from) => ({ id: this.at(from), body: this.at(from + 2) }));
  }

  /** Returns the decisions effective by a day that were recorded later, in the order of storage. */
  proofsBy(day: number): { readonly at: number; readonly met: number; readonly by: number }[] {
    return Array.from({ length: this.at(3) }, (_, index) => this.#proofs + index * PROOF)
      .filter((from) => this.at(from) <= day)
      .map((from) => ({ at: this.instant(from + 1), met: this.at(from + 3), by: this.at(from + 4) }));
  }
}
