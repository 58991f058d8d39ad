import { stringify } from 'csv-stringify/sync';
import type { Envelope, Pointer } from '../../event-sourcing/src/envelope.ts';
import {
  appendEntries,
  printRecord,
  UnprintableTextError,
} from '../../register-format/src/print-register-record.ts';
import type { HistoryEntry } from '../../register-format/src/compare-history.ts';
import {
  isInternalComment,
  recordDetails,
  recordIdOf,
  standing,
} from '../../../state-machines/inspection-recommendation/v1/record.ts';
import { printable, recordedHistory, REDACTED } from './register-history.ts';
import type { RecordedHistory } from './register-history.ts';

export const EXPORT_FORMATS = ['register', 'json', 'csv', 'cloudevents'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** A record that cannot be exported in a format; says which event is in the way. */
export class ExportError extends Error {
  override readonly name = 'ExportError';
}

/** A value that is there, and that whoever gets a copy may not read. */
export interface Withheld {
  readonly eventId: string;
  readonly pointer: Pointer;
}

/** The values that the second of two copies of a stream lacks: their commitments stand, their salts are gone. */
export const withheldBetween = (whole: readonly Envelope[], copy: readonly Envelope[]): Withheld[] =>
  whole.flatMap(({ eventId, commitments, salts }, index) =>
    Object.keys(commitments)
      .filter((pointer) => Object.hasOwn(salts, pointer))
      .filter((pointer) => !Object.hasOwn(copy[index]?.salts ?? {}, pointer))
      .map((pointer) => ({ eventId, pointer })),
  );

/**
 * A record's stream as a file. The register format gives back an untouched import byte for byte, then a block per later
 * move of progress and public comment. JSON holds whatever it takes to verify it, and says what is withheld from this copy.
 * @throws ExportError when a text cannot be printed in the register's format.
 */
export function exportRecord(
  events: readonly Envelope[],
  format: ExportFormat,
  withheld: readonly Withheld[] = [],
): Uint8Array {
  switch (format) {
    case 'register':
      return exportRegister(events);
    case 'json':
      return Buffer.from(`${JSON.stringify(jsonExport(events, withheld), null, 2)}\n`);
    case 'csv':
      return Buffer.from(csvExport(events));
    case 'cloudevents':
      return Buffer.from(`${JSON.stringify(events.map(toCloudEvent), null, 2)}\n`);
  }
}

function exportRegister(events: readonly Envelope[]): Uint8Array {
  const history = recordedHistory(events);
  const { source, later, entries } = history;
  try {
    return source === null
      ? printRecord(printableRecord(history))
      : appendEntries(source, later.map(printable));
  } catch (error) {
    if (!(error instanceof UnprintableTextError)) throw error;
    const printed: readonly HistoryEntry[] = source === null ? entries : later;
    throw new ExportError(
      `event ${versionOf(error, printed, events)}: its ${error.part} would not be read back from the register format; export it as json instead`,
    );
  }
}

const printableRecord = ({ title, reference, text, entries }: RecordedHistory) => ({
  title: title ?? REDACTED,
  reference,
  text: text ?? REDACTED,
  entries: entries.map(printable),
});

/** The event whose text the format cannot hold. */
function versionOf(
  { part, entry: index }: UnprintableTextError,
  printed: readonly HistoryEntry[],
  events: readonly Envelope[],
): number {
  const entry = index === null ? undefined : printed[index];
  if (entry && 'version' in entry) return entry.version as number;
  // Title and text are said by the issue, and by the amendments since.
  const said = events.findLast(
    ({ type, commitments }) => type === 'TextAmended' && Object.hasOwn(commitments, `/data/${part}`),
  );
  return said?.version ?? 1;
}

function jsonExport(events: readonly Envelope[], withheld: readonly Withheld[]) {
  const id = events[0] && recordIdOf(events[0].streamId);
  return { id, ...recordDetails(events), events, withheld };
}

const CSV_COLUMNS = [
  'version',
  'type',
  'effectiveOn',
  'recordedAt',
  'actor',
  'origin',
  'status',
  'text',
  'role',
  'visibility',
  'deadlineId',
  'dueOn',
  'reason',
  'eventId',
];

function csvExport(events: readonly Envelope[]): string {
  const rows = standing(events).map((event) => ({
    version: event.version,
    type: event.type,
    effectiveOn: event.effectiveOn,
    recordedAt: event.recordedAt,
    actor: event.actor.subject,
    origin: event.origin,
    status: event.state?.['progress'] ?? '',
    text: firstText(event, 'text', 'statement', 'reason', 'note'),
    role: event.decision?.role ?? '',
    visibility: event.type === 'CommentAdded' ? (isInternalComment(event) ? 'internal' : 'public') : '',
    deadlineId: firstText(event, 'deadlineId'),
    dueOn: firstText(event, 'dueOn', 'suggestedOn'),
    reason: firstText(event, 'reason'),
    eventId: event.eventId,
  }));
  // Texts come from people: a cell that a spreadsheet would take for a formula gets an apostrophe before it.
  return stringify(rows, {
    header: true,
    columns: CSV_COLUMNS,
    escape_formulas: true,
    record_delimiter: 'windows',
  });
}

const firstText = ({ data }: Envelope, ...members: readonly string[]): string =>
  members.map((member) => data[member]).find((value) => typeof value === 'string') ?? '';

/** An event as CloudEvents 1.0 has it; the envelope is its data. */
export const toCloudEvent = (event: Envelope) => ({
  specversion: '1.0',
  id: event.eventId,
  source: `urn:docket:${event.streamId}`,
  type: `docket.${event.lifecycle?.name ?? 'service'}.${event.type}`,
  subject: recordIdOf(event.streamId) ?? event.streamId,
  time: event.recordedAt,
  datacontenttype: 'application/json',
  data: event,
});
