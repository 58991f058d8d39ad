import { turnIfLong } from '#event-sourcing/folding';
import {
  printEntryAt,
  printHeading,
  shortenBlock,
  UnprintableTextError,
} from '#register-format/print-register-record';
import { parseRegisterRecord } from '#register-format/parse-register-record';
import type { RegisterRecord } from '#register-format/parse-register-record';
import { normaliseText } from '#register-format/white-space';
import type { HistoryEntry } from '#register-format/compare-history';
import type { ReadEvent } from '#lifecycle/lifecycles';
import { asRecordEvent, asRecordEvents } from '#state-machines/inspection-recommendation/v1/record-event';
import type { RecordEnvelope } from '#state-machines/inspection-recommendation/v1/record-event';
import { inPieces } from '../json-page.ts';
import { ProblemError } from '../problems.ts';
import { detailEventsOf, wholeWhere } from '../records/record-events.ts';
import { entryOf, lastSource, printable, recordedHistory, REDACTED } from './register-history.ts';

type ReadWhole = (event: RecordEnvelope) => Promise<RecordEnvelope>;

/** Exports a recommendation in the register's format, which no other kind has. */
export const exportRegister = (
  stored: readonly ReadEvent[],
  read: (event: ReadEvent) => Promise<ReadEvent>,
): AsyncGenerator<Uint8Array> =>
  printedRegister(asRecordEvents(stored), async (event) => asRecordEvent(await read(event)));

/** Yields the printed record. Prints everything before the first piece, because printing can be refused; as bytes, outside the heap. */
async function* printedRegister(
  events: readonly RecordEnvelope[],
  whole: ReadWhole,
): AsyncGenerator<Uint8Array> {
  const detailed = await withDetails(events, whole);
  const source = sourceIn(detailed);
  await turnIfLong(events);
  const read = source === null ? detailed : await restoreComments(detailed, source, whole);
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
      `event ${versionOf(error, printed, events)}: the register format cannot represent its ${error.part}; export the record as json instead`,
    );
  }
}

/** Yields the block of each entry, printed from its full event. */
async function* blocksOf(
  entries: readonly HistoryEntry[],
  events: readonly RecordEnvelope[],
  whole: ReadWhole,
  shorts: string[],
): AsyncGenerator<string> {
  for (const [index, entry] of entries.entries()) {
    const event = 'version' in entry ? events[(entry.version as number) - 1] : undefined;
    const detailed = event && hasTexts(event) ? entryOf(await whole(event)) : null;
    const block = printEntryAt(printable(detailed ?? entry), index);
    shorts.push(shortenBlock(block));
    yield block;
  }
}

const hasTexts = ({ commitments }: RecordEnvelope): boolean => Object.keys(commitments).length > 0;

/** Returns the events, with the full texts of those that state the record's details or contain the last available source. */
function withDetails(events: readonly RecordEnvelope[], whole: ReadWhole): Promise<RecordEnvelope[]> {
  const source = events.findLast(({ salts }) => Object.hasOwn(salts, '/data/source'));
  const details = detailEventsOf(events);
  return wholeWhere(events, (event) => event === source || details.has(event), whole);
}

/** Marks a comment that no source contains. No source contains this character. */
const NOT_CONTAINED = '\0';

/** The last source, parsed. */
interface ReadSource {
  readonly version: number;
  readonly record: RegisterRecord;
}

function sourceIn(events: readonly RecordEnvelope[]): ReadSource | null {
  const last = lastSource(events);
  return last && { version: last.version, record: parseRegisterRecord(Buffer.from(last.source, 'base64')) };
}

/** Returns the events with the texts of comments that the last source contains. Marks the other comments as not contained. */
function restoreComments(
  events: readonly RecordEnvelope[],
  last: ReadSource,
  whole: ReadWhole,
): Promise<RecordEnvelope[]> {
  const { entries } = last.record;
  const texts = new Set(entries.map((entry) => (entry.kind === 'comment' ? normaliseText(entry.text) : '')));
  const isComment = ({ type, version }: RecordEnvelope) => type === 'CommentAdded' && version < last.version;
  return wholeWhere(events, isComment, async (event) => {
    const read = await whole(event);
    if (read.type !== 'CommentAdded') return read;
    const { text } = read.data;
    return text === undefined || texts.has(normaliseText(text))
      ? read
      : { ...read, data: { ...read.data, text: NOT_CONTAINED } };
  });
}

/** Returns the version of the event whose text the format cannot represent. */
function versionOf(
  { part, entry: index }: UnprintableTextError,
  printed: readonly HistoryEntry[],
  events: readonly RecordEnvelope[],
): number {
  const entry = index === null ? undefined : printed[index];
  if (entry && 'version' in entry) return entry.version as number;
  // The issue and later amendments state the title and text.
  const amendment = events.findLast(
    ({ type, commitments }) => type === 'TextAmended' && Object.hasOwn(commitments, `/data/${part}`),
  );
  return amendment?.version ?? 1;
}
