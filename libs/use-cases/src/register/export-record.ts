import type { Envelope, Pointer } from '#event-sourcing/envelope';
import { turnIfLong } from '#event-sourcing/folding';
import {
  printEntryAt,
  printHeading,
  shortened,
  UnprintableTextError,
} from '#register-format/print-register-record';
import { parseRegisterRecord } from '#register-format/parse-register-record';
import type { RegisterRecord } from '#register-format/parse-register-record';
import { normaliseText } from '#register-format/white-space';
import type { HistoryEntry } from '#register-format/compare-history';
import { standing } from '#state-machines/capabilities/comments';
import { recordDetails } from '#state-machines/inspection-recommendation/v1/record';
import { recordIdOf } from '#state-machines/record-streams';
import {
  asRecordEvent,
  asRecordEvents,
  isNamed,
} from '#state-machines/inspection-recommendation/v1/record-event';
import type { RecordEnvelope } from '#state-machines/inspection-recommendation/v1/record-event';
import { SAID_FIELDS, saidBy, saidOf } from '#state-machines/inspection-recommendation/v1/told';
import { csvOf } from '../csv.ts';
import { inPieces } from '../in-pieces.ts';
import { ProblemError } from '../problems.ts';
import { tellingOf, wholeWhere } from '../records/record-events.ts';
import { entryOf, lastSource, printable, recordedHistory, REDACTED } from './register-history.ts';

export const EXPORT_FORMATS = ['register', 'json', 'csv', 'cloudevents'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

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

/** Gives a stored event with its texts. A record's texts, all of them, may be more than memory holds. */
export type ReadStored = (event: Envelope) => Promise<Envelope>;

const asItIs: ReadStored = (event) => Promise.resolve(event);

/** The same of one that is read. */
type ReadWhole = (event: RecordEnvelope) => Promise<RecordEnvelope>;

/** Events are read from the versions at which they are stored, from 1 on. */
const readingOf =
  (stored: readonly Envelope[], whole: ReadStored): ReadWhole =>
  async (event) => {
    const at = stored[event.version - 1];
    return at === undefined ? event : asRecordEvent(await whole(at));
  };

/**
 * A record's stream as a file, piece by piece. The register format gives back an untouched import byte for byte, then a block
 * per later move of progress and public comment. JSON holds whatever it takes to verify it, and says what is withheld from this copy.
 * @param stored all of the stream; texts may be left out that `whole` gives.
 * @throws ProblemError (`text-not-printable`) before the first piece, when a text cannot be printed in the register's format.
 */
export function exportRecord(
  stored: readonly Envelope[],
  format: ExportFormat,
  { whole = asItIs, withheld = [] }: { whole?: ReadStored; withheld?: readonly Withheld[] } = {},
): AsyncGenerator<Uint8Array> {
  const read = readingOf(stored, whole);
  switch (format) {
    case 'register':
      return exportRegister(asRecordEvents(stored), read);
    case 'json':
      return inPieces(jsonExport(stored, whole, withheld));
    case 'csv':
      return inPieces(csvExport(asRecordEvents(stored), read, withheld));
    case 'cloudevents':
      return inPieces(cloudEventsExport(stored, whole));
  }
}

/** Everything is printed before the first piece is given out, since it may be refused; as bytes, which the heap does not hold. */
async function* exportRegister(
  events: readonly RecordEnvelope[],
  whole: ReadWhole,
): AsyncGenerator<Uint8Array> {
  const detailed = await withDetails(events, whole);
  const source = sourceIn(detailed);
  await turnIfLong(events);
  const read = source === null ? detailed : await withHeld(detailed, source, whole);
  await turnIfLong(events);
  const history = recordedHistory(read, source?.record);
  await turnIfLong(events);
  const { title, reference, text } = history;
  const printed = history.source === null ? history.entries : history.later;
  const shorts: string[] = [];
  try {
    const blocks = await Array.fromAsync(inPieces(blocksOf(printed, events, whole, shorts)));
    if (history.source === null) {
      const record = { title: title ?? REDACTED, reference, text: text ?? REDACTED };
      const heading = printHeading(record, shorts);
      yield Buffer.from(heading === '' || shorts.length === 0 ? heading : `${heading}\n\n`);
    } else yield history.source;
    yield* blocks;
  } catch (error) {
    if (!(error instanceof UnprintableTextError)) throw error;
    throw new ProblemError(
      'text-not-printable',
      `event ${versionOf(error, printed, events)}: its ${error.part} would not be read back from the register format; export it as json instead`,
    );
  }
}

/** Prints entries with what their events say as a whole, and notes each block in short. */
async function* blocksOf(
  entries: readonly HistoryEntry[],
  events: readonly RecordEnvelope[],
  whole: ReadWhole,
  shorts: string[],
): AsyncGenerator<string> {
  for (const [index, entry] of entries.entries()) {
    const event = 'version' in entry ? events[(entry.version as number) - 1] : undefined;
    const said = event && hasTexts(event) ? entryOf(await whole(event)) : null;
    const block = printEntryAt(printable(said ?? entry), index);
    shorts.push(shortened(block));
    yield block;
  }
}

const hasTexts = ({ commitments }: RecordEnvelope): boolean => Object.keys(commitments).length > 0;

/** The events, whole where they say what the record says of itself, or hold the last source that is still there. */
function withDetails(events: readonly RecordEnvelope[], whole: ReadWhole): Promise<RecordEnvelope[]> {
  const source = events.findLast(({ salts }) => Object.hasOwn(salts, '/data/source'));
  const telling = tellingOf(events);
  return wholeWhere(events, (event) => event === source || telling.has(event), whole);
}

/** The text of a comment that no source holds: none has this character. */
const NOT_HELD = '\0';

/** The last source, and what it says. */
interface ReadSource {
  readonly version: number;
  readonly record: RegisterRecord;
}

function sourceIn(events: readonly RecordEnvelope[]): ReadSource | null {
  const last = lastSource(events);
  return last && { version: last.version, record: parseRegisterRecord(Buffer.from(last.source, 'base64')) };
}

/** With the texts of those comments that the last source holds, which are told by them; of the others only that they are not in it. */
function withHeld(
  events: readonly RecordEnvelope[],
  last: ReadSource,
  whole: ReadWhole,
): Promise<RecordEnvelope[]> {
  const { entries } = last.record;
  const held = new Set(entries.map((entry) => (entry.kind === 'comment' ? normaliseText(entry.text) : '')));
  const isComment = ({ type, version }: RecordEnvelope) => type === 'CommentAdded' && version < last.version;
  return wholeWhere(events, isComment, async (event) => {
    const read = await whole(event);
    if (read.type !== 'CommentAdded') return read;
    const { text } = read.data;
    return text === undefined || held.has(normaliseText(text))
      ? read
      : { ...read, data: { ...read.data, text: NOT_HELD } };
  });
}

/** The event whose text the format cannot hold. */
function versionOf(
  { part, entry: index }: UnprintableTextError,
  printed: readonly HistoryEntry[],
  events: readonly RecordEnvelope[],
): number {
  const entry = index === null ? undefined : printed[index];
  if (entry && 'version' in entry) return entry.version as number;
  // Title and text are said by the issue, and by the amendments since.
  const said = events.findLast(
    ({ type, commitments }) => type === 'TextAmended' && Object.hasOwn(commitments, `/data/${part}`),
  );
  return said?.version ?? 1;
}

async function* jsonExport(
  events: readonly Envelope[],
  whole: ReadStored,
  withheld: readonly Withheld[],
): AsyncGenerator<string> {
  const id = events[0] && recordIdOf(events[0].streamId);
  const details = recordDetails(await withDetails(asRecordEvents(events), readingOf(events, whole)));
  yield JSON.stringify({ id, ...details }, null, 2).slice(0, -'\n}'.length);
  yield ',\n  "events": [';
  for (const [index, event] of events.entries()) {
    yield `${index === 0 ? '' : ','}\n    ${indented(await whole(event), 4)}`;
  }
  yield `\n  ],\n  "withheld": ${indented(withheld, 2)}\n}\n`;
}

async function* cloudEventsExport(events: readonly Envelope[], whole: ReadStored): AsyncGenerator<string> {
  yield '[';
  for (const [index, event] of events.entries()) {
    yield `${index === 0 ? '' : ','}\n  ${indented(toCloudEvent(await whole(event)), 2)}`;
  }
  yield '\n]\n';
}

const indented = (value: unknown, by: number): string =>
  JSON.stringify(value, null, 2).replaceAll('\n', `\n${' '.repeat(by)}`);

const OWN_COLUMNS = [
  'version',
  'type',
  'effectiveOn',
  'recordedAt',
  'actor',
  'origin',
  'status',
  'text',
  'role',
];
/** These stand first, in this order; every other member that events say something by follows. */
const FIRST_COLUMNS = [
  ...OWN_COLUMNS,
  ...['visibility', 'deadlineId', 'dueOn', 'reason', 'eventId', 'title', 'owner', 'recipient', 'suggestedOn'],
  ...['position', 'late', 'evidence', 'kind', 'supersedes', 'supersededBy', 'publishedElsewhere'],
];
const CSV_COLUMNS = [...new Set([...FIRST_COLUMNS, ...Object.keys(SAID_FIELDS)])];

/** Stands where a text is that whoever gets the copy may not read. */
const WITHHELD = '[withheld]';

/** What a cell says where the value that an event is committed to is not there. */
type Missing = (event: RecordEnvelope, pointer: Pointer) => string;

async function* csvExport(
  events: readonly RecordEnvelope[],
  whole: ReadWhole,
  withheld: readonly Withheld[],
): AsyncGenerator<string> {
  const pointersOf = Map.groupBy(withheld, ({ eventId }) => eventId);
  const missing: Missing = ({ eventId }, pointer) => {
    const stored = (pointersOf.get(eventId) ?? []).map((each) => each.pointer);
    return isNamed(stored, pointer) ? WITHHELD : REDACTED;
  };
  yield* csvOf(CSV_COLUMNS, rows());
  async function* rows() {
    const standingNow = standing(events);
    await turnIfLong(events);
    for (const event of standingNow) yield [csvRow(await whole(event), missing)];
  }
}

function csvRow(event: RecordEnvelope, missing: Missing) {
  const first = (...members: readonly GroundMember[]): string => {
    for (const member of members) {
      const value = saidBy(event, member);
      if (value != null) return value;
      if (Object.hasOwn(event.commitments, `/data/${member}`)) return missing(event, `/data/${member}`);
    }
    return '';
  };
  const said = Object.entries(saidOf(event)).map(([member, value]) => {
    const at = (index: number) =>
      member === 'evidence'
        ? `/data/items/${index}/name`
        : `/data/${member === 'unknownStatus' ? 'status' : member}`;
    const cells = [value].flat().map((one, index) => String(one ?? missing(event, at(index))));
    return [member, cells.join('; ')] as const;
  });
  return {
    ...Object.fromEntries(CSV_COLUMNS.map((column) => [column, ''])),
    ...Object.fromEntries(said),
    version: event.version,
    type: event.type,
    effectiveOn: event.effectiveOn,
    recordedAt: event.recordedAt,
    actor: event.actor.subject,
    origin: event.origin,
    status: event.state?.['progress'] ?? '',
    text: first('text', 'statement', 'note'),
    role: event.decision?.role ?? '',
    reason: first('reason'),
    eventId: event.eventId,
    title: first('title'),
  };
}

type GroundMember = 'text' | 'statement' | 'note' | 'reason' | 'title';

/** An event as CloudEvents 1.0 has it; the envelope is its data. */
export const toCloudEvent = (event: Envelope) => ({
  specversion: '1.0' as const,
  id: event.eventId,
  source: `urn:docket:${event.streamId}`,
  type: `docket.${event.lifecycle?.name ?? 'service'}.${event.type}`,
  subject: recordIdOf(event.streamId) ?? event.streamId,
  time: event.recordedAt,
  datacontenttype: 'application/json',
  data: event,
});
