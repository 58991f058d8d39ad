import { commandRow } from '#lifecycle/decide';
import type { CommandDefinition, CommandPayload, DecisionContext } from '#lifecycle/decide';
import type { Emits } from '#lifecycle/deciding-machine';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { judging } from '../../capabilities/recipients.ts';
import type { EventType } from './events.ts';
import type { Facts } from './facts.ts';
import type { guards } from './machine.ts';
import type { DecidedRecordEvent } from './record-event.ts';

/** A row of the policy whose events have the data of their type. */
interface RecordCommand<Payload extends CommandPayload> extends CommandDefinition<Facts, Payload> {
  readonly emits: Emits<EventType>;
  readonly emitsElsewhere?: readonly EventType[];
  readonly when?: keyof typeof guards;
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

/** A command that requests, approves or decides: on a record without a recipient no body's people give it. */
export const judgingCommand = <Payload extends CommandPayload>(
  command: RecordCommand<Payload>,
): CommandDefinition<Facts> => commandRow(judging<Facts, Payload>(command));
