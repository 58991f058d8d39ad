import type { Envelope, JsonValue, Pointer } from '#event-sourcing/envelope';
import { FOLDED_AT_ONCE, turnIfLong } from '#event-sourcing/folding';
import { csvOf } from '../csv.ts';
import { inPieces } from '../json-page.ts';
import { detailEventsOf, wholeWhere, storedEvent } from '../records/record-events.ts';
import { REDACTED } from '../register-files/register-history.ts';
import type { ExportFormat } from '../register-files/export-formats.ts';
import { exportRegister } from '../register-files/export-register.ts';
import { idIn } from '#lifecycle/kind';
import type { Lifecycles, ReadEvent } from '#lifecycle/lifecycles';
import { detailsOf, viewOfEvent } from '#state-machines/any-kind';
import { lifecycles as ofThisBuild } from '#state-machines/lifecycles';
import { memberValue, plainView } from '#state-machines/record-view';
import type { RecordView } from '#state-machines/record-view';
import type { Reader } from '../call-context.ts';
import type { RecordsAccess } from '../records/records-access.ts';
import { recipientOf, visibleHistory } from '../records/visible-record.ts';
import { withheldFrom } from '../records/withhold.ts';
import { formatFor } from '../register-files/export-formats.ts';
import type { RecordReference } from '#lifecycle/kind';

/** A value that exists and is withheld from a copy. */
export interface Withheld {
  readonly eventId: string;
  readonly pointer: Pointer;
}

/** Returns the values that a copy of a stream withholds: it has their commitments and lacks their salts. */
export const withheldBetween = (whole: readonly Envelope[], copy: readonly Envelope[]): Withheld[] =>
  whole.flatMap(({ eventId, commitments, salts }, index) =>
    Object.keys(commitments)
      .filter((pointer) => Object.hasOwn(salts, pointer))
      .filter((pointer) => !Object.hasOwn(copy[index]?.salts ?? {}, pointer))
      .map((pointer) => ({ eventId, pointer })),
  );

/** Returns a stored event with its texts, read on demand because all texts of a record might not fit into memory. */
type ReadStored = (event: Envelope) => Promise<Envelope>;

const asItIs: ReadStored = (event) => Promise.resolve(event);

/** Returns an event with its texts. */
type ReadWhole = (event: ReadEvent) => Promise<ReadEvent>;

/** The values to withhold and the dependencies of an export. */
interface Reading {
  readonly whole: ReadStored;
  readonly withheld: readonly Withheld[];
  readonly lifecycles: Lifecycles;
}

/** Returns a function that reads an event's stored version. */
const readingOf =
  (stored: readonly Envelope[], { whole, lifecycles }: Reading): ReadWhole =>
  async (event) => {
    const storedEvent = stored[event.version - 1];
    return storedEvent === undefined ? event : lifecycles.read(await whole(storedEvent));
  };

/**
 * Yields a record's stream as a file, in pieces. The register format, for recommendations only, reproduces an unchanged import byte for
 * byte and adds a block for each later progress change and public comment. JSON contains everything needed to verify it, and lists the
 * values withheld from this copy.
 * @param stored the whole stream; texts that `whole` returns may be missing.
 * @throws ProblemError `text-not-printable`, before the first piece, if the register's format cannot represent a text.
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
  const readEvents = reading.lifecycles.readAll(events);
  const details = detailEventsOf(readEvents);
  const detailed = await wholeWhere(readEvents, (event) => details.has(event), readingOf(events, reading));
  const id = first && idIn(first.streamId);
  yield JSON.stringify({ id, ...detailsOf(detailed) }, null, 2).slice(0, -'\n}'.length);
  yield ',\n  "events": [';
  for (const [index, event] of events.entries()) {
    yield `${index === 0 ? '' : ','}\n    ${indentedJson(await reading.whole(event), 4)}`;
  }
  yield `\n  ],\n  "withheld": ${indentedJson(reading.withheld, 2)}\n}\n`;
}

async function* cloudEventsExport(events: readonly Envelope[], whole: ReadStored): AsyncGenerator<string> {
  yield '[';
  for (const [index, event] of events.entries()) {
    yield `${index === 0 ? '' : ','}\n  ${indentedJson(toCloudEvent(await whole(event)), 2)}`;
  }
  yield '\n]\n';
}

const indentedJson = (value: unknown, by: number): string =>
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
/** Returns the columns of a record's table. If its lifecycle does not define the members of its events, they come from the events. */
function columnsOf(view: RecordView, events: readonly ReadEvent[]): readonly string[] {
  const { columns = ['reason', 'eventId', 'title'] } = view;
  const names = Object.keys(view.lineFields);
  const members = names.length > 0 ? names : events.flatMap((event) => Object.keys(view.lineMembers(event)));
  return [...new Set([...OWN_COLUMNS, ...columns, ...members])];
}

/** Replaces a text that is withheld from the copy. */
const WITHHELD = '[withheld]';

/** Returns the cell for a committed value that is missing. */
type Missing = (event: ReadEvent, pointer: Pointer) => string;

async function* csvExport(stored: readonly Envelope[], reading: Reading): AsyncGenerator<string> {
  const { lifecycles, withheld } = reading;
  const events = lifecycles.readAll(stored);
  const [first] = events;
  const view = first === undefined ? plainView() : viewOfEvent(first);
  const whole = readingOf(stored, reading);
  const pointersOf = Map.groupBy(withheld, ({ eventId }) => eventId);
  const missing: Missing = ({ eventId }, pointer) => {
    const pointers = (pointersOf.get(eventId) ?? []).map((each) => each.pointer);
    return pointers.includes(pointer) ? WITHHELD : REDACTED;
  };
  const columns = columnsOf(view, events);
  const none = Object.fromEntries(columns.map((column) => [column, '']));
  yield* csvOf(columns, rows());
  async function* rows() {
    // A comment that completes another one replaces it.
    const replacementOf = view.replacements(events);
    const current = events.flatMap((event) => replacementOf(event) ?? []);
    for (const [index, event] of current.entries()) {
      if (index % FOLDED_AT_ONCE === 0) await turnIfLong(events);
      const status = event.state === null ? '' : lifecycles.of(event).statusOf(event.state);
      yield [{ ...none, ...csvRow(await whole(event), view, missing), status }];
    }
  }
}

function csvRow(event: ReadEvent, view: RecordView, missing: Missing): Record<string, string | number> {
  const first = (...members: readonly GroundMember[]): string => {
    for (const member of members) {
      const value = memberValue(event, member);
      if (typeof value === 'string') return value;
      if (value === null) return missing(event, `/data/${member}`);
    }
    return '';
  };
  const values = Object.entries(view.lineMembers(event)).map(([member, value]) => {
    const at = (index: number) => view.linePointer?.(member, index) ?? `/data/${member}`;
    const cells = [value].flat().map((one, index) => cellOf(one) ?? missing(event, at(index)));
    return [member, cells.join('; ')] as const;
  });
  return {
    ...Object.fromEntries(values),
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

/** Returns a value's cell; null if the value is missing. */
const cellOf = (value: JsonValue | undefined): string | null =>
  value === null || value === undefined
    ? null
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);

type GroundMember = 'text' | 'statement' | 'note' | 'reason' | 'title';

/** Returns an event as CloudEvents 1.0; the envelope is its data. */
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

/**
 * Yields a record as a file, in pieces, with only the values that the viewer may see.
 * @throws CommandRefusedError 404 if the record does not exist or belongs to a body that the viewer cannot see.
 * @throws ProblemError `invalid-parameter` for the register's format of a different kind.
 * @throws ProblemError `text-not-printable`, before the first piece, if the register's format cannot represent a text.
 */
export async function seeExport(
  access: RecordsAccess,
  viewer: Reader,
  reference: RecordReference,
  requested: ExportFormat | undefined,
): Promise<AsyncGenerator<Uint8Array>> {
  const format = formatFor(reference.kind, requested);
  const { stored: light, events: read } = await visibleHistory(access, viewer, reference);
  const recipient = recipientOf(read);
  const seen = (event: Envelope): Envelope =>
    withheldFrom(viewer, recipient, reference.kind, [event])[0] ?? event;
  await turnIfLong(light);
  const events = light.map(seen);
  const withheld = withheldBetween(light, events);
  await turnIfLong(light);
  const pieces = exportRecord(events, format, {
    whole: async (event) => seen(await storedEvent(access.store, event)),
    withheld,
    lifecycles: access.lifecycles,
  });
  return startBeforeRecording(pieces, () =>
    access.accesses.exported(viewer, reference, { version: light.length, format }),
  );
}

/** Yields the pieces. Reads the first one before the export is recorded, so that a refused export is not recorded. */
async function startBeforeRecording<Piece>(
  pieces: AsyncGenerator<Piece>,
  isRecorded: () => Promise<void>,
): Promise<AsyncGenerator<Piece>> {
  const first = await pieces.next();
  await isRecorded();
  return resumeFrom(first, pieces);
}

async function* resumeFrom<Piece>(
  first: IteratorResult<Piece>,
  pieces: AsyncGenerator<Piece>,
): AsyncGenerator<Piece> {
  if (first.done === true) return;
  yield first.value;
  yield* pieces;
}
