import type { JsonObject, Pointer } from '#event-sourcing/envelope';

/** The kinds of field that need nothing besides their name, with the type of their values. */
interface PlainValues {
  /** Text that people write. A redaction can erase it. */
  readonly freeText: string;
  /** A file that people give, in base64. A redaction can erase it. */
  readonly freeBytes: string;
  /** A name, an id or a code that a program or a rule gives, or that must never be erased. */
  readonly identifier: string;
  /** YYYY-MM-DD. */
  readonly plainDate: string;
  /** ISO 8601 in UTC, milliseconds. */
  readonly instant: string;
  /** SHA-256 as 64 small hexadecimal digits. */
  readonly sha256: string;
  /** A whole number from 0. */
  readonly count: number;
  /** A whole number from 1. */
  readonly ordinal: number;
  readonly flag: boolean;
  /** True; the member is absent otherwise. */
  readonly always: true;
  /** A count under each of some names. */
  readonly counts: Readonly<Record<string, number>>;
}

interface Kind<Name extends string> {
  readonly kind: Name;
  /** What the member means, as a sentence. */
  readonly describes?: string;
  /** What people see it called; its name in words where nothing is said. */
  readonly label?: string;
  /** What a form says beside it, and what where it is left empty: "Enter a reason". */
  readonly hint?: string;
  readonly missing?: string;
  /** It need not be given. */
  readonly optional?: boolean;
  /** It can be null. */
  readonly nullable?: boolean;
  /** A command gives it; an import that makes the same type of event does not. */
  readonly byCommand?: boolean;
  /** It is decided here, or comes from a file: a command does not take it. */
  readonly by?: 'engine' | 'import';
  /** Whether it must be given after all, in view of the other members that are sent. */
  readonly neededIn?: Holds;
  /** In view of the other members that are sent, whether it may be given, and what a refusal says. */
  readonly onlyIn?: { readonly holds: Holds; readonly says: string };
  readonly limits?: Limits;
}
/** Looks at what is sent, whose members can have any type. */
type Holds = (sent: Readonly<Record<string, unknown>>) => boolean;
/** A form that a text must have, and what a refusal says. */
export interface Form {
  readonly matches: RegExp;
  readonly says: string;
  /** What it is the name of, where a form offers those that there are. */
  readonly names?: 'bodies';
}
/** What a value that is sent must keep to; what is stored is taken on trust. */
interface Limits {
  /** Characters of a text, items of a list, or the greatest number. */
  readonly max?: number;
  /** Items of a list. */
  readonly min?: number;
  readonly form?: Form;
  /** One line without control characters. */
  readonly isLine?: boolean;
  /** An http or https address. */
  readonly isUrl?: boolean;
  /** The subject of a person, where a form offers those who are known. */
  readonly isPerson?: boolean;
  /** No item twice. */
  readonly isSet?: boolean;
}
interface OneOf<Value extends string> extends Kind<'oneOf'> {
  readonly values: readonly Value[];
  /** What people see them called; the values in words where nothing is said. */
  readonly words?: Readonly<Record<Value, string>>;
}
interface ObjectOf<Of extends Members> extends Kind<'object'> {
  readonly members: Of;
  /** The name under which a document describes it once. */
  readonly name?: string;
}
interface ListOf<Of extends Item> extends Kind<'list'> {
  readonly of: Of;
}
/** Values of one sort under names that are not known beforehand. */
interface MapOf<Of extends Item> extends Kind<'map'> {
  readonly of: Of;
}
declare const value: unique symbol;
/** What no other kind describes: a schema, and the type of the value, which the compiler alone knows. */
interface Schemed<Value> extends Kind<'schema'> {
  readonly schema: JsonObject;
  readonly [value]?: Value;
}

type Plain = { readonly [Name in keyof PlainValues]: Kind<Name> };
/** The kinds of what a redaction can erase. */
export type Erasable = 'freeText' | 'freeBytes';
/** What a list can hold: nothing that leaves a hole when it is erased. */
type Item = Plain[Exclude<keyof Plain, Erasable>] | OneOf<string> | ObjectOf<Members> | Schemed<unknown>;

/** What a member of an event holds, as a value: its types, its schema and what of it can be erased are derived from it. */
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
export const counts = plain('counts');
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
export const mapOf = <Of extends Item>(of: Of, describes?: string): MapOf<Of> => ({
  ...{ kind: 'map', of },
  ...words(describes),
});
export const schemed = <Value>(schema: JsonObject, describes?: string): Schemed<Value> => ({
  ...{ kind: 'schema', schema },
  ...words(describes),
});
export const object = <Of extends Members>(members: Of, describes?: string): ObjectOf<Of> => ({
  ...{ kind: 'object', members },
  ...words(describes),
});
/** An object that documents describe once, under a name. */
export const named = <Of extends Members>(
  name: string,
  members: Of,
): ObjectOf<Of> & { readonly name: string } => ({
  ...object(members),
  name,
});
/** One of some values, each with what people see it called. */
export const oneOfWords = <const Value extends string>(
  words: Readonly<Record<Value, string>>,
  describes?: string,
): OneOf<Value> => ({ ...oneOf(Object.keys(words) as Value[], describes), words });
/** The same field with what people see it called, and what a form says of it. */
export const labelled = <Of extends Field>(
  field: Of,
  label: string,
  more: Pick<Kind<string>, 'hint' | 'missing'> = {},
): Of => ({ ...field, label, ...more });
/** The members of an event that a command takes: all but those that are decided here or come from a file. */
export const sent = <Of extends Members>(members: Of): Sent<Of> =>
  Object.fromEntries(Object.entries(members).filter(([, { by }]) => by === undefined)) as Sent<Of>;
type Sent<Of extends Members> = {
  readonly [Name in keyof Of as Of[Name] extends { readonly by: string } ? never : Name]: Of[Name];
};
/** The same field with another meaning. */
export const meaning = <Of extends Field>(field: Of, describes: string): Of => ({ ...field, describes });
export const neededIn = <Of extends Field>(field: Of, holds: Holds) => ({
  ...optional(field),
  neededIn: holds,
});
export const onlyIn = <Of extends Field>(field: Of, holds: Holds, says: string) => ({
  ...optional(field),
  onlyIn: { holds, says },
});
export const optional = <Of extends Field>(field: Of) => ({ ...field, optional: true as const });
export const orNull = <Of extends Field>(field: Of) => ({ ...field, nullable: true as const });
export const byEngine = <Of extends Field>(field: Of) => ({ ...field, by: 'engine' as const });
export const byImport = <Of extends Field>(field: Of) => ({ ...field, by: 'import' as const });
export const byCommand = <Of extends Field>(field: Of) => ({ ...field, byCommand: true as const });

/**
 * How members are seen: as they are made, by a command or the sweep; as an import makes them; and as they are stored, where what
 * can be erased, or an import does not have, need not be there.
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

/** The type of what a field holds. */
export type ValueOf<Of extends Field, Seen extends View = 'made'> =
  Values<Of, Seen>[Of['kind']] | (Of extends { readonly nullable: true } ? null : never);

type Absent<Seen extends View> =
  | { readonly optional: true }
  | (Seen extends 'stored' ? { readonly kind: Erasable } | { readonly byCommand: true } : never);

type Left<Seen extends View> = Seen extends 'imported' ? { readonly byCommand: true } : never;

type Flat<Of> = { readonly [Member in keyof Of]: Of[Member] } & {};

/** The type of what members hold. */
export type ValuesOf<Of extends Members, Seen extends View = 'made'> = Flat<
  {
    [Name in keyof Of as Of[Name] extends Absent<Seen> | Left<Seen> ? never : Name]: ValueOf<Of[Name], Seen>;
  } & {
    [
      Name in keyof Of as Of[Name] extends Left<Seen> ? never : Of[Name] extends Absent<Seen> ? Name : never
    ]?: ValueOf<Of[Name], Seen>;
  }
>;

/** A name as words: `publishedElsewhere` and `published-elsewhere` as `published elsewhere`. */
export const inWords = (name: string): string =>
  name.replaceAll('-', ' ').replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
const capitalised = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
/** What people see a member called. */
export const labelOf = (name: string, { label }: Pick<Kind<string>, 'label'> = {}): string =>
  label ?? capitalised(inWords(name));
/** The values of a member that has one of some, each with what people see it called. */
export const wordsOf = ({ values, words }: OneOf<string>): readonly (readonly [string, string])[] =>
  values.map((value) => [value, words?.[value] ?? capitalised(inWords(value))]);

/** Whether a redaction can erase what the member holds. */
export const isErasable = ({ kind }: Field): boolean => kind === 'freeText' || kind === 'freeBytes';

/** Whether a stored event can lack the member: it need not be given, an import does not have it, or it was erased. */
export const canBeAbsent = (field: Field): boolean =>
  field.optional === true || field.byCommand === true || isErasable(field);

/** The pointers at which members hold what can be erased, in their order; `*` is every item of a list. */
export const erasableIn = (members: Members, at: Pointer): Pointer[] =>
  Object.entries(members).flatMap(([name, field]) => erasableAt(field, `${at}/${name}`));

function erasableAt(field: Field, at: Pointer): Pointer[] {
  if (isErasable(field)) return [at];
  if (field.kind === 'list') return erasableAt(field.of, `${at}/*`);
  return field.kind === 'object' ? erasableIn(field.members, at) : [];
}
