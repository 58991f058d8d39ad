import type { CommandPayload, DecidedEvent } from '#lifecycle/decide';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import type { EventType } from './events.ts';
import type { Facts } from './facts.ts';

type State = LifecycleState<Facts>;

/** The one event that a command records, with the payload's members as its data. */
export const one =
  (type: EventType) =>
  (_state: State, payload: CommandPayload): DecidedEvent[] => {
    const { effectiveOn: _, ...data } = payload;
    return [{ type, data: data }];
  };

/** The one event of a decision, naming what it decides on. */
export const deciding =
  (type: EventType, standing: (state: State) => readonly string[]) =>
  (state: State, payload: CommandPayload & { readonly decides?: readonly string[] }): DecidedEvent[] => {
    const { effectiveOn: _, decides: __, ...data } = payload;
    return [{ type, data: { ...data, decides: standing(state) } }];
  };
