import { commandRow } from '#lifecycle/decide';
import type { CommandDefinition, CommandPayload, DecisionContext } from '#lifecycle/decide';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { judgingOf } from '../../capabilities/recipients.ts';
import { recommendation } from '../kind.ts';
import type { EventType } from './events.ts';
import type { Facts } from './facts.ts';
import type { guards } from './machine.ts';
import type { DecidedRecordEvent } from './record-event.ts';

/** A command of recommendations, with typed event data. */
interface RecordCommand<Payload extends CommandPayload> extends CommandDefinition<Facts, Payload> {
  readonly emits: readonly EventType[];
  readonly emitsElsewhere?: readonly EventType[];
  readonly when?: keyof typeof guards;
  events(
    state: LifecycleState<Facts>,
    payload: Payload,
    context: DecisionContext<Facts>,
  ): readonly DecidedRecordEvent[];
}

/**
 * Returns a command that requests, approves or decides, checked against its own payload and event types. People of bodies may not send it on a record without a
 * recipient.
 */
export const judgingCommand = <Payload extends CommandPayload>(
  command: RecordCommand<Payload>,
): CommandDefinition<Facts> => commandRow(judgingOf(recommendation)<Facts, Payload>(command));
