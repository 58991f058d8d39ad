import type { Position } from '#register-format/anomalies';
import { compareHistory } from '#register-format/compare-history';
import type { ChangedEntry, HistoryEntry, KnownEntry } from '#register-format/compare-history';
import type { RegisterEntry } from '#register-format/entries';
import { parseRegisterRecord } from '#register-format/parse-register-record';
import type { RegisterRecord } from '#register-format/parse-register-record';
import { appendEntries, UnprintableTextError } from '#register-format/print-register-record';
import type { RecordEnvelope } from '#state-machines/inspection-recommendation/v1/record-event';
import {
  historyOfEvents,
  importedHistory,
  printable,
  recordedHistory,
  REDACTED,
} from './register-history.ts';
import type { RecordedEntry, RecordedHistory } from './register-history.ts';

/** What a file that agrees with a record's events has beyond them. */
export interface Agreement {
  readonly agrees: true;
  /** What the events do not have yet, by date. */
  readonly news: readonly RegisterEntry[];
  /** Comments that were completed or corrected. */
  readonly changed: readonly ChangedEntry<RecordedEntry, RegisterEntry>[];
  /** What was corrected of title and text. */
  readonly amended: { readonly title?: string; readonly text?: string };
  /** Whether the file still says what was erased from the events. */
  readonly restatesErased: boolean;
  /** Whether the file lacks some of the history that stands: it is no copy of the record then. */
  readonly lacks: boolean;
}

/** How a register record that was read stands to a record's events. */
type RecordComparison =
  | Agreement
  | { readonly agrees: false; readonly what: 'title' | 'text' | 'status' | 'comment'; readonly at: Position };

/**
 * Compares a register record with a record's events, and with what an export of them would print.
 * @param corrects whether another title, text or comment at its place is a correction, and no difference.
 */
export function compareRecord(
  events: readonly RecordEnvelope[],
  record: RegisterRecord,
  corrects: boolean,
): RecordComparison {
  const imported = importedHistory(events);
  const compared = compareReading(imported, record, false);
  if (compared.agrees && isNothingNew(compared)) return compared;
  const agreed = [
    compared,
    ...readings(events).map((reading) => ofEvents(compareReading(reading, record, false))),
  ]
    .filter((each) => each.agrees)
    // What one reading takes for new can be what another one knows.
    .sort((a, b) => sizeOf(a) - sizeOf(b));
  return agreed[0] ?? (corrects ? compareReading(imported, record, true) : compared);
}

const sizeOf = ({ news, changed }: Agreement): number => news.length + changed.length;

const isNothingNew = (agreement: Agreement): boolean =>
  sizeOf(agreement) === 0 && Object.keys(agreement.amended).length === 0;

/** Only an entry that stands in an event is ever completed. */
const ofEvents = (compared: Compared<KnownEntry>): RecordComparison =>
  compared.agrees ? { ...compared, changed: compared.changed.filter(isOfEvent) } : compared;

/** Other forms in which the events can come again: the source that was imported last, and exports. */
function* readings(events: readonly RecordEnvelope[]): Generator<RecordedHistory> {
  const history = recordedHistory(events);
  yield withoutErased(history, events);
  const again = readAgain(history);
  if (again !== null) yield withoutErased(again, events);
}

const isOfEvent = (
  changed: ChangedEntry<KnownEntry, RegisterEntry>,
): changed is ChangedEntry<RecordedEntry, RegisterEntry> => 'eventId' in changed.known;

/**
 * The history as a reader of its export has it. Later blocks can change how the source before them reads: lines of an
 * untagged history become text, a tag that the end cut part of what stands before it, and an entry without a valid date takes theirs where the source had none.
 */
function readAgain(history: RecordedHistory): RecordedHistory | null {
  const { source, later } = history;
  if (source === null || later.length === 0) return null;
  try {
    const read = parseRegisterRecord(appendEntries(source, later.map(printable)));
    const { title, reference, text, entries } = read;
    return { ...history, title, reference, text, entries: [...entries.slice(0, -later.length), ...later] };
  } catch (error) {
    if (error instanceof UnprintableTextError) return null;
    throw error;
  }
}

/** Where a source was exported after a redaction, its `[redacted]` stands for the text that was erased. */
function withoutErased(history: RecordedHistory, events: readonly RecordEnvelope[]): RecordedHistory {
  const erased = historyOfEvents(events);
  const erasedOn = new Set(
    erased.entries
      .filter((entry) => wordsOf(entry) === null)
      .map(({ kind, date }) => `${kind} ${String(date)}`),
  );
  const unless = (isErased: boolean, text: string | null) => (isErased && text === REDACTED ? null : text);
  return {
    ...history,
    title: unless(erased.title === null, history.title),
    text: unless(erased.text === null, history.text),
    entries: history.entries.map((entry) => {
      const isErased = erasedOn.has(`${entry.kind} ${String(entry.date)}`);
      return entry.kind === 'comment'
        ? { ...entry, text: unless(isErased, entry.text) }
        : { ...entry, status: unless(isErased, entry.status) };
    }),
  };
}

/** What an entry says; null where it was erased. */
const wordsOf = (entry: HistoryEntry): string | null =>
  entry.kind === 'comment' ? entry.text : entry.status;

type Reading<Entry> = Omit<RecordedHistory, 'entries'> & { readonly entries: readonly Entry[] };
type Compared<Entry> =
  | (Omit<Agreement, 'changed'> & { readonly changed: readonly ChangedEntry<Entry, RegisterEntry>[] })
  | Exclude<RecordComparison, Agreement>;

function compareReading<Entry extends KnownEntry>(
  { title, reference, text, entries }: Reading<Entry>,
  record: RegisterRecord,
  corrects: boolean,
): Compared<Entry> {
  const otherReference = reference !== null && reference !== record.reference;
  const otherTitle = title !== null && title !== record.title;
  const otherText = text !== null && text !== record.text;
  if (otherReference || (otherTitle && !corrects)) {
    return { agrees: false, what: 'title', at: record.titleAt };
  }
  if (otherText && !corrects) return { agrees: false, what: 'text', at: record.textAt };
  const compared = compareHistory(entries, record.entries, { corrects });
  if (!compared.agrees) return { agrees: false, what: compared.at.kind, at: compared.at };
  const { news, changed, pairs, lacks } = compared;
  const says = (known: string | null, read: string | null): boolean => known === null && read !== REDACTED;
  return {
    agrees: true,
    news,
    changed,
    lacks,
    amended: { ...(otherTitle && { title: record.title }), ...(otherText && { text: record.text }) },
    restatesErased:
      says(title, record.title) ||
      says(text, record.text) ||
      pairs.some(([known, read]) => says(wordsOf(known), wordsOf(read))),
  };
}
