import type { LifecycleReference, StateValue } from '#event-sourcing/envelope';
import type { Deadline } from '#state-machines/capabilities/deadlines';
import type { NamedBody } from '#state-machines/inspection-recommendation/v1/corrected-facts';
import { standingFrom, standingRow } from '../standing.ts';
import type { FoldedStanding, StandingRow } from '../standing.ts';
import type { HistoryHeadRow } from './history-tables.ts';
import { DeadlineFates } from './deadline-fates.ts';
import type { Fate, Misnamed } from './deadline-fates.ts';
import type { Fold, Issue } from './record-fold.ts';

/** The row that a deadline in force has from some day on. */
export interface LastRow {
  readonly key: number;
  readonly on: string;
  readonly known: number;
}

/** How the record stands as things were stored: that by which today's deadlines are told, and who sees it. */
export interface Stream extends NamedBody {
  readonly status: string;
}

/** Where a record's fold goes on; changed in place while it does. */
export interface Head extends Omit<HistoryHeadRow, 'head'> {
  readonly issue: Issue;
  fold: Fold;
  fates: DeadlineFates;
  lastRows: Map<string, LastRow>;
  stream: Stream;
}

/** As it is kept: a deadline as `id, kind, dueOn, firstDueOn, passed, extensions, row, its day, when it is known, the rest`. */
interface Kept {
  readonly issue: Omit<Issue, 'id'>;
  readonly standing: Omit<StandingRow, 'id' | 'deadlines' | 'facts' | 'due_on'>;
  readonly facts: string;
  readonly value: StateValue;
  readonly titleEvent: string | null;
  readonly publishedOn?: string;
  readonly lifecycle?: LifecycleReference | null;
  readonly closedRecordedOn: string | null;
  readonly answered: readonly [on: string, recordedOn: string] | null;
  readonly deadlines: readonly KeptDeadline[];
  readonly stream: Stream;
  readonly superseded?: true;
  readonly misnamed?: readonly Misnamed[];
}
type KeptDeadline = readonly [
  id: string,
  kind: Deadline['kind'],
  dueOn: string,
  firstDueOn: string,
  passed: 0 | 1,
  extensions: number,
  row: number,
  on: string,
  known: number,
  /** What few deadlines have. */
  rest?: KeptRest,
];
type KeptRest = Pick<Deadline, 'claimedBy'> & Partial<Omit<Fate, 'extensions'>>;

export function readHead({ head, ...columns }: HistoryHeadRow): Head {
  const kept = JSON.parse(head) as Kept;
  const issue = { id: columns.id, ...kept.issue };
  const deadlines = kept.deadlines.map(([id, kind, dueOn, firstDueOn, passed, , , , , rest]): Deadline => {
    const { claimedBy } = rest ?? {};
    return {
      ...{ id, kind, dueOn, firstDueOn, dueSince: '', setBy: null },
      ...(passed === 1 && { passed: true }),
      ...(claimedBy !== undefined && { claimedBy }),
    };
  });
  const row = standingFrom({
    ...kept.standing,
    ...{ id: columns.id, deadlines: '[]', facts: kept.facts, due_on: null },
  });
  const standing: FoldedStanding = { ...row, deadlines, facts: { ...row.facts, deadlines } };
  const fates = kept.deadlines.flatMap(([id, , , , , extensions, , , , rest]): [string, Fate][] => {
    const { lateEntries = [], passings = [], corrected = [] } = rest ?? {};
    return extensions === 0 && rest === undefined
      ? []
      : [[id, { extensions, lateEntries, passings, corrected }]];
  });
  return {
    ...columns,
    issue,
    fold: {
      standing,
      value: kept.value,
      titleEvent: kept.titleEvent,
      publishedOn: kept.publishedOn ?? null,
      version: columns.version,
      lifecycle: kept.lifecycle === undefined ? issue.lifecycle : kept.lifecycle,
      closedRecordedOn: kept.closedRecordedOn,
      superseded: kept.superseded ?? false,
      answeredOn: kept.answered?.[0] ?? null,
      answeredRecordedOn: kept.answered?.[1] ?? null,
    },
    fates: new DeadlineFates(standing, new Map(fates), kept.misnamed),
    lastRows: new Map(kept.deadlines.map(([id, , , , , , key, on, known]) => [id, { key, on, known }])),
    stream: kept.stream,
  };
}

export function writeHead({ issue, fold, fates, lastRows, stream, ...columns }: Head): HistoryHeadRow {
  const { id: _, ...rest } = issue;
  const {
    id: __,
    deadlines: ___,
    due_on: ____,
    facts,
    ...standing
  } = standingRow(fold.standing as FoldedStanding);
  const { answeredOn, answeredRecordedOn } = fold;
  const isFirst = fold.lifecycle?.digest === issue.lifecycle?.digest;
  const deadlines = (fold.standing?.deadlines ?? []).map((each): KeptDeadline => {
    const { id, kind, dueOn, firstDueOn, passed } = each;
    const { extensions } = fates.fateOf(id);
    const rest = restOf(each, fates.fateOf(id));
    const { key, on, known } = lastRows.get(id) ?? { key: 0, on: '', known: 0 };
    const own = [id, kind, dueOn, firstDueOn, passed ? 1 : 0, extensions, key, on, known] as const;
    return rest === undefined ? own : [...own, rest];
  });
  const kept: Kept = {
    issue: rest,
    standing,
    facts,
    value: fold.value,
    titleEvent: fold.titleEvent,
    ...(fold.publishedOn !== null && { publishedOn: fold.publishedOn }),
    ...(!isFirst && { lifecycle: fold.lifecycle }),
    closedRecordedOn: fold.closedRecordedOn,
    answered: answeredOn === null ? null : [answeredOn, answeredRecordedOn ?? ''],
    deadlines,
    stream,
    ...(fold.superseded && { superseded: true as const }),
    ...(fates.misnamed.length > 0 && { misnamed: fates.misnamed }),
  };
  return { ...columns, head: JSON.stringify(kept) };
}

function restOf({ claimedBy }: Deadline, { lateEntries, passings, corrected }: Fate): KeptRest | undefined {
  const rest: KeptRest = {
    ...(claimedBy !== undefined && { claimedBy }),
    ...(lateEntries.length > 0 && { lateEntries }),
    ...(passings.length > 0 && { passings }),
    ...(corrected.length > 0 && { corrected }),
  };
  return Object.keys(rest).length === 0 ? undefined : rest;
}
