import { londonDate } from '#state-machines/london';
import { entriesByDate } from '#register-format/entries';
import { parseRegisterRecord } from '#register-format/parse-register-record';
import { STATUSES } from '#state-machines/inspection-recommendation/v1/machine';
import { recordEvents } from './register-history.ts';

/** What a register record has, for somebody who is about to import it. */
export interface ToldFile {
  readonly title: string;
  /** The last one that its history states and that is one; the first, where it states none. */
  readonly status: string;
  readonly comments: number;
  /** Of the text: to the day, and such as an inspector has to confirm. */
  readonly deadlines: number;
  readonly proposals: number;
}

/**
 * What the file has, as its import alone would record it.
 * @param now milliseconds since 1970.
 */
export function tellFile(source: Uint8Array, now: number): ToldFile {
  const today = londonDate(now);
  const record = parseRegisterRecord(source, today);
  const stated = entriesByDate(record.entries).flatMap((entry) =>
    entry.kind === 'status' ? (STATUSES.find((status) => status === entry.status) ?? []) : [],
  );
  const types = recordEvents(record, null, today, '').map(({ type }) => type);
  const counted = (type: (typeof types)[number]) => types.filter((each) => each === type).length;
  return {
    title: record.title,
    status: stated.at(-1) ?? 'awaiting-review',
    comments: counted('CommentAdded'),
    deadlines: counted('DeadlineSet'),
    proposals: counted('DeadlineProposed'),
  };
}
