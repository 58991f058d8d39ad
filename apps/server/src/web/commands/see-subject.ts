import { nextTurn } from '#event-sourcing/event-store';
import { REDACTION } from '#event-sourcing/erasure';
import type { TimelineItem } from '#read-models/timeline/timeline';
import type { Identity } from '#identity/identity';
import type { CommandForm, FormRow, FormSubject } from '#lifecycle/command-form';
import { CommandRefusedError } from '#lifecycle/refused';
import { ANY_RECORD_ID, pathOf, streamOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import { personMember } from '#lifecycle/shapes';
import { rolesOn } from '#state-machines/access';
import { lifecycles } from '#state-machines/lifecycles';
import { londonDate } from '#state-machines/london';
import type { Reader } from '#use-cases/call-context';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { seeCommands, seeRecord, seeTimeline } from '#use-cases/records/see-record';
import type { SeenCommand, SeenRecord } from '#use-cases/records/see-record';
import { seePossibleOwners } from '#use-cases/records/see-possible-owners';
import { seeRedaction } from '#use-cases/records/see-redaction';
import { visibleHistory } from '#use-cases/records/visible-record';
import type { FormValues } from '../form-values.ts';
import { payloadMembers } from './command-fields.tsx';
import type { FieldsOf } from './command-fields.tsx';

type ReadRecord = SeenRecord['record'];

/** A command's form for a viewer: the record, its history and the allowed commands. */
export interface SeenForm extends FieldsOf {
  readonly reference: RecordReference;
  readonly record: ReadRecord;
  /** A plain date. */
  readonly today: string;
  /** The other record of the command; null if it has none or the viewer cannot see it. */
  readonly other: ReadRecord | null;
  /** The history; empty if the form does not show it. */
  readonly timeline: readonly TimelineItem[];
  /** The list that the user came from. */
  readonly from: string | undefined;
  /** This command, and all others. */
  readonly own: SeenCommand;
  readonly commands: readonly SeenCommand[];
}

export interface Place {
  readonly record: RecordReference;
  readonly command: string;
  readonly from: string | undefined;
}

/**
 * Reads everything that a form needs. The version is read first, so that all else is at least as new.
 * @throws CommandRefusedError 404 if the record or the command does not exist, or the viewer cannot see it.
 */
export async function seeForm(
  access: RecordsAccess,
  viewer: Identity & Reader,
  { record: reference, command, from }: Place,
  chosen: FormValues,
  now: number,
  needsHistory = false,
): Promise<SeenForm> {
  access.commands.allowed.lookUpCommand(command, streamOf(reference));
  const { record } = await seeRecord(access, viewer, reference, { view: NOW, now });
  const commands = await seeCommands(access, viewer, reference, now);
  const lifecycle = reference.kind.name;
  const { commands: rows, words } = lifecycles.current(lifecycle);
  const row = words.forms?.[command];
  const erases = rows[command]?.emits.includes(REDACTION) === true;
  const acting = rolesOn(viewer, record.recipient, reference.kind);
  const seen = {
    ...{ command, lifecycle, reference, record, chosen, from, commands },
    recipient: record.recipient,
    person: viewer.subject,
    roles: (rows[command]?.roles ?? []).filter((role) => acting.includes(role)),
    today: londonDate(now),
    redaction: erases ? await seeRedaction(access, viewer, reference, chosen.get('eventId')) : null,
    owners:
      personMember(payloadMembers(lifecycle, command)) === undefined
        ? []
        : await seePossibleOwners(access, viewer, reference, now),
    timeline:
      needsHistory || erases || row?.showsHistory === true
        ? await wholeTimeline(access, viewer, reference)
        : [],
    own: commands.find((each) => each.command === command) ?? { command, allowed: false, because: [] },
  };
  const { state, stored: events } = await visibleHistory(access, viewer, reference);
  const otherId = (state && rows[command]?.otherRecord?.(state)) ?? null;
  const other = otherId === null ? null : { kind: reference.kind, id: otherId };
  return {
    ...seen,
    form:
      row === undefined || state === null
        ? {}
        : formOf(row, seen, { state, events, other: other && (await access.histories.read(other)).state }),
    other: other && (await seeOther(access, viewer, other, now)),
  };
}

/** Returns the lifecycle's form for the record and the viewer. */
function formOf(
  row: FormRow,
  { record, chosen, timeline, person, roles, today }: Omit<SeenForm, 'form' | 'other'>,
  states: Pick<FormSubject, 'state' | 'events' | 'other'>,
): CommandForm {
  const { title, text } = record;
  return row.form({
    ...{ ...states, title, text, person, roles, today, history: timeline },
    chosen: (member) => chosen.get(member),
  });
}

/** Returns null if the viewer cannot see the record. */
async function seeOther(
  access: RecordsAccess,
  viewer: Identity & Reader,
  other: RecordReference,
  now: number,
): Promise<ReadRecord | null> {
  if (!ANY_RECORD_ID.test(other.id)) return null;
  try {
    return (await seeRecord(access, viewer, other, { view: NOW, now })).record;
  } catch (error) {
    if (error instanceof CommandRefusedError) return null;
    throw error;
  }
}

const NOW = { effectiveOn: null, knownAt: null };

/** Returns the address of another command's form with the same return address. */
export function commandAddress({ reference, from }: SeenForm, command: string): string {
  const query = from === undefined ? '' : `?${new URLSearchParams({ from }).toString()}`;
  return `${pathOf(reference)}/commands/${command}${query}`;
}

/** Yields to other requests after this many items. */
const ITEMS_AT_ONCE = 100;

async function wholeTimeline(
  access: RecordsAccess,
  viewer: Identity & Reader,
  reference: RecordReference,
): Promise<TimelineItem[]> {
  const items: TimelineItem[] = [];
  for await (const item of await seeTimeline(access, viewer, reference)) {
    items.push(item);
    if (items.length % ITEMS_AT_ONCE === 0) await nextTurn();
  }
  return items;
}
