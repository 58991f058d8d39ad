import { nextTurn } from '#event-sourcing/event-store';
import type { TimelineItem } from '#read-models/timeline/timeline';
import type { Identity } from '#identity/identity';
import { CommandRefusedError } from '#lifecycle/refused';
import { ANY_RECORD_ID, pathOfRecord, recordOf } from '#state-machines/record-streams';
import { rolesOn } from '#state-machines/access';
import { rolesFor } from '#state-machines/commanded-lifecycles';
import type { CommandName } from '#state-machines/inspection-recommendation/v1/policy';
import { londonDate } from '#state-machines/london';
import type { Reader } from '#use-cases/asked';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { seeCommands, seeCorrectable, seeSuccessorChanges } from '#use-cases/records/see-commands';
import type { SeenCommand } from '#use-cases/records/see-commands';
import { seePossibleOwners } from '#use-cases/records/see-possible-owners';
import { seeRecord } from '#use-cases/records/see-record';
import type { SeenRecord } from '#use-cases/records/see-record';
import { seeRedaction } from '#use-cases/records/see-redaction';
import { seeTimeline } from '#use-cases/records/see-timeline';
import type { FormValues } from '../form-values.ts';
import type { Subject } from './command-fields.ts';

/** A command on a record, as somebody meets it: what its form is about, and what stands against giving it. */
export interface SeenForm {
  readonly command: CommandName;
  /** The list that one came from to the record. */
  readonly from: string | undefined;
  readonly subject: Subject;
  /** This command, and what else may be done. */
  readonly own: SeenCommand;
  readonly commands: readonly SeenCommand[];
}

/** Which command on which record, and where one came from. */
export interface Place {
  readonly id: string;
  readonly command: string;
  readonly from: string | undefined;
}

/** Forms that show something of the record's history. */
const SHOWS_HISTORY: ReadonlySet<CommandName> = new Set([
  'correct-comment',
  'approve-closure',
  'decide-no-further-action',
  'supersede',
  'refuse-closure',
  'accept-evidence',
  'reject-evidence',
  'grant-extension',
  'refuse-extension',
  'request-correction',
  'approve-correction',
  'refuse-correction',
  'redact-comment',
]);

/**
 * Reads what a form needs. The version is read first, so that whatever is shown beside it is no older.
 * @throws CommandRefusedError 404 where there is no such record or command, or it is of a body that the viewer does not see.
 */
export async function seeForm(
  access: RecordsAccess,
  viewer: Identity & Reader,
  { id, command: name, from }: Place,
  chosen: FormValues,
  needsHistory = false,
): Promise<SeenForm> {
  const now = Date.now();
  access.commands.commandDefinition(name);
  const command = name as CommandName;
  const { record } = await seeRecord(access, viewer, recordOf(id), { view: NOW, now });
  const seen = await seeCommands(access, viewer, recordOf(id), now);
  const acting = rolesOn(viewer, record.recipient);
  const successor = command === 'supersede' ? (record.pending.closure?.supersededBy ?? '') : '';
  const subject: Subject = {
    record,
    person: viewer.subject,
    roles: rolesFor(command).filter((role) => acting.includes(role)),
    today: londonDate(now),
    chosen,
    successorChanges: command === 'supersede' ? await seeSuccessorChanges(access, viewer, recordOf(id)) : [],
    successor: await seeSuccessor(access, viewer, successor, now),
    redaction:
      command === 'redact-comment'
        ? await seeRedaction(access, viewer, recordOf(id), chosen.get('eventId'))
        : null,
    correctable:
      command === 'request-correction'
        ? await seeCorrectable(access, viewer, recordOf(id))
        : new Map<string, never>(),
    owners: command === 'assign-owner' ? await seePossibleOwners(access, viewer, recordOf(id), now) : [],
    timeline: needsHistory || SHOWS_HISTORY.has(command) ? await wholeTimeline(access, viewer, id) : [],
  };
  const own = seen.find((each) => each.command === command);
  return { command, from, subject, commands: seen, own: own ?? { command, allowed: false, because: [] } };
}

/** The record that takes this one's place; null where there is none that the viewer sees. */
async function seeSuccessor(
  access: RecordsAccess,
  viewer: Identity & Reader,
  by: string,
  now: number,
): Promise<SeenRecord['record'] | null> {
  if (!ANY_RECORD_ID.test(by)) return null;
  try {
    return (await seeRecord(access, viewer, recordOf(by), { view: NOW, now })).record;
  } catch (error) {
    if (error instanceof CommandRefusedError) return null;
    throw error;
  }
}

const NOW = { effectiveOn: null, knownAt: null };

/** The address of a command's form on the same record, with the same way back. */
export function commandAddress({ subject, from }: SeenForm, command: CommandName): string {
  const query = from === undefined ? '' : `?${new URLSearchParams({ from }).toString()}`;
  return `${pathOfRecord(subject.record.id)}/commands/${command}${query}`;
}

/** So many items are read in a few milliseconds; then others have their turn. */
const ITEMS_AT_ONCE = 100;

async function wholeTimeline(
  access: RecordsAccess,
  viewer: Identity & Reader,
  id: string,
): Promise<TimelineItem[]> {
  const items: TimelineItem[] = [];
  for await (const item of await seeTimeline(access, viewer, recordOf(id))) {
    items.push(item);
    if (items.length % ITEMS_AT_ONCE === 0) await nextTurn();
  }
  return items;
}
