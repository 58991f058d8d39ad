import type { JsonObject, LifecycleReference, StateValue } from '#event-sourcing/envelope';
import type { NamedBody } from '#lifecycle/summary';
import { datesOf } from '../record-row.ts';
import type { FoldedRecordState } from '../record-state.ts';
import type { HistoryHeadRow } from './history-tables.ts';
import { DeadlineFates } from './deadline-fates.ts';
import type { Fate, Misnamed } from './deadline-fates.ts';
import type { Fold, Issue } from './record-fold.ts';

/** The latest row of a deadline that is in force. */
interface LastRow {
  readonly key: number;
  readonly on: string;
  readonly known: number;
}

/** The record's state in stored order. It determines today's deadlines and who may see the record. */
export interface Stream extends NamedBody {
  readonly status: string;
}

/** The state from which the fold of a record continues. It is mutated while folding. */
export interface Head extends Omit<HistoryHeadRow, 'head' | 'later_known'> {
  /** The version of the last event, and the latest instant at which one of the events was stored. */
  version: number;
  last_known: number;
  readonly issue: Issue;
  fold: Fold;
  fates: DeadlineFates;
  lastRows: Map<string, LastRow>;
  now: Stream;
}

/** A head as JSON. A deadline is stored as `id, extensions, row, day, known, rest`. */
interface StoredHead {
  readonly issue: Omit<Issue, 'stream'>;
  readonly standing: Omit<FoldedRecordState, 'stream' | 'summary' | 'value'>;
  readonly summary: JsonObject;
  readonly value: StateValue;
  readonly titleEvent: string | null;
  readonly publishedOn?: string;
  readonly lifecycle?: LifecycleReference | null;
  readonly closedRecordedOn: string | null;
  readonly answered: readonly [on: string, recordedOn: string] | null;
  readonly deadlines: readonly StoredDeadline[];
  readonly now: Stream;
  readonly superseded?: true;
  readonly misnamed?: readonly Misnamed[];
}
type StoredDeadline = readonly [
  id: string,
  extensions: number,
  row: number,
  on: string,
  known: number,
  /** The other data, which few deadlines have. */
  rest?: StoredRest,
];
type StoredRest = Partial<Omit<Fate, 'extensions'>>;

/** A stored head, with the version and the instant of the record's last event. */
export interface LoadedHead extends HistoryHeadRow {
  readonly version: number;
  readonly known: number;
}

function parseHead({
  stream,
  head,
}: Pick<LoadedHead, 'stream' | 'head'>): readonly [StoredHead, FoldedRecordState] {
  const kept = JSON.parse(head) as StoredHead;
  const { standing, value } = kept;
  return [kept, { ...standing, stream, value, summary: kept.summary }];
}

export function readHead({ later_known, version, known, ...row }: LoadedHead): Head {
  const { head: _, ...columns } = row;
  const [kept, recordState] = parseHead(row);
  const issue = { stream: columns.stream, ...kept.issue };
  const fates = kept.deadlines.flatMap(([id, extensions, , , , rest]): [string, Fate][] => {
    const { lateEntries = [], passings = [], corrected = [] } = rest ?? {};
    return extensions === 0 && rest === undefined
      ? []
      : [[id, { extensions, lateEntries, passings, corrected }]];
  });
  return {
    ...columns,
    ...{ version, last_known: later_known ?? known },
    issue,
    fold: {
      recordState,
      value: kept.value,
      titleEvent: kept.titleEvent,
      publishedOn: kept.publishedOn ?? null,
      version,
      lifecycle: kept.lifecycle === undefined ? issue.lifecycle : kept.lifecycle,
      closedRecordedOn: kept.closedRecordedOn,
      superseded: kept.superseded ?? false,
      answeredOn: kept.answered?.[0] ?? null,
      answeredRecordedOn: kept.answered?.[1] ?? null,
    },
    fates: new DeadlineFates(recordState, new Map(fates), kept.misnamed),
    lastRows: new Map(kept.deadlines.map(([id, , key, on, known]) => [id, { key, on, known }])),
    now: kept.now,
  };
}

export function writeHead({
  issue,
  fold,
  fates,
  lastRows,
  now,
  ...columns
}: Head & Pick<HistoryHeadRow, 'later_known'>): HistoryHeadRow {
  const { stream: _, ...rest } = issue;
  const recordState = fold.recordState as FoldedRecordState;
  const { stream: __, summary, value, ...columnsKept } = recordState;
  const { answeredOn, answeredRecordedOn } = fold;
  const isFirst = fold.lifecycle?.digest === issue.lifecycle?.digest;
  const deadlines = datesOf(recordState).map(({ id }): StoredDeadline => {
    const fate = fates.fateOf(id);
    const { key, on, known } = lastRows.get(id) ?? { key: 0, on: '', known: 0 };
    const own = [id, fate.extensions, key, on, known] as const;
    const more = restOf(fate);
    return more === undefined ? own : [...own, more];
  });
  const kept: StoredHead = {
    issue: rest,
    standing: columnsKept,
    summary: summary as JsonObject,
    value,
    titleEvent: fold.titleEvent,
    ...(fold.publishedOn !== null && { publishedOn: fold.publishedOn }),
    ...(!isFirst && { lifecycle: fold.lifecycle }),
    closedRecordedOn: fold.closedRecordedOn,
    answered: answeredOn === null ? null : [answeredOn, answeredRecordedOn ?? ''],
    deadlines,
    now,
    ...(fold.superseded && { superseded: true as const }),
    ...(fates.misnamed.length > 0 && { misnamed: fates.misnamed }),
  };
  return { ...columns, head: JSON.stringify(kept) };
}

function restOf({ lateEntries, passings, corrected }: Fate): StoredRest | undefined {
  const rest: StoredRest = {
    ...(lateEntries.length > 0 && { lateEntries }),
    ...(passings.length > 0 && { passings }),
    ...(corrected.length > 0 && { corrected }),
  };
  return Object.keys(rest).length === 0 ? undefined : rest;
}
