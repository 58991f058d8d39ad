import type { JsonObject, Pointer } from '#event-sourcing/envelope';
import { erasableIn, withLabel, optional, plainDate } from './fields.ts';
import type { Members, ValuesOf } from './fields.ts';

/** The members of an event type. */
export interface Shape<Of extends Members = Members> {
  readonly members: Of;
  readonly schemaVersion: number;
  /** The pointers of erasable members, from the envelope. */
  readonly sensitive: readonly Pointer[];
  /** What the author of such an event writes; absent if no decision relies on it. */
  readonly writes?: Writes;
}

/** The part of a record that an event writes. Its author may not decide on it. */
export interface Writes {
  /** True if decisions rely on the part itself, and not only on the event. */
  readonly isChange: boolean;
  /** @param partOf returns the part that an earlier event wrote; null if it wrote none. */
  of(data: JsonObject, partOf: (eventId: string) => string | null): string | null;
}

export type Shapes = Readonly<Record<string, Shape>>;

/** Returns an event type for a stream without a lifecycle. */
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

/** Returns an event type that writes something on which others decide. */
export const writing = <Of extends Shape>(part: string, type: Of): Of => ({
  ...type,
  writes: { isChange: false, of: () => part },
});

/**
 * Returns an event type that changes a part of the record on which decisions rely.
 *
 * @param part the part, or a function that returns the part for the data; null if that changes none.
 */
export const changing = <Of extends Shape>(part: string | Writes['of'], type: Of): Of => ({
  ...type,
  writes: { isChange: true, of: typeof part === 'string' ? () => part : part },
});

/** The data of each event type when a command or the sweep creates it. */
export type DataOf<Of extends Shapes> = { readonly [Type in keyof Of]: ValuesOf<Of[Type]['members']> };
/** The data of each event type when an import creates it. */
export type ImportedDataOf<Of extends Shapes> = {
  readonly [Type in keyof Of]: ValuesOf<Of[Type]['members'], 'imported'>;
};
export type StoredDataOf<Of extends Shapes> = {
  readonly [Type in keyof Of]: ValuesOf<Of[Type]['members'], 'stored'>;
};

declare const value: unique symbol;
/** A request payload. Its validating class and its schema are derived from it. */
export interface PayloadShape<Value extends object = object> {
  /** The name of its schema. */
  readonly name: string;
  readonly members: Members;
  /** Its validated type, for the compiler only. */
  readonly [value]?: Value;
}
/** The validated type of a payload. */
export type PayloadOf<Of extends PayloadShape> = Of extends PayloadShape<infer Value> ? Value : never;

/** Returns the payload member that identifies a person; undefined if there is none. */
export const personMember = (members: Members): string | undefined =>
  Object.keys(members).find((member) => members[member]?.limits?.isPerson === true);

export const payload = <Of extends Members>(name: string, members: Of): PayloadShape<ValuesOf<Of>> => ({
  name,
  members,
});

/** Returns the payload with other form labels for some members. */
export const withFormLabels = <Value extends object>(
  shape: PayloadShape<Value>,
  members: Members,
): PayloadShape<Value> => ({ ...shape, members: { ...shape.members, ...members } });

const EFFECTIVE_ON = {
  effectiveOn: optional(
    withLabel(plainDate('The effective date; today if absent.'), 'Effective date', {
      hint: 'The date from which this applies. Change it if it is not today.',
      missing: 'Enter the effective date',
    }),
  ),
};

/** Returns a command's payload, with an optional effective date. */
export const commandPayload = <Of extends Members>(name: string, members: Of) =>
  payload(name, { ...members, ...EFFECTIVE_ON });
