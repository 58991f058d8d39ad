import { londonDate } from '#state-machines/london';
import { entriesByDate } from '#register-format/entries';
import { parseRegisterRecord } from '#register-format/parse-register-record';
import { STATUSES } from '#state-machines/inspection-recommendation/v1/machine';
import { RECORD_BYTES_MAX } from './import-record.ts';
import { recordEvents } from './register-history.ts';

/** A summary of a register record, for its importer. */
export interface FileSummary {
  readonly title: string;
  /** The last valid status of its history, or the initial status if it has none. */
  readonly status: string;
  readonly comments: number;
  /** The number of exact dates in its text, and of those that an inspector must confirm. */
  readonly deadlines: number;
  readonly proposals: number;
}

/** Returns a summary of the file, as if it were imported alone. @param now milliseconds since 1970. */
export function summariseFile(source: Uint8Array, now: number): FileSummary {
  const today = londonDate(now);
  // The import refuses a longer one.
  const record = parseRegisterRecord(source.subarray(0, RECORD_BYTES_MAX), today);
  const stated = entriesByDate(record.entries).flatMap((entry) =>
    entry.kind === 'status' ? (STATUSES.find((status) => status === entry.status) ?? []) : [],
  );
  const types = recordEvents(record, null, today, '').map(({ type }) => type);
  const count = (type: (typeof types)[number]) => types.filter((each) => each === type).length;
  return {
    title: record.title,
    status: stated.at(-1) ?? 'awaiting-review',
    comments: count('CommentAdded'),
    deadlines: count('DeadlineSet'),
    proposals: count('DeadlineProposed'),
  };
}
