import { commandRow } from '#lifecycle/decide';
import type { CommandDefinition, CommandPayload, DecisionContext } from '#lifecycle/decide';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import type { Facts } from './facts.ts';
import type { DecidedRecordEvent } from './record-event.ts';

/** A row of the policy whose events have the data of their type. */
interface RecordCommand<Payload extends CommandPayload> extends CommandDefinition<Facts, Payload> {
  events(
    state: LifecycleState<Facts>,
    payload: Payload,
    context: DecisionContext<Facts>,
  ): readonly DecidedRecordEvent[];
}

/** A row of the table, checked against its own payload and the map of events. */
export const recordCommand = <Payload extends CommandPayload>(
  command: RecordCommand<Payload>,
): CommandDefinition<Facts> => commandRow(command);

/** What of a payload is its event's data: not the date on which it holds, and not what is named only to be compared. */
export const said = <Payload extends CommandPayload & { readonly decides?: readonly string[] }>({
  effectiveOn: _,
  decides: __,
  ...data
}: Payload): Omit<Payload, 'effectiveOn' | 'decides'> => data;
