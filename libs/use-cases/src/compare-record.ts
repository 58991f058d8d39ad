import type { Envelope } from '../../event-sourcing/src/envelope.ts';
import type { Position } from '../../register-format/src/anomalies.ts';
import { compareHistory } from '../../register-format/src/compare-history.ts';
import { entriesByDate } from '../../register-format/src/entries.ts';
import type { RegisterEntry } from '../../register-format/src/entries.ts';
import { parseRegisterRecord } from '../../register-format/src/parse-register-record.ts';
import type { RegisterRecord } from '../../register-format/src/parse-register-record.ts';
import { appendEntries, UnprintableTextError } from '../../register-format/src/print-register-record.ts';
import { printable, recordedHistory, REDACTED } from './register-history.ts';
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
  const asRecorded = compareReading(history, record);
  if (asRecorded.agrees || history.source === null || history.later.length === 0) return asRecorded;
  const exported = readAgain(history, history.source);
  const asExported = exported && compareReading(exported, record);
  return asExported?.agrees ? asExported : asRecorded;
}

/**
 * The history as a reader of its export has it. Later blocks can change how the source before them reads: lines of an
 * untagged history become text, and an entry without a valid date takes theirs where the source had none.
 */
function readAgain(history: RecordedHistory, source: Uint8Array): RecordedHistory | null {
  const { later } = history;
  try {
    const { text, entries } = parseRegisterRecord(appendEntries(source, later.map(printable)));
    return { ...history, text, entries: [...entries.slice(0, -later.length), ...later] };
  } catch (error) {
    if (error instanceof UnprintableTextError) return null;
    throw error;
  }
}

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
      return counterpart?.kind === 'comment' && read.kind === 'comment' && says(counterpart.text, read.text);
    })
  );
}
