import { isPlainDate, parseInstant } from '#lifecycle/plain-date';
import type { Filters, ValueOf } from '#projections/filters';
import { LIMIT } from '#projections/list-cursor';
import { londonDay } from '#state-machines/london';
import { kinds } from '#state-machines/record-streams';
import { oneOf, PARAMETER_MESSAGES } from '#use-cases/parameter-messages';
import { invalidParameter } from '#use-cases/problems';
import type { SchemaObject } from './schema-forms.ts';

/** A query parameter: its description and how it is parsed. */
export interface QueryParameter<Value = unknown> {
  readonly description: string;
  readonly schema: SchemaObject;
  /** May occur several times. */
  readonly isSeveral?: boolean;
  /** Its name in the query; by default its key. */
  readonly called?: string;
  /** May contain U+0000. */
  readonly allowsNul?: boolean;
  /** Must be present. */
  readonly isRequired?: boolean;
  /** The member of the parsed query that contains it; by default the query itself. */
  readonly within?: 'regions';
  /** The default value. */
  readonly fallback?: Value;
  /** Parses the values: one text, unless it may occur several times. @throws ProblemError naming the parameter. */
  readonly read: (name: string, values: readonly [string, ...string[]]) => Value;
}

/** A parameter that always has a value. */
type Filled<Value> = QueryParameter<Value> & ({ readonly fallback: Value } | { readonly isRequired: true });

/** A route's parsed query; an absent parameter without a default is absent. */
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
  read: (_, [value]) => value,
});

/** Search words: any text, even U+0000, which no store can contain. */
export const words = (description: string): QueryParameter<string> => ({
  ...text(description),
  allowsNul: true,
  read: (_, [value]) => {
    const spaced = value.replaceAll('\0', ' ');
    // Blank words would list everything; a single dash finds nothing.
    return spaced !== value && !/[\p{L}\p{N}]/u.test(spaced) ? '-' : spaced;
  },
});

/** The parameter for one record among those of all kinds: its established name for the kind whose ids need no prefix. */
export const RECORD_PARAMETER = kinds.all.find(({ isUnnamed }) => isUnnamed)?.noun.singular ?? 'record';

export const ofRecord = <Value>(parameter: QueryParameter<Value>): QueryParameter<Value> => ({
  ...parameter,
  called: RECORD_PARAMETER,
});

const VALUES_MAX = 50;
const ofAny = (description: string) => `${description} Can be repeated to match any of several values.`;

/** A parameter that may occur several times and matches any of the values; `form` describes their form. */
export const several = (
  description: string,
  { pattern, form }: { readonly pattern: RegExp; readonly form: string } = { pattern: /^/, form: 'a text' },
): QueryParameter<readonly string[]> => ({
  description: ofAny(description),
  schema: { type: 'array', items: { type: 'string' }, maxItems: VALUES_MAX },
  isSeveral: true,
  read: (name, raw) => distinct(name, raw, (value) => pattern.test(value), form),
});

export const severalOf = <Value extends string>(
  description: string,
  values: readonly Value[],
): QueryParameter<readonly Value[]> => ({
  description: ofAny(description),
  schema: { type: 'array', items: { type: 'string', enum: [...values] }, maxItems: VALUES_MAX },
  isSeveral: true,
  read: (name, raw) =>
    distinct(name, raw, (value): value is Value => values.includes(value as Value), oneOf(values)),
});

function distinct<Value extends string>(
  name: string,
  raw: readonly string[],
  is: ((value: string) => value is Value) | ((value: string) => boolean),
  form: string,
): readonly Value[] {
  const values = [...new Set(raw)];
  if (values.length > VALUES_MAX)
    throw invalidParameter(name, `must not be repeated more than ${VALUES_MAX} times`);
  if (values.every(is)) return values as Value[];
  throw invalidParameter(name, `must be ${form}`);
}

export const choice = <Value extends string>(
  description: string,
  values: readonly Value[],
): QueryParameter<Value> => ({
  description,
  schema: { type: 'string', enum: [...values] },
  read(name, [value]) {
    if (values.includes(value as Value)) return value as Value;
    throw invalidParameter(name, `must be ${oneOf(values)}`);
  },
});

export const boolean = (description: string): Filled<boolean> => ({
  description,
  schema: { type: 'boolean' },
  fallback: false,
  read(name, [value]) {
    if (value === 'false') return false;
    if (value === 'true' || value === '') return true;
    throw invalidParameter(name, 'must be true or false');
  },
});

/** A page's default and maximum number of items. */
interface PageLimits {
  readonly fallback: number;
  readonly most: number;
}
/** For a page of a list. */
export const LIST_PAGE: PageLimits = { fallback: LIMIT, most: 200 };
/** For a page of a stream's events, or of the whole log's. */
export const EVENTS_PAGE: PageLimits = { fallback: 1_000, most: 10_000 };

export const limit = ({ fallback, most }: PageLimits): Filled<number> => ({
  description: 'The maximum number of items.',
  schema: { type: 'integer', minimum: 1, maximum: most, default: fallback },
  fallback,
  read(name, [value]) {
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= 1 && number <= most) return number;
    throw invalidParameter(name, `must be a whole number from 1 to ${most}`);
  },
});

export const cursor = text('The `nextCursor` of the previous page.');

/** A stream's version. */
export const version = (description: string): QueryParameter<number> => ({
  description,
  schema: { type: 'integer', minimum: 0 },
  read(name, [value]) {
    if (/^\d{1,15}$/.test(value)) return Number(value);
    throw invalidParameter(name, 'must be a version: a whole number from 0');
  },
});

/** A position in the log. */
export const position = (description: string): QueryParameter<string> => ({
  ...text(description),
  read: (name, [value]) => positionOf(name, value),
});

/** Parses a position in the log from a response. */
export function positionOf(name: string, value: string): string {
  // No store has longer positions: in KurrentDB, a position is two 64-bit numbers.
  if (/^\d{1,39}$/.test(value)) return BigInt(value).toString();
  throw invalidParameter(name, 'must be a position from a response: a decimal number');
}

/** A date without a time. */
export const date = (description: string): QueryParameter<string> => ({
  description,
  schema: { type: 'string', format: 'date' },
  read(name, [value]) {
    if (isPlainDate(value)) return value;
    throw invalidParameter(name, PARAMETER_MESSAGES.date);
  },
});

/** Returns the parameters for a list's filters. */
export const parametersFor = <Of extends Filters<never>>(
  filters: Of,
): { readonly [Name in keyof Of]: QueryParameter<ValueOf<Of[Name]>> } =>
  Object.fromEntries(
    Object.entries(filters).map(([name, filter]) => [name, parameterFor(filter)]),
  ) as ReturnType<typeof parametersFor<Of>>;

function parameterFor({ describes, form, values }: Filters<never>[string]): QueryParameter {
  if (form === 'date') return date(describes);
  if (form === 'one') return values === undefined ? text(describes) : choice(describes, values);
  return values === undefined ? several(describes) : severalOf(describes, values);
}

/** An instant or a date, not converted. */
const instantOrDate = (description: string): QueryParameter<string> => ({
  description,
  schema: {
    anyOf: [
      { type: 'string', format: 'date-time' },
      { type: 'string', format: 'date' },
    ],
  },
  read: (_, [value]) => value,
});

/** Returns the first or the last instant of a period: a date is the whole London day. */
export const instant = (description: string, end: 'from' | 'to'): QueryParameter<string> => ({
  ...instantOrDate(description),
  read(name, [value]) {
    const named = isPlainDate(value) ? londonDay(value)[end] : parseInstant(value);
    if (named !== null) return named;
    const forms =
      'an instant with an offset, such as 2026-11-24T12:00:00Z, or a date, meaning that day in London';
    throw invalidParameter(name, `must be ${forms}`);
  },
});

export const MIN_POSITION = position(
  'Waits up to 2 seconds until events up to this position can be read. If they still cannot be read, for example because the position is beyond the end of the log, the response is 503 `read-model-behind`.',
);

/** The two time axes of a read; `viewOf` combines them, since it needs the time. */
export const VIEW = {
  effectiveOn: date('Returns the state effective at the end of this day.'),
  knownAt: instantOrDate(
    'Returns what was known at this instant, or at the end of this London day (today means now). Without effectiveOn, the state is that of the same day.',
  ),
};
