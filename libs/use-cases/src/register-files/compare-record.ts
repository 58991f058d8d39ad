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

/** The changes in a file that matches a record's events. */
export interface Agreement {
  readonly agrees: true;
  /** New entries, by date. */
  readonly newEntries: readonly RegisterEntry[];
  /** Comments that the file completes or corrects. */
  readonly changed: readonly ChangedEntry<RecordedEntry, RegisterEntry>[];
  /** The corrected title and text. */
  readonly amended: { readonly title?: string; readonly text?: string };
  /** Whether the file still contains text that was erased from the events. */
  readonly restatesErased: boolean;
  /** Whether the file lacks part of the current history, so that it is not a full copy of the record. */
  readonly isPartial: boolean;
}

/** The result of comparing a register record with a record's events. */
type RecordComparison =
  | Agreement
  | { readonly agrees: false; readonly what: 'title' | 'text' | 'status' | 'comment'; readonly at: Position };

/**
 * Compares a register record with a record's events, and with the exports that these events can have.
 * @param corrects whether a title, text or comment that differs is a correction instead of a difference.
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
    // An entry that is new in one reading can be known in another.
    .sort((a, b) => sizeOf(a) - sizeOf(b));
  return agreed[0] ?? (corrects ? compareReading(imported, record, true) : compared);
}

const sizeOf = ({ newEntries, changed }: Agreement): number => newEntries.length + changed.length;

const isNothingNew = (agreement: Agreement): boolean =>
  sizeOf(agreement) === 0 && Object.keys(agreement.amended).length === 0;

/** Keeps only changes of entries that have an event: others cannot be completed. */
const ofEvents = (compared: Compared<KnownEntry>): RecordComparison =>
  compared.agrees ? { ...compared, changed: compared.changed.filter(isOfEvent) } : compared;

/** Yields the other forms in which the events can be submitted again: the last imported source, and exports. */
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
 * Returns the history as a parser reads it in an export; null if the export would only repeat the source, or cannot be printed. Later
 * blocks can change how the source before them is parsed. Lines of an untagged history become text, a tag cut off at the end loses part of
 * the preceding text, and an entry without a valid date gets the date of a later block.
 */
function readAgain(history: RecordedHistory): RecordedHistory | null {
  const { source, later } = history;
  if (source === null || later.length === 0) return null;
  try {
    const parsed = parseRegisterRecord(appendEntries(source, later.map(printable)));
    const { title, reference, text, entries } = parsed;
    return { ...history, title, reference, text, entries: [...entries.slice(0, -later.length), ...later] };
  } catch (error) {
    if (error instanceof UnprintableTextError) return null;
    throw error;
  }
}

/** Returns a history in which `[redacted]` matches the erased text, as in a source exported after a redaction. */
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

/** Returns an entry's text; null if it was erased. */
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
  const hasOtherReference = reference !== null && reference !== record.reference;
  const hasOtherTitle = title !== null && title !== record.title;
  const hasOtherText = text !== null && text !== record.text;
  if (hasOtherReference || (hasOtherTitle && !corrects)) {
    return { agrees: false, what: 'title', at: record.titleAt };
  }
  if (hasOtherText && !corrects) return { agrees: false, what: 'text', at: record.textAt };
  const compared = compareHistory(entries, record.entries, { corrects });
  if (!compared.agrees) return { agrees: false, what: compared.at.kind, at: compared.at };
  const { newEntries, changed, pairs, isPartial } = compared;
  const restates = (known: string | null, read: string | null): boolean =>
    known === null && read !== REDACTED;
  return {
    agrees: true,
    newEntries,
    changed,
    isPartial,
    amended: { ...(hasOtherTitle && { title: record.title }), ...(hasOtherText && { text: record.text }) },
    restatesErased:
      restates(title, record.title) ||
      restates(text, record.text) ||
      pairs.some(([known, read]) => restates(wordsOf(known), wordsOf(read))),
  };
}
