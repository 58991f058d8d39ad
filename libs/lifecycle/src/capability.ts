import { withKnownShape } from '#event-sourcing/known-shape';
import type { TypedEvent } from '#event-sourcing/typed-stream';
import { commandRow } from './decide.ts';
import type { CommandDefinition, CommandPayload, DecidedEvent, DecisionContext } from './decide.ts';
import type { LifecycleState } from './lifecycle-definition.ts';
import type { FoldedEvent } from './folded-event.ts';
import type { DataOf, Shapes, StoredDataOf } from './shapes.ts';

/** Returns the facts after an event; the same object if nothing changed. */
export type Fold<Slice> = <Facts extends Slice>(facts: Facts, event: FoldedEvent) => Facts;

type TypeAndData = Pick<FoldedEvent, 'type' | 'data'>;

/** An event as a union discriminated by its type. */
export type EventOf<Of extends Shapes, Base extends TypeAndData = FoldedEvent> = TypedEvent<
  StoredDataOf<Of>,
  Base
>;

/** Returns a function that types events of these types, and returns null for others. */
export function readerOf<Of extends Shapes>(types: Of) {
  function read<Base extends TypeAndData>(event: Base): EventOf<Of, Base> | null;
  function read(event: TypeAndData): unknown {
    return Object.hasOwn(types, event.type) ? withKnownShape(types, event) : null;
  }
  return read;
}

/** The changes to a slice of facts, by event type. A change returns null if nothing changes. */
type Changes<Slice, Of extends Shapes> = {
  readonly [Type in keyof Of & string]?: (
    facts: Slice,
    event: EventOf<Pick<Of, Type>>,
  ) => Partial<Slice> | null;
};
type Change<Slice> = (facts: Slice, event: FoldedEvent) => Partial<Slice> | null;

/** Returns a fold that dispatches on the event's type. */
export function foldBy<Slice extends object, Of extends Shapes>(
  types: Of,
  changes: Changes<Slice, Of>,
): Fold<Slice> {
  // The cast is safe: an event of a type has that type's shape.
  const byType = new Map(Object.entries(changes) as [string, Change<Slice>][]);
  return (facts, event) => {
    const change = byType.get(event.type)?.(facts, withKnownShape(types, event)) ?? null;
    return change === null ? facts : { ...facts, ...change };
  };
}

interface RowOf<Facts, Of extends Shapes, Payload extends CommandPayload> extends CommandDefinition<
  Facts,
  Payload
> {
  readonly emits: readonly (keyof Of & string)[];
  events(
    state: LifecycleState<Facts>,
    payload: Payload,
    context: DecisionContext<Facts>,
  ): readonly (DecidedEvent & TypedEvent<DataOf<Of>, DecidedEvent>)[];
}

export const rowOf = <Facts, Of extends Shapes, Payload extends CommandPayload>(
  row: RowOf<Facts, Of, Payload>,
): CommandDefinition<Facts> => commandRow(row);

type Both<Of> = (Of extends unknown ? (one: Of) => void : never) extends (all: infer All) => void
  ? All
  : never;

/**
 * Returns the tables of several capabilities as one.
 * @throws Error for a name that two of them have, because the later one would replace the other.
 */
export function together<const Tables extends readonly object[]>(...tables: Tables): Both<Tables[number]> {
  const names = tables.flatMap((table) => Object.keys(table));
  const twice = names.filter((name, index) => names.indexOf(name) < index);
  if (twice.length > 0) throw new Error(`Two capabilities have ${[...new Set(twice)].join(', ')}; keep one`);
  return Object.assign({}, ...tables) as Both<Tables[number]>;
}

/** Returns the event data of a payload, without the effective date and the ids that are only compared. */
export const eventData = <Payload extends CommandPayload & { readonly decides?: readonly string[] }>({
  effectiveOn: _,
  decides: __,
  ...data
}: Payload): Omit<Payload, 'effectiveOn' | 'decides'> => data;
