import { NONE, numberOfDay } from './codes.ts';
import type { Codes } from './codes.ts';
import type { DeadlineSpan } from './deadline-fold.ts';
import type { Life, Passing, Proof, Span } from './life.ts';

/** How a member is written: days as numbers, texts and JSON as codes, and instants as days and milliseconds. */
type Form = 'number' | 'day' | 'text' | 'json' | 'instant';
type Forms<Part> = Readonly<Record<keyof Part, Form>>;

const HEADER = {
  ...{ spans: 'number', deadlines: 'number', passings: 'number', proofs: 'number' },
  ...{ issuedOn: 'day', issue: 'text', bodyToday: 'text' },
} as const satisfies Forms<Life>;
const OF_SPAN = {
  ...{ from: 'day', version: 'number', revision: 'number', changedAt: 'instant' },
  ...{ standing: 'json', asked: 'json', recipient: 'text', ownerEvent: 'text', publishedOn: 'day' },
  ...{
    dueOn: 'day',
    responseDueOn: 'day',
    closedOn: 'day',
    closedRecordedOn: 'day',
    answeredOn: 'day',
    answeredRecordedOn: 'day',
  },
} as const satisfies Forms<Span>;
const OF_DEADLINE = {
  ...{ from: 'day', id: 'text', kind: 'text', dueOn: 'day', firstDueOn: 'day', withdrawnOn: 'day' },
  ...{ extensions: 'number', marks: 'json' },
} as const satisfies Forms<DeadlineSpan>;
const OF_PASSING = { on: 'day', deadlineId: 'text', body: 'text' } as const satisfies Forms<Passing>;
const OF_PROOF = { on: 'day', at: 'instant', met: 'json', by: 'json' } as const satisfies Forms<Proof>;

/** Returns the place of each member in a part, and the part's size. */
function placesOf<Name extends string>(forms: Readonly<Record<Name, Form>>) {
  let size = 0;
  const places = {} as Record<Name, number>;
  for (const name of Object.keys(forms) as Name[]) {
    places[name] = size;
    size += forms[name] === 'instant' ? 2 : 1;
  }
  return { ...places, size } as const;
}

export const LIFE = placesOf(HEADER);
export const SPAN = placesOf(OF_SPAN);
export const DEADLINE = placesOf(OF_DEADLINE);
export const PASSING = placesOf(OF_PASSING);
export const PROOF = placesOf(OF_PROOF);

const DAY_MS = 86_400_000;

/** Returns the numbers of a life as `PackedLife` reads them. */
export function packed({ spans, deadlines, passings, proofs, ...life }: Life, codes: Codes): number[] {
  const numbers: number[] = [];
  const write = <Part extends object>(forms: Forms<Part>, part: Part): void => {
    for (const name of Object.keys(forms) as (keyof Part & string)[])
      writeValue(numbers, forms[name], part[name], codes);
  };
  const counts = { spans: spans.length, deadlines: deadlines.length };
  write(HEADER, { ...life, ...counts, passings: passings.length, proofs: proofs.length });
  for (const each of spans) write(OF_SPAN, each);
  for (const each of deadlines) write(OF_DEADLINE, each);
  for (const each of passings) write(OF_PASSING, each);
  for (const each of proofs) write(OF_PROOF, each);
  return numbers;
}

function writeValue(numbers: number[], form: Form, value: unknown, codes: Codes): void {
  if (typeof value === 'number') {
    if (form !== 'instant') numbers.push(value);
    else numbers.push(Math.floor(value / DAY_MS), value % DAY_MS);
  } else if (typeof value === 'string') numbers.push(form === 'day' ? numberOfDay(value) : codes.of(value));
  else numbers.push(value === null ? NONE : codes.ofJson(value));
}

/** A part of a life, whose numbers are found by their places. */
export class Part {
  protected readonly numbers: Int32Array;
  protected readonly start: number;

  constructor(numbers: Int32Array, start: number) {
    this.numbers = numbers;
    this.start = start;
  }

  at(place: number): number {
    return this.numbers[this.start + place] ?? NONE;
  }

  orNull(place: number): number | null {
    const number = this.at(place);
    return number === NONE ? null : number;
  }

  /** Returns an instant in milliseconds since 1970. */
  instant(place: number): number {
    return this.at(place) * DAY_MS + this.at(place + 1);
  }
}

/** A life in a list of numbers. */
export class PackedLife extends Part {
  /** The places of the parts after the spans, and the number of all numbers. */
  get #deadlines(): number {
    return LIFE.size + this.at(LIFE.spans) * SPAN.size;
  }
  get #passings(): number {
    return this.#deadlines + this.at(LIFE.deadlines) * DEADLINE.size;
  }
  get #proofs(): number {
    return this.#passings + this.at(LIFE.passings) * PASSING.size;
  }
  get size(): number {
    return this.#proofs + this.at(LIFE.proofs) * PROOF.size;
  }

  get whole(): Int32Array {
    return this.numbers.subarray(this.start, this.start + this.size);
  }

  span(index: number): Part {
    return new Part(this.numbers, this.start + LIFE.size + index * SPAN.size);
  }

  /** Returns the first day of a span; that of the one after the last never comes. */
  beginOf(index: number): number {
    return index < this.at(LIFE.spans) ? this.at(LIFE.size + index * SPAN.size + SPAN.from) : Infinity;
  }

  /** Returns the span of the end of a day; null before the first day. */
  spanOn(day: number): Part | null {
    let [low, high] = [0, this.at(LIFE.spans)];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.beginOf(middle) <= day) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? null : this.span(low - 1);
  }

  /** Returns the deadlines at the end of a day, including withdrawn ones. */
  deadlinesOn(day: number): Part[] {
    const begun = this.#partsBy(day, this.#deadlines, this.#passings, DEADLINE.size);
    return begun.filter((each, index) => each.at(DEADLINE.id) !== begun[index + 1]?.at(DEADLINE.id));
  }

  passingsBy(day: number): Part[] {
    return this.#partsBy(day, this.#passings, this.#proofs, PASSING.size);
  }

  proofsBy(day: number): Part[] {
    return this.#partsBy(day, this.#proofs, this.size, PROOF.size);
  }

  /** Returns the parts that begin by a day, which is their first number. */
  #partsBy(day: number, from: number, until: number, size: number): Part[] {
    const found: Part[] = [];
    for (let place = from; place < until; place += size)
      if (this.at(place) <= day) found.push(new Part(this.numbers, this.start + place));
    return found;
  }
}
