import { labelOf } from './fields.ts';
import type { RecordKind } from './kind.ts';
import type { SummaryCode } from './summary.ts';

/** How the page of work groups queues: to decide, to look after, and by date. */
export type QueueGroup = 'decide' | 'look-after' | 'by-date';

/** What waits for people in some roles: the records of which everything is true that is said here. */
export interface Queue {
  readonly title: string;
  readonly group: QueueGroup;
  readonly roles: readonly string[];
  /** Has closed records too. */
  readonly ofClosed?: true;
  /** Is of decisions: somebody of a body has no record in it that names no body, since that can be theirs. */
  readonly decides?: true;
  /** By region. */
  readonly state?: Readonly<Record<string, string>>;
  /** The name of what waits, as the summary has it. */
  readonly waits?: string;
  /** Who requested what waits: me alone, nobody but others, or another person among others. */
  readonly by?: 'me' | 'others' | 'another';
  readonly owner?: 'me' | 'nobody';
  readonly body?: 'nobody';
  readonly answer?: 'due';
  /** The earliest date of the record itself: passed, passed long ago, or within so many days. */
  readonly date?: 'over' | 'long-over' | { readonly withinDays: number };
  readonly closedWithinDays?: number;
}

/** The queues of a kind by their names, in the order in which they are shown. */
export type Queues = Readonly<Record<string, Queue>>;

/** Of a lifecycle that declares no queues: what waits for a decision, for all of the staff but those who requested it. */
export const queuesOfWaits = ({ roles }: RecordKind, summary: SummaryCode | undefined): Queues =>
  Object.fromEntries(
    Object.keys(summary?.waits ?? {}).map((waits) => [
      waits,
      { title: labelOf(waits), group: 'decide', roles: roles.staff, decides: true, waits, by: 'others' },
    ]),
  );
