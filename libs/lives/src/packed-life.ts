import { NONE, numberOfDay } from './codes.ts';
import type { Codes } from './codes.ts';
import type { DeadlineSpan } from './deadline-fold.ts';
import type { Life, Passing, Proof, Span } from './life.ts';

const DAY_MS = 86_400_000;

type Places<Name extends string> = Readonly<Record<Name, number>>;

/** Returns the places of numbers in a list, in this order. */
const placesOf = <const Name extends string>(names: readonly Name[]): Places<Name> =>
  Object.fromEntries(names.map((name, index) => [name, index])) as Record<Name, number>;

const listed = <Name extends string>(places: Places<Name>, values: Places<Name>): number[] =>
  (Object.keys(places) as Name[]).map((name) => values[name]);

/** The places of the numbers of each part of a life. Days are numbers, texts are codes, and instants two numbers. */
export const LIFE = placesOf([
  ...(['spans', 'deadlines', 'passings', 'proofs', 'issuedOn', 'issue', 'bodyToday'] as const),
]);
export const SPAN = placesOf([
  ...(['from', 'version', 'revision', 'changedAt', 'changedMs', 'standing', 'asked', 'recipient'] as const),
  ...(['ownerEvent', 'publishedOn', 'dueOn', 'closedOn', 'closedRecordedOn'] as const),
  ...(['answeredOn', 'answeredRecordedOn'] as const),
]);
export const DEADLINE = placesOf([
  ...(['from', 'id', 'kind', 'dueOn', 'firstDueOn', 'withdrawnOn', 'extensions', 'flags'] as const),
]);
export const PASSING = placesOf(['on', 'deadlineId', 'body']);
export const PROOF = placesOf(['on', 'at', 'ms', 'met', 'by']);

const sizeOf = (places: Places<string>): number => Object.keys(places).length;
const SIZES = {
  ...{ life: sizeOf(LIFE), span: sizeOf(SPAN), deadline: sizeOf(DEADLINE) },
  ...{ passing: sizeOf(PASSING), proof: sizeOf(PROOF) },
};

/** Returns the numbers of a life as `PackedLife` reads them. */
export function packed(life: Life, codes: Codes): number[] {
  const { spans, passings, proofs } = life;
  const deadlines = life.deadlines.flatMap(({ id, kind, spans: own }) =>
    own.map((span) => ({ ...span, id, kind })),
  );
  const parts = [
    ...spans.map((span) => numbersOfSpan(span, codes)),
    ...deadlines.map((each) => numbersOfDeadline(each, codes)),
    ...passings.map((each) => numbersOfPassing(each, codes)),
    ...proofs.map((each) => numbersOfProof(each, codes)),
  ];
  const header = listed(LIFE, {
    ...{ spans: spans.length, deadlines: deadlines.length, passings: passings.length, proofs: proofs.length },
    ...{ issuedOn: numberOfDay(life.issuedOn), issue: codes.of(life.issue) },
    bodyToday: codes.of(life.bodyToday),
  });
  return [header, ...parts].flat();
}

function numbersOfInstant(instant: number): readonly [day: number, ms: number] {
  const day = Math.floor(instant / DAY_MS);
  return [day, instant - day * DAY_MS];
}

function numbersOfSpan(span: Span, codes: Codes): number[] {
  const { version, revision } = span;
  const [changedAt, changedMs] = numbersOfInstant(span.changedAt);
  return listed(SPAN, {
    ...{ from: numberOfDay(span.from), version, revision, changedAt, changedMs },
    ...{ standing: codes.ofValue(span.standing), asked: codes.ofValue(span.asked) },
    recipient: codes.of(span.recipient),
    ownerEvent: codes.of(span.ownerEvent),
    publishedOn: numberOfDay(span.publishedOn),
    dueOn: numberOfDay(span.dueOn),
    closedOn: numberOfDay(span.closedOn),
    closedRecordedOn: numberOfDay(span.closedRecordedOn),
    answeredOn: numberOfDay(span.answeredOn),
    answeredRecordedOn: numberOfDay(span.answeredRecordedOn),
  });
}

const FLAGS = { late: 1, 'at-entry': 2, passed: 4, mistaken: 8, enteredLate: 16, claimed: 32 } as const;

function numbersOfDeadline(
  {
    id,
    kind,
    from,
    recorded,
    extensions,
    ...each
  }: DeadlineSpan & { readonly id: string; readonly kind: string },
  codes: Codes,
): number[] {
  const flags = (['passed', 'mistaken', 'enteredLate', 'claimed'] as const).filter((flag) => each[flag]);
  return listed(DEADLINE, {
    ...{ id: codes.of(id), kind: codes.of(kind), from: numberOfDay(from), extensions },
    ...{ dueOn: numberOfDay(each.dueOn), firstDueOn: numberOfDay(each.firstDueOn) },
    withdrawnOn: numberOfDay(each.withdrawnOn),
    flags: flags.reduce((all, flag) => all | FLAGS[flag], recorded === null ? 0 : FLAGS[recorded]),
  });
}

const numbersOfPassing = ({ deadlineId, on, body }: Passing, codes: Codes): number[] =>
  listed(PASSING, { on: numberOfDay(on), deadlineId: codes.of(deadlineId), body: codes.of(body) });

function numbersOfProof(proof: Proof, codes: Codes): number[] {
  const [at, ms] = numbersOfInstant(Date.parse(proof.at));
  const [met, by] = [codes.ofValue(proof.met), codes.ofValue(proof.by)];
  return listed(PROOF, { on: numberOfDay(proof.on), at, ms, met, by });
}

/** Some of the numbers of a life, by their places. */
export class Numbers {
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

  /** Returns whether a deadline has a flag. */
  is(flag: keyof typeof FLAGS): boolean {
    return (this.at(DEADLINE.flags) & FLAGS[flag]) !== 0;
  }
}

/** A life in a list of numbers. */
export class PackedLife extends Numbers {
  /** The number of numbers. */
  get size(): number {
    return this.#proofs + this.at(LIFE.proofs) * SIZES.proof;
  }
  get whole(): Int32Array {
    return this.numbers.subarray(this.start, this.start + this.size);
  }
  get #deadlines(): number {
    return SIZES.life + this.at(LIFE.spans) * SIZES.span;
  }
  get #passings(): number {
    return this.#deadlines + this.at(LIFE.deadlines) * SIZES.deadline;
  }
  get #proofs(): number {
    return this.#passings + this.at(LIFE.passings) * SIZES.passing;
  }

  #part(place: number): Numbers {
    return new Numbers(this.numbers, this.start + place);
  }

  span(index: number): Numbers {
    return this.#part(SIZES.life + index * SIZES.span);
  }

  /** Returns the first day of a span; that of the one after the last never comes. */
  beginOf(index: number): number {
    return index < this.at(LIFE.spans) ? this.at(SIZES.life + index * SIZES.span + SPAN.from) : Infinity;
  }

  /** Returns the span of the end of a day; null before the first day. */
  spanOn(day: number): Numbers | null {
    let [low, high] = [0, this.at(LIFE.spans)];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.beginOf(middle) <= day) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? null : this.span(low - 1);
  }

  /** Returns the deadlines at the end of a day, including withdrawn ones. */
  deadlinesOn(day: number): Numbers[] {
    const begun = this.#partsBy(day, this.#deadlines, this.at(LIFE.deadlines), SIZES.deadline);
    return begun.filter((each, index) => each.at(DEADLINE.id) !== begun[index + 1]?.at(DEADLINE.id));
  }

  passingsBy(day: number): Numbers[] {
    return this.#partsBy(day, this.#passings, this.at(LIFE.passings), SIZES.passing);
  }

  proofsBy(day: number): Numbers[] {
    return this.#partsBy(day, this.#proofs, this.at(LIFE.proofs), SIZES.proof);
  }

  /** Returns the parts that begin by a day; their first number is a day. */
  #partsBy(day: number, place: number, count: number, size: number): Numbers[] {
    const found: Numbers[] = [];
    for (let index = 0; index < count; index += 1) {
      const part = this.#part(place + index * size);
      if (part.at(0) <= day) found.push(part);
    }
    return found;
  }
}
