import { asRule, commandRow } from '#lifecycle/decide';
import type { CommandDefinition, CommandPayload, DecisionContext, Foreseen } from '#lifecycle/decide';
import type { Emits } from '#lifecycle/deciding-machine';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
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

/** While a record has no recipient, it can be for a body of the person who acts on it. */
export const noBodyDecides: Foreseen<Facts> = {
  code: 'own-body-decides',
  kind: 'people',
  hasOwnCode: true,
  holds: ({ facts }, { bodies }) => facts.recipient !== null || bodies.length === 0,
  detail: () =>
    'The record has no recipient yet, and can be for an organisation that your account names. A person whose account names none assigns the recipient (assign-recipient) or gives this command',
};

/**
 * A command that requests, approves or decides, or that says what the duty is and whose: on a record without a recipient no body's
 * people give it.
 */
export const judgingCommand = <Payload extends CommandPayload>(
  command: RecordCommand<Payload>,
): CommandDefinition<Facts> =>
  recordCommand<Payload>({
    ...command,
    foreseen: [...(command.foreseen ?? []), noBodyDecides],
    rules: [...(command.rules ?? []), asRule(noBodyDecides)],
  });
