import type { Pointer } from '#event-sourcing/envelope';
import { erasableIn, labelled, optional, plainDate } from './fields.ts';
import type { Members, ValuesOf } from './fields.ts';

/** What a type of event holds. */
export interface Shape<Of extends Members = Members> {
  readonly members: Of;
  readonly schemaVersion: number;
  /** The pointers of what can be erased of it, from the envelope. */
  readonly sensitive: readonly Pointer[];
}

export type Shapes = Readonly<Record<string, Shape>>;

/** A type of event of a stream that follows no lifecycle. */
export const shape = <Of extends Members>(members: Of, schemaVersion = 1): Shape<Of> => ({
  members,
  schemaVersion,
  sensitive: erasableIn(members, '/data'),
});

export const first = <Of extends Members>(members: Of) => ({ kind: 'first' as const, ...shape(members) });
export const note = <Of extends Members>(members: Of) => ({ kind: 'note' as const, ...shape(members) });
/** @param countsFor the regions whose last move this counts as when dates are compared. */
export const move = <Of extends Members>(
  owner: string,
  members: Of,
  countsFor: readonly string[] = [owner],
) => ({
  kind: 'move' as const,
  ...{ owner, countsFor },
  ...shape(members),
});

/** What each type of event holds when a command or the sweep makes it. */
export type DataOf<Of extends Shapes> = { readonly [Type in keyof Of]: ValuesOf<Of[Type]['members']> };
/** What each type of event holds when an import makes it. */
export type ImportedDataOf<Of extends Shapes> = {
  readonly [Type in keyof Of]: ValuesOf<Of[Type]['members'], 'imported'>;
};
/** What each type of event holds once it is stored. */
export type StoredDataOf<Of extends Shapes> = {
  readonly [Type in keyof Of]: ValuesOf<Of[Type]['members'], 'stored'>;
};

declare const value: unique symbol;
/** What people send, as a value: the class that validates it and its schema are derived from it. */
export interface PayloadShape<Value extends object = object> {
  /** The name of its schema. */
  readonly name: string;
  readonly members: Members;
  /** What it holds once it is validated; known to the compiler alone. */
  readonly [value]?: Value;
}
/** What a payload holds once it is validated. */
export type PayloadOf<Of extends PayloadShape> = Of extends PayloadShape<infer Value> ? Value : never;

/** The member of a payload that names a person; undefined where none does. */
export const personMember = (members: Members): string | undefined =>
  Object.keys(members).find((member) => members[member]?.limits?.isPerson === true);

export const payload = <Of extends Members>(name: string, members: Of): PayloadShape<ValuesOf<Of>> => ({
  name,
  members,
});

/** The same payload, of which a form asks for some members in other words. */
export const asking = <Value extends object>(
  shape: PayloadShape<Value>,
  members: Members,
): PayloadShape<Value> => ({ ...shape, members: { ...shape.members, ...members } });

const EFFECTIVE_ON = {
  effectiveOn: optional(
    labelled(plainDate('The day from which it holds; today where nothing is said.'), 'Effective date', {
      hint: 'The day from which it holds. Change it if it is not today.',
      missing: 'Enter the effective date',
    }),
  ),
};

/** The payload of a command: it can say from when on it holds. */
export const commandPayload = <Of extends Members>(name: string, members: Of) =>
  payload(name, { ...members, ...EFFECTIVE_ON });
