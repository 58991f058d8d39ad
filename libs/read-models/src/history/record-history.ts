import { DeadlineFates, isSameDeadline } from './deadline-fates.ts';
import type { Head } from './head.ts';
import { keyOf } from './history-tables.ts';
import type { DeadlineContent, HistoryContent, HistoryDeadlineRow, HistoryRow } from './history-tables.ts';
import type { LightEvent } from './light-events.ts';
import {
  byEffectiveOrder,
  contentOf,
  emptyFold,
  inEffectiveOrder,
  isSameContent,
  foldDays,
} from './record-fold.ts';
import type { Fold, FoldedDeadline } from './record-fold.ts';
import type { SpanRows } from './span-rows.ts';
import { lengthsOf, NEVER, NEVER_ON, diffRows } from './spans.ts';
import type { Earlier, RowChanges, Span, Dated } from './spans.ts';

export interface HistoryRows {
  readonly history: SpanRows<HistoryRow>;
  readonly deadlines: SpanRows<HistoryDeadlineRow>;
}

/** How the events of one instant are applied. */
type Manner =
  /** Append: all are effective on or after the latest day. */
  | 'on'
  /** Some are effective earlier, but only change the date of the last update. */
  | 'notes'
  /** The record is folded again. */
  | 'refold';

export function mannerOf(
  head: Pick<Head, 'first_on' | 'last_on' | 'last_known'> | null,
  events: readonly LightEvent[],
): Manner {
  if (head === null || events.some(({ known }) => known <= head.last_known)) return 'refold';
  const earlier = events.filter(({ effectiveOn }) => effectiveOn < head.last_on);
  if (earlier.length === 0) return 'on';
  return earlier.every(({ deciding, effectiveOn }) => deciding === null && effectiveOn >= head.first_on)
    ? 'notes'
    : 'refold';
}

/** A saved state of a fold in effective order, before the event at an index. */
interface Mark {
  readonly index: number;
  readonly fold: Fold;
  readonly fates: DeadlineFates;
}

/** The number of events between marks. It bounds how many events are folded again before a changed one. */
const EVENTS_PER_MARK = 16;

/** One record while a batch is applied to it. */
export class RecordHistory {
  readonly head: Head;
  readonly #tables: HistoryRows;
  /** The earlier events in effective order. Loaded only if the record is folded again. */
  readonly #events: LightEvent[] = [];
  /** Saved states, so that many backdated events do not each fold the whole record again. */
  #marks: Mark[] = [];
  /** The loaded current rows by day. Those of deadlines are by id and day. */
  readonly #rows = new Map<string, HistoryRow>();
  readonly #deadlines = new Map<string, Map<string, HistoryDeadlineRow>>();

  constructor(head: Head, tables: HistoryRows) {
    this.head = head;
    this.#tables = tables;
  }

  /** Adds the loaded rows and events of earlier days. */
  load(
    events: readonly LightEvent[],
    rows: readonly HistoryRow[],
    deadlines: readonly HistoryDeadlineRow[],
  ): void {
    this.#events.push(...inEffectiveOrder(events));
    this.#tables.history.load(rows);
    this.#tables.deadlines.load(deadlines);
    this.#indexRows(rows, deadlines);
  }

  /** Applies the events of one instant, which must be later than all applied so far. */
  add(events: readonly LightEvent[]): void {
    const { head } = this;
    const isNew = head.version === 0;
    const manner = mannerOf(isNew ? null : head, events);
    const instant = events[0]?.known ?? 0;
    const isMore = !isNew && instant <= head.last_known;
    if (isMore) this.#undo(head.last_known);
    for (const event of events) this.#insert(event);
    if (manner === 'refold') this.#refold(isMore ? head.last_known : instant);
    else this.#append(events, instant);
    head.version = events.reduce((latest, { version }) => Math.max(latest, version), head.version);
    head.fold = { ...head.fold, version: head.version };
    head.last_known = Math.max(head.last_known, instant);
  }

  #insert(event: LightEvent): void {
    let index = this.#events.length;
    while (index > 0 && byEffectiveOrder(this.#events[index - 1] as LightEvent, event) > 0) index -= 1;
    this.#events.splice(index, 0, event);
    // The events on the mark's day must be folded again.
    while ((this.#marks.at(-1)?.index ?? -1) >= index) this.#marks.pop();
  }

  /** Erases an owner's name from the loaded rows and events. The caller erases it from stored rows. */
  eraseOwner(ownerEvent: string, withoutOwner: (event: LightEvent) => LightEvent): void {
    for (const row of this.#tables.history.each()) {
      if (row.stream === this.head.stream && row.owner_event === ownerEvent) row.owner = null;
    }
    for (const [index, event] of this.#events.entries()) {
      if (event.deciding?.eventId === ownerEvent) this.#events[index] = withoutOwner(event);
    }
    this.#marks = [];
    const { recordState } = this.head.fold;
    if (recordState?.owner_event !== ownerEvent) return;
    this.head.fold = { ...this.head.fold, recordState: { ...recordState, owner: null } };
  }

  #append(events: readonly LightEvent[], instant: number): void {
    const { head } = this;
    // An event that changes nothing needs no row if its day already has one.
    if (events.every(({ deciding, effectiveOn }) => deciding === null && effectiveOn === head.last_on))
      return;
    const inOrder = inEffectiveOrder(events);
    const later = inOrder.filter(({ effectiveOn }) => effectiveOn >= head.last_on);
    this.#addNotes(inOrder.slice(0, inOrder.length - later.length), instant);
    const last = later.at(-1);
    if (last === undefined) return;
    const content = contentOf(head.issue, head.fold);
    const folded = foldDays(head.issue, head.fold, head.fates, later);
    const { last_row: key, last_row_known: known, last_on: on } = head;
    const before = { key, known, on, content, next_on: NEVER_ON };
    this.#writeRecord([before], appendDays(before, folded.records), NEVER_ON, instant);
    for (const [id, deadline] of inOrderOfIds(folded.deadlines)) this.#appendDeadline(id, deadline, instant);
    head.fold = folded.fold;
    head.last_on = last.effectiveOn;
  }

  /** Adds a row for each earlier day that these events mark as updated. */
  #addNotes(notes: readonly LightEvent[], instant: number): void {
    const days = new Set(notes.map(({ effectiveOn }) => effectiveOn).filter((day) => !this.#rows.has(day)));
    if (days.size === 0) return;
    const ordered = [...days].sort();
    const [from, until] = [ordered[0] as string, ordered.at(-1) as string];
    let first = '';
    for (const day of this.#rows.keys()) if (day <= from && day > first) first = day;
    const before = this.#currentRows().filter(({ on }) => on >= first && on <= until);
    const after = mergeDays(before, ordered);
    this.#writeRecord(before, after, before.at(-1)?.next_on ?? NEVER_ON, instant);
  }

  #refold(instant: number): void {
    const { head } = this;
    const mark = this.#marks.at(-1) ?? { index: 0, fold: emptyFold(head.issue), fates: new DeadlineFates() };
    const events = this.#events.slice(mark.index);
    head.fates = mark.fates.copy();
    const folded = foldDays(head.issue, mark.fold, head.fates, events, (index, fold) => {
      if (index > 0 && index % EVENTS_PER_MARK === 0)
        this.#marks.push({ index: mark.index + index, fold, fates: head.fates.copy() });
    });
    // Rows of earlier days are not changed.
    const day = mark.index === 0 ? '' : (events[0]?.effectiveOn ?? '');
    const rows = fromDay(this.#currentRows(), day);
    this.#writeRecord(rows, [...rowBefore(rows, day), ...folded.records], NEVER_ON, instant);
    for (const row of this.#rows.values()) if (row.next_on === NEVER_ON) this.#isLast(row);
    this.#rewriteDeadlines(folded.deadlines, day, instant);
    head.fold = folded.fold;
    head.first_on = this.#events[0]?.effectiveOn ?? head.first_on;
    head.last_on = this.#events.at(-1)?.effectiveOn ?? head.last_on;
  }

  #rewriteDeadlines(folded: ReadonlyMap<string, FoldedDeadline>, day: string, instant: number): void {
    const existing = [...this.#deadlines]
      .filter(([, days]) => [...days.keys()].some((on) => on >= day))
      .map(([id]) => [id, NO_DAYS] as const);
    for (const [id, own] of inOrderOfIds(new Map([...existing, ...folded]))) {
      const rows = fromDay([...(this.#deadlines.get(id)?.values() ?? [])].map(earlierOf).sort(byDay), day);
      const after = [...rowBefore(rows, day), ...own.days];
      this.#writeDeadline(id, rows, splitAtDays(rows, after), instant);
    }
  }

  /**
   * Removes what an earlier batch wrote at the same instant, so that all events of the instant are applied together.
   */
  #undo(instant: number): void {
    const { head } = this;
    const { history, deadlines } = this.#tables;
    const rows = [...history.each()].filter(({ stream }) => stream === head.stream);
    const own = [...deadlines.each()].filter(({ stream }) => stream === head.stream);
    head.rows -= history.undo(rows, instant);
    head.deadline_rows -= deadlines.undo(own, instant);
    this.#marks = [];
    this.#rows.clear();
    this.#deadlines.clear();
    this.#indexRows(
      rows.filter(({ known }) => known !== instant),
      own.filter(({ known }) => known !== instant),
    );
  }

  #indexRows(rows: readonly HistoryRow[], deadlines: readonly HistoryDeadlineRow[]): void {
    for (const row of rows) if (row.known_to === NEVER) this.#rows.set(row.from_on, row);
    for (const row of deadlines) {
      if (row.known_to === NEVER) this.#daysOf(row.deadline_id).set(row.from_on, row);
    }
  }

  #daysOf(deadlineId: string): Map<string, HistoryDeadlineRow> {
    const days = this.#deadlines.get(deadlineId) ?? new Map<string, HistoryDeadlineRow>();
    this.#deadlines.set(deadlineId, days);
    return days;
  }

  #currentRows(): Earlier<HistoryContent>[] {
    return [...this.#rows.values()].map(earlierOf).sort(byDay);
  }

  #writeRecord(
    before: readonly Earlier<HistoryContent>[],
    after: readonly Dated<HistoryContent>[],
    next: string,
    instant: number,
  ): void {
    const { head } = this;
    const changes = diffRows(before, after, next, isSameContent);
    drop(this.#rows, changes);
    carryOut(this.#tables.history, changes, instant, ({ content, ...span }) => {
      const row = {
        ...content,
        ...{ stream: head.stream, recipient_today: head.now.body },
        ...span,
        row: keyOf(head.number, head.rows),
      };
      head.rows += 1;
      this.#rows.set(row.from_on, row);
      if (row.next_on === NEVER_ON) this.#isLast(row);
      return row;
    });
  }

  #isLast({ row, known }: Pick<HistoryRow, 'row' | 'known'>): void {
    this.head.last_row = row;
    this.head.last_row_known = known;
  }

  #appendDeadline(id: string, { before, days }: FoldedDeadline, instant: number): void {
    const last = this.head.lastRows.get(id);
    const current = last && before && { ...last, content: before, next_on: NEVER_ON };
    if (current === undefined) this.#writeDeadline(id, [], days, instant);
    else this.#writeDeadline(id, [current], appendDays(current, days), instant);
  }

  #writeDeadline(
    id: string,
    before: readonly Earlier<DeadlineContent>[],
    after: readonly Dated<DeadlineContent>[],
    instant: number,
  ): void {
    const { head } = this;
    const days = this.#daysOf(id);
    const changes = diffRows(before, after, NEVER_ON, isSameDeadline);
    drop(days, changes);
    carryOut(this.#tables.deadlines, changes, instant, ({ content, ...span }) => {
      const ids = { id: `${head.stream}/${id}`, stream: head.stream, deadline_id: id };
      const row = { ...content, ...ids, ...span, row: keyOf(head.number, head.deadline_rows) };
      head.deadline_rows += 1;
      days.set(row.from_on, row);
      return row;
    });
    const last = [...days.values()].find(({ next_on }) => next_on === NEVER_ON);
    if (last?.withdrawn_on === null)
      head.lastRows.set(id, { key: last.row, on: last.from_on, known: last.known });
    else head.lastRows.delete(id);
  }
}

const NO_DAYS: FoldedDeadline = { before: undefined, days: [] };

/** Returns deadlines sorted by id, so that row numbers do not depend on the order of folding. */
const inOrderOfIds = (deadlines: ReadonlyMap<string, FoldedDeadline>): [string, FoldedDeadline][] =>
  [...deadlines].sort(([a], [b]) => (a < b ? -1 : 1));

const earlierOf = <Row extends HistoryRow | HistoryDeadlineRow>(row: Row): Earlier<Row> => ({
  key: row.row,
  known: row.known,
  on: row.from_on,
  next_on: row.next_on,
  content: row,
});

/** Returns the rows from a day on, including the one in force at the start of the day. */
const fromDay = <Content>(rows: readonly Earlier<Content>[], day: string): readonly Earlier<Content>[] =>
  rows.slice(
    Math.max(
      rows.findLastIndex(({ on }) => on < day),
      0,
    ),
  );

/** Returns the first row if it began before the day. */
const rowBefore = <Content>(rows: readonly Earlier<Content>[], day: string): Earlier<Content>[] =>
  rows.slice(0, 1).filter(({ on }) => on < day);

const byDay = (a: Dated<unknown>, b: Dated<unknown>): number => (a.on < b.on ? -1 : 1);

/** Returns the existing row followed by the new ones. A new row on the same day replaces the existing one. */
const appendDays = <Content>(before: Dated<Content>, added: readonly Dated<Content>[]): Dated<Content>[] => [
  ...(added[0]?.on === before.on ? [] : [before]),
  ...added,
];

/** Returns the entries with one for each of these days, which repeats the content in force. */
function mergeDays<Content>(before: readonly Dated<Content>[], days: readonly string[]): Dated<Content>[] {
  const merged: Dated<Content>[] = [];
  let index = 0;
  for (const each of before) {
    for (let day = days[index]; day !== undefined && day < each.on; day = days[(index += 1)]) {
      merged.push({ on: day, content: (merged.at(-1) ?? each).content });
    }
    merged.push(each);
  }
  for (const day of days.slice(index))
    merged.push({ on: day, content: (merged.at(-1) as Dated<Content>).content });
  return merged;
}

/**
 * Returns the new rows split at the days of the earlier rows. Appending keeps those days, so the result must not depend
 * on how the events of an instant are applied.
 */
function splitAtDays<Content>(
  before: readonly Dated<Content>[],
  added: readonly Dated<Content>[],
): readonly Dated<Content>[] {
  const [first] = added;
  if (first === undefined) return added;
  const own = new Set(added.map(({ on }) => on));
  return mergeDays(
    added,
    before.map(({ on }) => on).filter((day) => day > first.on && !own.has(day)),
  );
}

function drop(days: Map<string, { readonly row: number }>, { closed }: RowChanges<unknown>): void {
  if (closed.length === 0) return;
  const keys = new Set(closed);
  for (const [day, { row }] of days) if (keys.has(row)) days.delete(day);
}

/** The content and the span of a row. */
interface Spanned<Content> extends Readonly<Span> {
  readonly content: Content;
}

function carryOut<Row extends HistoryRow | HistoryDeadlineRow, Content>(
  rows: SpanRows<Row>,
  { closed, ended, added }: RowChanges<Content>,
  instant: number,
  make: (spanned: Spanned<Content>) => Row,
): void {
  for (const key of closed) rows.close(key, instant);
  for (const { row, next_on } of ended) {
    rows.end({ row: row.key, from_on: row.on, known: row.known }, next_on, instant);
  }
  for (const { on, next_on, content } of added) {
    const next_known = next_on === NEVER_ON ? NEVER : instant;
    const span = { from_on: on, next_on, known: instant, next_known };
    rows.make(make({ content, ...span, known_to: NEVER, ...lengthsOf(span) }));
  }
}
