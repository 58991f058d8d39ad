import { quoteStatus } from '#register-format/anomalies';
import type { Position } from '#register-format/anomalies';
import { compareHistory, unknownEntries } from '#register-format/compare-history';
import type { CompletedComment } from '#register-format/compare-history';
import type { RegisterEntry } from '#register-format/entries';
import type { RegisterRecord } from '#register-format/parse-register-record';
import { isRegisterStatus } from '#register-format/statuses';
import type { RecordDifference } from '#state-machines/capabilities/register-imports';
import type { RecordEnvelope } from '#state-machines/inspection-recommendation/v1/record-event';
import { historyOfEvents, importedHistory } from './register-history.ts';
import type { EventHistory, RecordedEntry } from './register-history.ts';

/** What a file adds to a record's events. */
export interface Agreement {
  readonly agrees: true;
  /** New entries, by date. */
  readonly newEntries: readonly RegisterEntry[];
  readonly completed: readonly CompletedComment<RecordedEntry, RegisterEntry>[];
  /** Whether the file lacks part of the history, so that it is not a full copy of the record. */
  readonly isPartial: boolean;
}

/** The result of comparing a register record with a record's events. */
type RecordComparison =
  | Agreement
  | { readonly agrees: false; readonly what: RecordDifference['what']; readonly at: Position };

/** Compares a register record with the events of a record that is not in use. */
export function compareRecord(events: readonly RecordEnvelope[], record: RegisterRecord): RecordComparison {
  const { title, reference, text, entries } = historyOfEvents(events);
  if (reference !== record.reference || title !== record.title)
    return { agrees: false, what: 'title', at: record.titleAt };
  if (text !== record.text) return { agrees: false, what: 'text', at: record.textAt };
  const compared = compareHistory(entries, record.entries);
  return compared.agrees ? compared : { agrees: false, what: compared.at.kind, at: compared.at };
}

/** The maximum number of differences listed; further ones are only counted. */
const DIFFERENCES_MAX = 200;

/** Returns what an import states and a record in use does not, in order of place. The recipient is at the record's title. */
export function differencesFrom(
  events: readonly RecordEnvelope[],
  record: RegisterRecord,
  recipient: { readonly requested: string | null; readonly known: string | null },
): RecordDifference[] {
  const history = historyOfEvents(events);
  const all = [
    ...recipientDifferences(recipient, record.titleAt),
    ...headingDifferences([history, importedHistory(events)], record),
    ...unknownEntries(history.entries, record.entries).map(entryDifference),
  ].sort((a, b) => a.line - b.line || a.column - b.column);
  if (all.length <= DIFFERENCES_MAX) return all;
  const next = all[DIFFERENCES_MAX] as RecordDifference;
  const more = { ...next, detail: `${all.length - DIFFERENCES_MAX} more from here on` };
  return [...all.slice(0, DIFFERENCES_MAX), more];
}

const recipientDifferences = (
  { requested, known }: { readonly requested: string | null; readonly known: string | null },
  at: Position,
): readonly RecordDifference[] =>
  requested === null || requested === known
    ? []
    : [{ ...at, what: 'recipient', detail: `the recipient ${requested}` }];

/** Returns a title and text that match neither the last import nor the current record. Erased ones match any. */
function headingDifferences(
  histories: readonly EventHistory[],
  record: RegisterRecord,
): readonly RecordDifference[] {
  const differs = (of: 'title' | 'reference' | 'text') =>
    histories.every((history) => history[of] !== null && history[of] !== record[of]);
  return [
    ...(differs('title') || differs('reference')
      ? [{ ...record.titleAt, what: 'title', detail: 'a different title' } as const]
      : []),
    ...(differs('text') ? [{ ...record.textAt, what: 'text', detail: 'a different text' } as const] : []),
  ];
}

/** The detail quotes no free text. */
function entryDifference(entry: RegisterEntry): RecordDifference {
  const { kind, line, column, date } = entry;
  const on = date ?? 'no date';
  if (kind === 'comment') return { line, column, what: kind, detail: `a comment of ${on}` };
  const what = isRegisterStatus(entry.status) ? `status ${entry.status}` : quoteStatus(entry.status);
  return { line, column, what: kind, detail: `${what} of ${on}` };
}
