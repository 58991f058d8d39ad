import { REDACTION } from '#event-sourcing/erasure';
import type { CommandOutcome } from '#lifecycle/answered-commands';
import { londonDate } from '#state-machines/london';
import { seesRecipient } from '#state-machines/access';
import { kinds } from '#state-machines/record-streams';
import { callOf } from '../call-context.ts';
import type { CommandContext } from '../call-context.ts';
import { erasedFrom } from './eraser.ts';
import type { Erased } from './eraser.ts';
import type { RecordsAccess } from './records-access.ts';
import { namePerson } from './name-person.ts';
import { refuseOthers } from './visible-record.ts';
import { streamOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import { viewOf } from '#state-machines/any-kind';

/**
 * The timeout for the erasure, after which a redaction's response says that it is pending. A repeated redaction returns the current state.
 */
const ERASED_MS = 5_000;
const REPEATED_MS = 1_000;

/** A command as the caller sent it. */
interface SentCommand {
  readonly record: RecordReference;
  readonly command: string;
  /** The payload as the caller sent it. */
  readonly body: unknown;
  /** The acceptable current versions of the record; null for any. */
  readonly expectedVersions: readonly number[] | null;
}

/** The command's result and the record afterwards. */
export interface CommandResult extends Pick<CommandOutcome, 'version' | 'position' | 'status' | 'events'> {
  readonly id: string;
  readonly state: Readonly<Record<string, string>>;
  /** Only for a redaction. */
  readonly erased?: Erased;
}

/**
 * Runs a command on a record that the viewer sees.
 * @returns the result and the day for which the record is shown.
 * @throws CommandRefusedError as the command handler does, after recording it.
 */
export async function executeCommand(
  access: RecordsAccess,
  context: CommandContext,
  { record, command, body, expectedVersions }: SentCommand,
): Promise<{ readonly answer: CommandResult; readonly day: string }> {
  const { viewer } = context;
  const call = { ...callOf(context), command, body, expectedVersions };
  const outcome = await access.attempt({ ...call, record }, async () => {
    const { payload } = access.commands.allowed.lookUpCommand(command, streamOf(record));
    await refuseOthers(access, viewer, record);
    const named = await namePerson(access, viewer, { record, payload, body }, context.now);
    return access.commands.handle({
      ...call,
      ...named,
      streamId: streamOf(record),
      mayTouch: ({ of, body }) => seesRecipient(viewer, body, kinds.named(of)),
    });
  });
  const erased = await erasureOf(access, outcome);
  const day = londonDate(outcome.recordedAt);
  const { version, position, status, events } = outcome;
  const { id } = record;
  const answer = {
    id,
    version,
    position,
    status,
    state: viewOf(outcome.state.of).stateOn(outcome.state, day),
    events,
  };
  return { answer: { ...answer, ...(erased !== null && { erased }) }, day };
}

/** Returns the state of a redaction's erasure; null for any other command. */
async function erasureOf(
  { eraser, store }: RecordsAccess,
  { events, position, repeated }: CommandOutcome,
): Promise<Erased | null> {
  if (!events.some(({ type }) => type === REDACTION)) return null;
  return erasedFrom(store, await eraser.whenHandled(position, repeated ? REPEATED_MS : ERASED_MS));
}
