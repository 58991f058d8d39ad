import type { Envelope } from '../../event-sourcing/src/envelope.ts';
import type { Position } from '../../register-format/src/anomalies.ts';
import { compareHistory } from '../../register-format/src/compare-history.ts';
import type { HistoryEntry } from '../../register-format/src/compare-history.ts';
import { entriesByDate } from '../../register-format/src/entries.ts';
import type { RegisterEntry } from '../../register-format/src/entries.ts';
import { parseRegisterRecord } from '../../register-format/src/parse-register-record.ts';
import type { RegisterRecord } from '../../register-format/src/parse-register-record.ts';
import { appendEntries, UnprintableTextError } from '../../register-format/src/print-register-record.ts';
import { historyOfEvents, printable, recordedHistory, REDACTED } from './register-history.ts';
import type { RecordedHistory } from './register-history.ts';

/** How a register record that was read stands to a record's events. */
export type RecordComparison =
  | {
      readonly agrees: true;
      /** What the events do not have yet, by date. */
      readonly news: readonly RegisterEntry[];
      /** Whether the file still says what was erased from the events. */
      readonly restatesErased: boolean;
    }
  | { readonly agrees: false; readonly what: 'title' | 'text' | 'status' | 'comment'; readonly at: Position };

/** Compares a register record with what an export of the events would print. */
export function compareRecord(events: readonly Envelope[], record: RegisterRecord): RecordComparison {
  const history = recordedHistory(events);
  const asRecorded = compareReading(withoutErased(history, events), record);
  if (asRecorded.agrees) return asRecorded;
  const again = readAgain(history);
  const asExported = again && compareReading(withoutErased(again, events), record);
  return asExported?.agrees ? asExported : asRecorded;
}

/**
 * The history as a reader of its export has it. Later blocks can change how the source before them reads: lines of an
 * untagged history become text, and an entry without a valid date takes theirs where the source had none.
 */
function readAgain(history: RecordedHistory): RecordedHistory | null {
  const { source, later } = history;
  if (source === null || later.length === 0) return null;
  try {
    const { text, entries } = parseRegisterRecord(appendEntries(source, later.map(printable)));
    return { ...history, text, entries: [...entries.slice(0, -later.length), ...later] };
  } catch (error) {
    if (error instanceof UnprintableTextError) return null;
    throw error;
  }
}

/** Where a source was exported after a redaction, its `[redacted]` stands for the text that was erased. */
function withoutErased(history: RecordedHistory, events: readonly Envelope[]): RecordedHistory {
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

function compareReading(history: RecordedHistory, record: RegisterRecord): RecordComparison {
  const { title, reference, text, entries } = history;
  const otherReference = reference !== null && reference !== record.reference;
  if (otherReference || (title !== null && title !== record.title)) {
    return { agrees: false, what: 'title', at: record.titleAt };
  }
  if (text !== null && text !== record.text) return { agrees: false, what: 'text', at: record.textAt };
  const compared = compareHistory(entries, record.entries);
  if (compared.outcome === 'differs') return { agrees: false, what: compared.at.kind, at: compared.at };
  return { agrees: true, news: compared.news, restatesErased: restatesErased(history, record) };
}

function restatesErased({ title, text, entries }: RecordedHistory, record: RegisterRecord): boolean {
  const says = (known: string | null, read: string): boolean => known === null && read !== REDACTED;
  const known = entriesByDate(entries);
  return (
    says(title, record.title) ||
    says(text, record.text) ||
    entriesByDate(record.entries).some((read, index) => {
      const counterpart = known[index];
      return counterpart !== undefined && says(wordsOf(counterpart), wordsOf(read) ?? REDACTED);
    })
  );
}
