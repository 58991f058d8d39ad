import type { Pointer } from '#event-sourcing/envelope';
import { erasableIn } from './fields.ts';
import type { Members, ValuesOf } from './fields.ts';
import type { EventDefinition } from './lifecycle-definition.ts';

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

/** Types of events as a definition has them, without what each of them holds. */
export const definitionsOf = <Type extends string>(
  shapes: Readonly<Record<Type, EventDefinition & Shape>>,
): Readonly<Record<Type, EventDefinition>> =>
  Object.fromEntries(
    Object.entries<EventDefinition & Shape>(shapes).map(([type, { members: _, ...event }]) => [type, event]),
  ) as Record<Type, EventDefinition>;

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
