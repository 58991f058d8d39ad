import type { Envelope, JsonValue, Pointer } from '#event-sourcing/envelope';
import { turnIfLong } from '#event-sourcing/folding';
import { csvOf } from '../csv.ts';
import { inPieces } from '../in-pieces.ts';
import { tellingOf, wholeWhere } from '../records/record-events.ts';
import { REDACTED } from '../register-files/register-history.ts';
import type { ExportFormat } from '../register-files/export-formats.ts';
import { exportRegister } from '../register-files/export-register.ts';
import { idIn } from '#lifecycle/kind';
import type { Lifecycles, ReadEvent } from '#lifecycle/lifecycles';
import { detailsOf, viewOfEvent } from '#state-machines/any-kind';
import { lifecycles as ofThisBuild } from '#state-machines/lifecycles';
import { PLAIN_VIEW, saidBy } from '#state-machines/record-view';
import type { RecordView } from '#state-machines/record-view';

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
type ReadStored = (event: Envelope) => Promise<Envelope>;

const asItIs: ReadStored = (event) => Promise.resolve(event);

/** The same of one that is read. */
type ReadWhole = (event: ReadEvent) => Promise<ReadEvent>;

/** What an export is read by, and what is withheld from it. */
interface Reading {
  readonly whole: ReadStored;
  readonly withheld: readonly Withheld[];
  readonly lifecycles: Lifecycles;
}

/** Events are read from the versions at which they are stored, from 1 on. */
const readingOf =
  (stored: readonly Envelope[], { whole, lifecycles }: Reading): ReadWhole =>
  async (event) => {
    const at = stored[event.version - 1];
    return at === undefined ? event : lifecycles.read(await whole(at));
  };

/**
 * A record's stream as a file, piece by piece. The register format, which is that of recommendations, gives back an untouched import byte for byte, then a block
 * per later move of progress and public comment. JSON holds whatever it takes to verify it, and says what is withheld from this copy.
 * @param stored all of the stream; texts may be left out that `whole` gives.
 * @throws ProblemError (`text-not-printable`) before the first piece, when a text cannot be printed in the register's format.
 */
export function exportRecord(
  stored: readonly Envelope[],
  format: ExportFormat,
  { whole = asItIs, withheld = [], lifecycles = ofThisBuild }: Partial<Reading> = {},
): AsyncGenerator<Uint8Array> {
  const reading = { whole, withheld, lifecycles };
  switch (format) {
    case 'register':
      return exportRegister(stored, readingOf(stored, reading));
    case 'json':
      return inPieces(jsonExport(stored, reading));
    case 'csv':
      return inPieces(csvExport(stored, reading));
    case 'cloudevents':
      return inPieces(cloudEventsExport(stored, whole));
  }
}

async function* jsonExport(events: readonly Envelope[], reading: Reading): AsyncGenerator<string> {
  const [first] = events;
  const read = reading.lifecycles.readAll(events);
  const telling = tellingOf(read);
  const told = await wholeWhere(read, (event) => telling.has(event), readingOf(events, reading));
  const id = first && idIn(first.streamId);
  yield JSON.stringify({ id, ...detailsOf(told) }, null, 2).slice(0, -'\n}'.length);
  yield ',\n  "events": [';
  for (const [index, event] of events.entries()) {
    yield `${index === 0 ? '' : ','}\n    ${indented(await reading.whole(event), 4)}`;
  }
  yield `\n  ],\n  "withheld": ${indented(reading.withheld, 2)}\n}\n`;
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
/** The columns of a record: of one whose lifecycle does not say what its events can say, those that they say. */
function columnsOf(view: RecordView, events: readonly ReadEvent[]): readonly string[] {
  const { columns = ['reason', 'eventId', 'title'] } = view;
  const said = Object.keys(view.saidFields);
  const members = said.length > 0 ? said : events.flatMap((event) => Object.keys(view.said(event)));
  return [...new Set([...OWN_COLUMNS, ...columns, ...members])];
}

/** Stands where a text is that whoever gets the copy may not read. */
const WITHHELD = '[withheld]';

/** What a cell says where the value that an event is committed to is not there. */
type Missing = (event: ReadEvent, pointer: Pointer) => string;

async function* csvExport(stored: readonly Envelope[], reading: Reading): AsyncGenerator<string> {
  const { lifecycles, withheld } = reading;
  const events = lifecycles.readAll(stored);
  const [first] = events;
  const view = first === undefined ? PLAIN_VIEW : viewOfEvent(first);
  const whole = readingOf(stored, reading);
  const pointersOf = Map.groupBy(withheld, ({ eventId }) => eventId);
  const missing: Missing = ({ eventId }, pointer) => {
    const pointers = (pointersOf.get(eventId) ?? []).map((each) => each.pointer);
    return lifecycles.isNamed(pointers, pointer) ? WITHHELD : REDACTED;
  };
  const columns = columnsOf(view, events);
  const none = Object.fromEntries(columns.map((column) => [column, '']));
  yield* csvOf(columns, rows());
  async function* rows() {
    // A comment that completes another one has its place.
    const standIn = view.standIns(events);
    const standing = events.flatMap((event) => standIn(event) ?? []);
    await turnIfLong(events);
    for (const event of standing) {
      const status = event.state === null ? '' : lifecycles.of(event).statusOf(event.state);
      yield [{ ...none, ...csvRow(await whole(event), view, missing), status }];
    }
  }
}

function csvRow(event: ReadEvent, view: RecordView, missing: Missing): Record<string, string | number> {
  const first = (...members: readonly GroundMember[]): string => {
    for (const member of members) {
      const value = saidBy(event, member);
      if (typeof value === 'string') return value;
      if (value === null) return missing(event, `/data/${member}`);
    }
    return '';
  };
  const said = Object.entries(view.said(event)).map(([member, value]) => {
    const at = (index: number) => view.saidAt?.(member, index) ?? `/data/${member}`;
    const cells = [value].flat().map((one, index) => cellOf(one) ?? missing(event, at(index)));
    return [member, cells.join('; ')] as const;
  });
  return {
    ...Object.fromEntries(said),
    version: event.version,
    type: event.type,
    effectiveOn: event.effectiveOn,
    recordedAt: event.recordedAt,
    actor: event.actor.subject,
    origin: event.origin,
    text: first('text', 'statement', 'note'),
    role: event.decision?.role ?? '',
    reason: first('reason'),
    eventId: event.eventId,
    title: first('title'),
  };
}

/** Null where the value is not there. */
const cellOf = (value: JsonValue | undefined): string | null =>
  value === null || value === undefined
    ? null
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);

type GroundMember = 'text' | 'statement' | 'note' | 'reason' | 'title';

/** An event as CloudEvents 1.0 has it; the envelope is its data. */
export const toCloudEvent = (event: Envelope) => ({
  specversion: '1.0' as const,
  id: event.eventId,
  source: `urn:docket:${event.streamId}`,
  type: `docket.${event.lifecycle?.name ?? 'service'}.${event.type}`,
  subject: event.lifecycle === null ? event.streamId : idIn(event.streamId),
  time: event.recordedAt,
  datacontenttype: 'application/json',
  data: event,
});
