// class-transformer's decorators read the metadata of types, and expect to find the polyfill loaded.
import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { IsString, Matches, MaxLength, ValidateBy, ValidateIf, validateSync } from 'class-validator';
import type { ValidationError } from 'class-validator';
import { escapeToken } from '#event-sourcing/erasure';
import { isPlainDate } from './plain-date.ts';
import { CommandRefusedError } from './refused.ts';
import type { PayloadProblem } from './refused.ts';
import { codePoints, isWellFormed, NOT_BLANK, ONE_LINE } from './text-rules.ts';

/** The longest free text that a payload may hold, in characters. */
export const FREE_TEXT_MAX = 50_000;

/** A member that may be left out. `null` is not the same as absent: a member that is given must be valid. */
export const IsOptionalMember = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);

export class InvalidPayloadError extends CommandRefusedError {
  readonly problems: readonly PayloadProblem[];

  constructor(problems: readonly PayloadProblem[]) {
    const detail = problems
      .map(({ pointer, detail }) => (pointer === '' ? detail : `${pointer} ${detail}`))
      .join('; ');
    super('invalid', 'invalid-payload', detail, { errors: problems });
    this.name = 'InvalidPayloadError';
    this.problems = problems;
  }
}

/**
 * The body as an instance of the payload's class. Unknown members are refused, nothing is converted.
 * @throws InvalidPayloadError with a pointer for every problem.
 */
export function validatePayload<Payload extends object>(payload: new () => Payload, body: unknown): Payload {
  // A command without a payload may come without a body; null is a body, and no object.
  const given = body === undefined ? {} : body;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new InvalidPayloadError([{ pointer: '', detail: 'must be a JSON object' }]);
  }
  const { longLists = {} } = payload as { readonly longLists?: LongLists };
  const misshapen = [...shapeProblems(given, longLists).take(PROBLEMS_MAX)];
  if (misshapen.length > 0) throw new InvalidPayloadError(misshapen);
  const instance = plainToInstance(payload, given, { exposeUnsetFields: false });
  const errors = validateSync(instance, {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    stopAtFirstError: true,
  });
  if (errors.length > 0) {
    throw new InvalidPayloadError(errors.flatMap((error) => problemsOf(error, '')).slice(0, PROBLEMS_MAX));
  }
  return instance;
}

const DEPTH_MAX = 8;
/** More members than any payload has, and more items than any of its lists; class-transformer's time grows with the square. */
const MEMBERS_MAX = 250;
/** The lists of texts of a payload's class that may be longer (`static readonly longLists`), by the member. */
export type LongLists = Readonly<Record<string, number>>;
/** How many problems an answer names; whoever sends more has other troubles. */
const PROBLEMS_MAX = 20;

/**
 * What class-transformer would drop in silence or choke on: members named as those that every object has (`constructor`,
 * `__proto__`), lists of lists, which it flattens, and nesting without end.
 */
function* shapeProblems(payload: object, longLists: LongLists): Generator<PayloadProblem> {
  const longest = new Map(Object.entries(longLists).map(([name, most]) => [`/${name}`, most]));
  const waiting: { value: object; pointer: string; depth: number }[] = [
    { value: payload, pointer: '', depth: 1 },
  ];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const inList = Array.isArray(next.value);
    const members = inList ? (next.value as unknown[]).length : Object.keys(next.value).length;
    const most = inList && next.depth === 2 ? (longest.get(next.pointer) ?? MEMBERS_MAX) : MEMBERS_MAX;
    if (members > most) {
      yield {
        pointer: next.pointer,
        detail: `has ${members} members; ${most} is more than any payload takes`,
      };
      return;
    }
    for (const [name, value] of Object.entries(next.value) as [string, unknown][]) {
      const pointer = `${next.pointer}/${escapeToken(name)}`;
      if (!inList && name in Object.prototype) yield { pointer, detail: NO_MEMBER };
      if (typeof value !== 'object' || value === null) continue;
      if (next.depth === DEPTH_MAX) yield { pointer, detail: 'is nested too deeply' };
      else if (inList && Array.isArray(value)) yield { pointer, detail: 'must not be a list in a list' };
      else waiting.push({ value, pointer, depth: next.depth + 1 });
    }
  }
}

const NO_MEMBER = 'is not a member of this payload';

function problemsOf(error: ValidationError, parent: string): PayloadProblem[] {
  const pointer = `${parent}/${escapeToken(error.property)}`;
  const own = Object.entries(error.constraints ?? {}).map(([rule, message]) => ({
    pointer,
    // class-validator begins a message with the property's name; the pointer says that already.
    detail: rule === 'whitelistValidation' ? NO_MEMBER : withoutName(message, error.property),
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => problemsOf(child, pointer))];
}

const withoutName = (message: string, name: string): string =>
  message.startsWith(`${name} `) ? message.slice(name.length + 1) : message;

/** A plain date that exists, `YYYY-MM-DD`. */
export const IsPlainDate = (): PropertyDecorator =>
  ValidateBy({
    name: 'isPlainDate',
    validator: { validate: isPlainDate, defaultMessage: () => 'must be a date that exists, as YYYY-MM-DD' },
  });

/** Free text: not blank, well-formed Unicode without U+0000, which PostgreSQL's text cannot hold, at most `FREE_TEXT_MAX` characters. */
export function IsFreeText(max = FREE_TEXT_MAX): PropertyDecorator {
  const rules = [
    // The first rule that fails is the one that is told.
    IsString({ message: 'must be a text' }),
    ValidateBy({
      name: 'isWellFormed',
      validator: { validate: isWellFormed, defaultMessage: () => 'must be well-formed Unicode' },
    }),
    ValidateBy({
      name: 'holdsNoNull',
      validator: {
        validate: (text) => !(text as string).includes('\0'),
        defaultMessage: () => 'must not hold the character U+0000',
      },
    }),
    ValidateBy({
      name: 'isAtMost',
      validator: {
        validate: (text) => codePoints(text as string) <= max,
        defaultMessage: () => `must be at most ${max} characters`,
      },
    }),
    // For the schema, which reads it; as a rule it would leave variation selectors out of its count.
    MaxLength(max, { message: `must be at most ${max} characters` }),
    Matches(NOT_BLANK, { message: 'must not be blank' }),
  ];
  return (target, property) => {
    for (const rule of rules) rule(target, property);
  };
}

/** Free text in one line, such as a name or a title: nothing in it breaks the line, or turns what follows it. */
export function IsFreeTextLine(max: number): PropertyDecorator {
  const message = 'must be one line, without control characters or marks that turn the direction of writing';
  return (target, property) => {
    for (const rule of [IsFreeText(max), Matches(ONE_LINE, { message })]) rule(target, property);
  };
}
