import type { JsonObject, Pointer } from '#event-sourcing/envelope';

/** The field kinds without parameters, and the types of their values. */
interface PlainValues {
  /** Text written by a person; can be redacted. */
  readonly freeText: string;
  /** A file uploaded by a person, in base64; can be redacted. */
  readonly freeBytes: string;
  /** A name, id or code that comes from a program or a rule, or must never be erased. */
  readonly identifier: string;
  /** YYYY-MM-DD. */
  readonly plainDate: string;
  /** ISO 8601 in UTC, milliseconds. */
  readonly instant: string;
  /** SHA-256 as 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  /** A whole number from 0. */
  readonly count: number;
  /** A whole number from 1. */
  readonly ordinal: number;
  readonly flag: boolean;
  /** True; otherwise the member is absent. */
  readonly always: true;
}

interface Kind<Name extends string> {
  readonly kind: Name;
  /** The meaning of the member, as a sentence for the API documentation. */
  readonly describes?: string;
  /** The label on pages; derived from the name if absent. */
  readonly label?: string;
  /** The hint in forms, and the message if the field is empty: "Enter a reason". */
  readonly hint?: string;
  readonly missing?: string;
  readonly optional?: boolean;
  readonly nullable?: boolean;
  /** Required of commands; an import of the same event type leaves it out. */
  readonly byCommand?: boolean;
  /** Set by the engine or an import; a command does not accept it. */
  readonly by?: 'engine' | 'import';
  /** Returns whether the member is required, based on the other members that were sent. */
  readonly neededIn?: MemberCondition;
  /** The condition under which the member may be sent, and the message otherwise. */
  readonly onlyIn?: { readonly condition: MemberCondition; readonly message: string };
  readonly limits?: Limits;
}
/** A condition on what was sent, whose members can have any type. */
type MemberCondition = (sent: Readonly<Record<string, unknown>>) => boolean;
/** A pattern that a text must match, and the message otherwise. */
export interface Form {
  readonly matches: RegExp;
  readonly message: string;
  /** The names that forms suggest. */
  readonly names?: 'bodies';
}
/** Limits on values that are sent; stored values are not checked. */
interface Limits {
  /** The most characters of a text, the most items of a list, or the greatest number. */
  readonly max?: number;
  /** The fewest items of a list. */
  readonly min?: number;
  readonly form?: Form;
  /** True for one line without control characters. */
  readonly isLine?: boolean;
  /** True for an http or https address. */
  readonly isUrl?: boolean;
  /** True for the subject of a person; forms suggest known people. */
  readonly isPerson?: boolean;
  /** True if duplicates are refused. */
  readonly isSet?: boolean;
}
interface OneOf<Value extends string> extends Kind<'oneOf'> {
  readonly values: readonly Value[];
  /** The labels on pages; derived from the values if absent. */
  readonly words?: Readonly<Record<Value, string>>;
}
interface ObjectOf<Of extends Members> extends Kind<'object'> {
  readonly members: Of;
  /** The name under which API documents define the object once. */
  readonly name?: string;
}
interface ListOf<Of extends Item> extends Kind<'list'> {
  readonly of: Of;
}
/** Values of one type under arbitrary names. */
interface MapOf<Of extends Item> extends Kind<'map'> {
  readonly of: Of;
}
declare const value: unique symbol;
/** A field with its own schema; only the compiler knows the type of its value. */
interface Schemed<Value> extends Kind<'schema'> {
  readonly schema: JsonObject;
  readonly [value]?: Value;
}

type Plain = { readonly [Name in keyof PlainValues]: Kind<Name> };
/** The kinds that a redaction can erase. */
export type Erasable = 'freeText' | 'freeBytes';
/** The types that list items can have: none that can be erased, because that would leave a gap. */
type Item = Plain[Exclude<keyof Plain, Erasable>] | OneOf<string> | ObjectOf<Members> | Schemed<unknown>;

/** A field of an event. Its type, its schema and what can be erased are derived from it. */
export type Field = Plain[keyof Plain] | Item | ListOf<Item> | MapOf<Item>;
export interface Members {
  readonly [member: string]: Field;
}

type Words = Pick<Kind<string>, 'describes'>;
const words = (describes?: string): Words => (describes === undefined ? {} : { describes });

const plain =
  <Name extends keyof Plain>(kind: Name) =>
  (describes?: string, limits?: Limits): Kind<Name> => ({
    kind,
    ...words(describes),
    ...(limits !== undefined && { limits }),
  });

export const freeText = plain('freeText');
export const freeBytes = plain('freeBytes');
export const identifier = plain('identifier');
export const plainDate = plain('plainDate');
export const instant = plain('instant');
export const sha256 = plain('sha256');
export const count = plain('count');
export const ordinal = plain('ordinal');
export const flag = plain('flag');
export const always = plain('always');
export const oneOf = <const Value extends string>(
  values: readonly Value[],
  describes?: string,
): OneOf<Value> => ({
  ...{ kind: 'oneOf', values },
  ...words(describes),
});
export const list = <Of extends Item>(of: Of, describes?: string, limits?: Limits): ListOf<Of> => ({
  ...{ kind: 'list', of },
  ...words(describes),
  ...(limits !== undefined && { limits }),
});
export const mapOf = <Of extends Item>(of: Of): MapOf<Of> => ({ kind: 'map', of });
export const schemed = <Value>(schema: JsonObject, describes?: string): Schemed<Value> => ({
  ...{ kind: 'schema', schema },
  ...words(describes),
});
export const object = <Of extends Members>(members: Of, describes?: string): ObjectOf<Of> => ({
  ...{ kind: 'object', members },
  ...words(describes),
});
/** Returns an object that API documents define once, by name. */
export const namedObject = <Of extends Members>(
  name: string,
  members: Of,
): ObjectOf<Of> & { readonly name: string } => ({
  ...object(members),
  name,
});
/** Returns a choice of values from their labels. */
export const oneOfWords = <const Value extends string>(
  words: Readonly<Record<Value, string>>,
  describes?: string,
): OneOf<Value> => ({ ...oneOf(Object.keys(words) as Value[], describes), words });
export const withLabel = <Of extends Field>(
  field: Of,
  label: string,
  more: Pick<Kind<string>, 'hint' | 'missing'> = {},
): Of => ({ ...field, label, ...more });
/** Returns the members that a command accepts: all except those of the engine and of imports. */
export const commandMembers = <Of extends Members>(members: Of): Sent<Of> =>
  Object.fromEntries(Object.entries(members).filter(([, { by }]) => by === undefined)) as Sent<Of>;
type Sent<Of extends Members> = {
  readonly [Name in keyof Of as Of[Name] extends { readonly by: string } ? never : Name]: Of[Name];
};
export const withDescription = <Of extends Field>(field: Of, describes: string): Of => ({
  ...field,
  describes,
});
export const neededIn = <Of extends Field>(field: Of, condition: MemberCondition) => ({
  ...optional(field),
  neededIn: condition,
});
export const onlyIn = <Of extends Field>(field: Of, condition: MemberCondition, message: string) => ({
  ...optional(field),
  onlyIn: { condition, message },
});
export const optional = <Of extends Field>(field: Of) => ({ ...field, optional: true as const });
export const orNull = <Of extends Field>(field: Of) => ({ ...field, nullable: true as const });
export const byEngine = <Of extends Field>(field: Of) => ({ ...field, by: 'engine' as const });
export const byImport = <Of extends Field>(field: Of) => ({ ...field, by: 'import' as const });
export const byCommand = <Of extends Field>(field: Of) => ({ ...field, byCommand: true as const });

/**
 * A view of members: `made` by a command or the sweep, `imported`, or `stored`. In stored data, erasable members and
 * those that imports leave out are optional.
 */
type View = 'made' | 'imported' | 'stored';

interface Values<Of, Seen extends View> extends PlainValues {
  readonly oneOf: Of extends { readonly values: readonly (infer Value)[] } ? Value : never;
  readonly object: Of extends { readonly members: infer Inner extends Members }
    ? ValuesOf<Inner, Seen>
    : never;
  readonly list: Of extends { readonly of: infer Inner extends Item }
    ? readonly ValueOf<Inner, Seen>[]
    : never;
  readonly map: Of extends { readonly of: infer Inner extends Item }
    ? Readonly<Record<string, ValueOf<Inner, Seen>>>
    : never;
  readonly schema: Of extends { readonly [value]?: infer Value } ? Value : never;
}

export type ValueOf<Of extends Field, Seen extends View = 'made'> =
  | Values<Of, Seen>[Of['kind']]
  | (Of extends { readonly nullable: true } ? null : never);

type Absent<Seen extends View> =
  | { readonly optional: true }
  | (Seen extends 'stored' ? { readonly kind: Erasable } | { readonly byCommand: true } : never);

type Left<Seen extends View> = Seen extends 'imported' ? { readonly byCommand: true } : never;

type Flat<Of> = { readonly [Member in keyof Of]: Of[Member] } & {};

/** The type of an object with these members. */
export type ValuesOf<Of extends Members, Seen extends View = 'made'> = Flat<
  {
    [Name in keyof Of as Of[Name] extends Absent<Seen> | Left<Seen> ? never : Name]: ValueOf<Of[Name], Seen>;
  } & {
    [
      Name in keyof Of as Of[Name] extends Left<Seen> ? never : Of[Name] extends Absent<Seen> ? Name : never
    ]?: ValueOf<Of[Name], Seen>;
  }
>;

/** Returns a name as words: `publishedElsewhere` and `published-elsewhere` as `published elsewhere`. */
export const inWords = (name: string): string =>
  name.replaceAll('-', ' ').replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
const capitalised = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
export const labelOf = (name: string, { label }: Pick<Kind<string>, 'label'> = {}): string =>
  label ?? capitalised(inWords(name));
/** Returns the values of a choice with their labels. */
export const wordsOf = ({ values, words }: OneOf<string>): readonly (readonly [string, string])[] =>
  values.map((value) => [value, words?.[value] ?? capitalised(inWords(value))]);

/** Returns whether a redaction can erase the member. */
export const isErasable = ({ kind }: Field): boolean => kind === 'freeText' || kind === 'freeBytes';

/**
 * Returns whether a stored event can lack the member: because it is optional, imports leave it out, or it was erased.
 */
export const canBeAbsent = (field: Field): boolean =>
  field.optional === true || field.byCommand === true || isErasable(field);

/** Returns the pointers of the erasable values among members, in order. `*` matches every item of a list. */
export const erasableIn = (members: Members, at: Pointer): Pointer[] =>
  Object.entries(members).flatMap(([name, field]) => erasableAt(field, `${at}/${name}`));

function erasableAt(field: Field, at: Pointer): Pointer[] {
  if (isErasable(field)) return [at];
  if (field.kind === 'list') return erasableAt(field.of, `${at}/*`);
  return field.kind === 'object' ? erasableIn(field.members, at) : [];
}
