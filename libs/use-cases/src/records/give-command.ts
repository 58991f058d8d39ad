import { REDACTION } from '#event-sourcing/erasure';
import type { CommandOutcome } from '#lifecycle/answered-commands';
import { londonDate } from '#state-machines/london';
import { seesRecipient } from '#state-machines/access';
import { callOf } from '../asked.ts';
import type { Asked } from '../asked.ts';
import type { Erased, RecordsAccess } from './records-access.ts';
import { namePerson } from './name-person.ts';
import { refuseOthers } from './visible-record.ts';
import { streamOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import { viewOf } from '#state-machines/any-kind';

/** How long the answer to a redaction waits for the text to be erased everywhere, and a repeated one to see how it stands. */
const ERASED_MS = 5_000;
const STANDS_MS = 1_000;

/** A command as it is given. */
interface GivenCommand {
  readonly record: RecordReference;
  readonly command: string;
  /** The payload as it was sent. */
  readonly body: unknown;
  /** The versions of which the record may be one; null where any will do. */
  readonly expectedVersions: readonly number[] | null;
}

/** What a command did, and the record as it then is. */
export interface GivenAnswer extends Pick<CommandOutcome, 'version' | 'position' | 'status' | 'events'> {
  readonly id: string;
  readonly state: Readonly<Record<string, string>>;
  /** Of a redaction alone. */
  readonly erased?: Erased;
}

/**
 * Gives a command on a record that the viewer sees.
 * @returns what it did, and the day for which that is told.
 * @throws CommandRefusedError as the handler of commands does, on record by then.
 */
export async function giveCommand(
  access: RecordsAccess,
  asked: Asked,
  { record, command, body, expectedVersions }: GivenCommand,
): Promise<{ readonly answer: GivenAnswer; readonly day: string }> {
  const { viewer } = asked;
  const call = { ...callOf(asked), command, body, expectedVersions };
  const outcome = await access.attempt({ ...call, record }, async () => {
    const { payload } = access.commands.allowed.knownCommand(command, streamOf(record));
    await refuseOthers(access, viewer, record);
    const named = await namePerson(access, viewer, { record, payload, body }, asked.now);
    return access.commands.handle({
      ...call,
      ...named,
      streamId: streamOf(record),
      mayTouch: ({ body }) => seesRecipient(viewer, body),
    });
  });
  const erased = await erasedBy(access, outcome);
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

/** Null for what is no redaction. */
async function erasedBy(
  { eraser, store }: Pick<RecordsAccess, 'eraser' | 'store'>,
  { events, position, repeated }: CommandOutcome,
): Promise<Erased | null> {
  if (!events.some(({ type }) => type === REDACTION)) return null;
  const isErased = await eraser.whenHandled(position, repeated ? STANDS_MS : ERASED_MS);
  return { remains: isErased ? store.erasedRemains : 'pending' };
}
