import { isPlainDate, parseInstant } from '#lifecycle/plain-date';
import type { Filters, ValueOf } from '#projections/filters';
import { LIMIT } from '#projections/list-cursor';
import { londonDay } from '#state-machines/london';
import { kinds } from '#state-machines/record-streams';
import { invalidParameter } from '#use-cases/problems';
import type { SchemaObject } from './schema-forms.ts';

/** A parameter of a route's query: what the document says of it, and how it is read. */
export interface QueryParameter<Value = unknown> {
  readonly description: string;
  readonly schema: SchemaObject;
  /** May be given several times. */
  readonly isSeveral?: boolean;
  /** What it is called where it is given; its own name if absent. */
  readonly called?: string;
  /** May hold U+0000. */
  readonly takesNul?: boolean;
  /** Has to be given. */
  readonly isRequired?: boolean;
  /** The member of the query that has it, by its name; the query itself if absent. */
  readonly within?: 'regions';
  /** What stands for a parameter that is not given. */
  readonly fallback?: Value;
  /**
   * The value of what was given: one text, unless it may be several.
   * @throws ProblemError naming the parameter.
   */
  readonly read: (name: string, given: readonly [string, ...string[]]) => Value;
}

/** A parameter that is always there for who asks for the query. */
type Filled<Value> = QueryParameter<Value> & ({ readonly fallback: Value } | { readonly isRequired: true });

/** The query of a route as its parameters are read; one that was not given, and has no fallback, is absent. */
export type ReadQuery<Parameters> = {
  readonly [Name in keyof Parameters as Parameters[Name] extends Filled<unknown> ? Name : never]: ReadOf<
    Parameters[Name]
  >;
} & {
  readonly [Name in keyof Parameters as Parameters[Name] extends Filled<unknown> ? never : Name]?: ReadOf<
    Parameters[Name]
  >;
};
type ReadOf<Parameter> = Parameter extends QueryParameter<infer Value> ? Value : never;

export const text = (description: string): QueryParameter<string> => ({
  description,
  schema: { type: 'string' },
  read: (_, [given]) => given,
});

/** Words to search for: whatever is typed, also what no store can hold. */
export const words = (description: string): QueryParameter<string> => ({
  ...text(description),
  takesNul: true,
  read: (_, [given]) => {
    const spaced = given.replaceAll('\0', ' ');
    // Blank words would list everything; a lone dash finds nothing.
    return spaced !== given && !/[\p{L}\p{N}]/u.test(spaced) ? '-' : spaced;
  },
});

/** By what one record is asked for among those of all kinds: the name that it has had for the kind whose ids stand alone. */
export const RECORD_PARAMETER = kinds.all.find(({ isUnnamed }) => isUnnamed)?.noun.singular ?? 'record';

export const ofRecord = <Value>(parameter: QueryParameter<Value>): QueryParameter<Value> => ({
  ...parameter,
  called: RECORD_PARAMETER,
});

const VALUES_MAX = 50;
const ofAny = (description: string) => `${description} May be given several times, for any of them.`;

/** May be given several times, for any of the values; `told` says of what form they are. */
export const several = (
  description: string,
  { pattern, told }: { readonly pattern: RegExp; readonly told: string } = { pattern: /^/, told: 'a text' },
): QueryParameter<readonly string[]> => ({
  description: ofAny(description),
  schema: { type: 'array', items: { type: 'string' }, maxItems: VALUES_MAX },
  isSeveral: true,
  read: (name, given) => distinct(name, given, (value) => pattern.test(value), told),
});

export const severalOf = <Value extends string>(
  description: string,
  values: readonly Value[],
): QueryParameter<readonly Value[]> => ({
  description: ofAny(description),
  schema: { type: 'array', items: { type: 'string', enum: [...values] }, maxItems: VALUES_MAX },
  isSeveral: true,
  read: (name, given) =>
    distinct(
      name,
      given,
      (value): value is Value => values.includes(value as Value),
      `one of ${values.join(', ')}`,
    ),
});

function distinct<Value extends string>(
  name: string,
  given: readonly string[],
  is: ((value: string) => value is Value) | ((value: string) => boolean),
  told: string,
): readonly Value[] {
  const values = [...new Set(given)];
  if (values.length > VALUES_MAX) throw invalidParameter(name, `may be given at most ${VALUES_MAX} times`);
  if (values.every(is)) return values as Value[];
  throw invalidParameter(name, `must be ${told}`);
}

export const choice = <Value extends string>(
  description: string,
  values: readonly Value[],
): QueryParameter<Value> => ({
  description,
  schema: { type: 'string', enum: [...values] },
  read(name, [given]) {
    if (values.includes(given as Value)) return given as Value;
    throw invalidParameter(name, `must be one of ${values.join(', ')}`);
  },
});

export const boolean = (description: string): Filled<boolean> => ({
  description,
  schema: { type: 'boolean' },
  fallback: false,
  read(name, [given]) {
    if (given === 'false') return false;
    if (given === 'true' || given === '') return true;
    throw invalidParameter(name, 'must be true or false');
  },
});

/** How many items a page has where nobody says, and how many at the most. */
interface PageLimits {
  readonly fallback: number;
  readonly most: number;
}
/** A page of a list. */
export const LIST_PAGE: PageLimits = { fallback: LIMIT, most: 200 };
/** A page of a stream's events, or of the whole log's. */
export const EVENTS_PAGE: PageLimits = { fallback: 1_000, most: 10_000 };

export const limit = ({ fallback, most }: PageLimits): Filled<number> => ({
  description: 'How many at the most.',
  schema: { type: 'integer', minimum: 1, maximum: most, default: fallback },
  fallback,
  read(name, [given]) {
    const number = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
    if (number >= 1 && number <= most) return number;
    throw invalidParameter(name, `must be a whole number from 1 to ${most}`);
  },
});

export const cursor = text('Where to go on: the nextCursor of the answer before.');

/** A stream's version. */
export const version = (description: string): QueryParameter<number> => ({
  description,
  schema: { type: 'integer', minimum: 0 },
  read(name, [given]) {
    if (/^\d{1,15}$/.test(given)) return Number(given);
    throw invalidParameter(name, 'must be a version: a whole number from 0');
  },
});

/** A position in the log. */
export const position = (description: string): QueryParameter<string> => ({
  ...text(description),
  read: (name, [given]) => positionOf(name, given),
});

/** A position in the log, as an answer gave it. */
export function positionOf(name: string, given: string): string {
  // No position of any store is longer: in KurrentDB one is two figures of 64 bits.
  if (/^\d{1,39}$/.test(given)) return BigInt(given).toString();
  throw invalidParameter(name, 'must be a position, as an answer gave it: a decimal number');
}

/** A plain date. */
export const date = (description: string): QueryParameter<string> => ({
  description,
  schema: { type: 'string', format: 'date' },
  read(name, [given]) {
    if (isPlainDate(given)) return given;
    throw invalidParameter(name, 'must be a date that exists, as YYYY-MM-DD');
  },
});

/** The parameters by which a list is asked for what its filters leave. */
export const parametersFor = <Of extends Filters<never>>(
  filters: Of,
): { readonly [Name in keyof Of]: QueryParameter<ValueOf<Of[Name]>> } =>
  Object.fromEntries(
    Object.entries(filters).map(([name, filter]) => [name, parameterFor(filter)]),
  ) as ReturnType<typeof parametersFor<Of>>;

function parameterFor({ describes, asks, values }: Filters<never>[string]): QueryParameter {
  if (asks === 'date') return date(describes);
  if (asks === 'one') return values === undefined ? text(describes) : choice(describes, values);
  return values === undefined ? several(describes) : severalOf(describes, values);
}

/** An instant, or a date, which is then as it was given. */
const instantOrDate = (description: string): QueryParameter<string> => ({
  description,
  schema: {
    anyOf: [
      { type: 'string', format: 'date-time' },
      { type: 'string', format: 'date' },
    ],
  },
  read: (_, [given]) => given,
});

/** The first instant that is named, or the last: a date is the whole day in London. */
export const instant = (description: string, end: 'from' | 'to'): QueryParameter<string> => ({
  ...instantOrDate(description),
  read(name, [given]) {
    const named = isPlainDate(given) ? londonDay(given)[end] : parseInstant(given);
    if (named !== null) return named;
    const forms =
      'an instant with an offset, as 2026-11-24T12:00:00Z, or a date, which is that day in London';
    throw invalidParameter(name, `must be ${forms}`);
  },
});

/** Where a record is looked at: as `parsePoint` takes it, since it knows the time. */
export const point = (description: string) => ({
  description: `${description} A date (effective then, as known now), an instant (known then, effective on that day in London), or v and a version (after that event of the stream; v0 is before the first).`,
  schema: {
    anyOf: [
      { type: 'string', format: 'date' },
      { type: 'string', format: 'date-time' },
      { type: 'string', pattern: '^v[0-9]{1,9}$' },
    ],
  } satisfies SchemaObject,
  isRequired: true as const,
  read: (_: string, [given]: readonly [string, ...string[]]) => given,
});

export const MIN_POSITION = position('Waits until this position can be read, for at most 2 seconds.');

/** The two axes of time of a read; `viewOf` makes one view of them, since it knows the time. */
export const VIEW = {
  effectiveOn: date('The day at whose end it is looked at.'),
  knownAt: instantOrDate(
    'As it was known then: an instant, or a date for its end in London, today for now. Alone it is of that day.',
  ),
};
