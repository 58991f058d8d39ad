import type { Kysely } from 'kysely';
import { redactionOf } from '#event-sourcing/erasure';
import type { Generation } from '#projections/projection';
import { isErased, isSame, summaryBy } from '../record-row.ts';
import type { ProjectedEvent } from '../record-row.ts';
import { decidesOf, streamAfter } from './deadline-ledger.ts';
import { DeadlineFates } from './deadline-fates.ts';
import { eraseStored } from './erase-stored.ts';
import type { Erasure } from './erase-stored.ts';
import { readHead, writeHead } from './head.ts';
import type { Head, LoadedHead } from './head.ts';
import {
  HISTORY,
  HISTORY_DEADLINES,
  HISTORY_EVENTS,
  HISTORY_HEADS,
  HISTORY_PASSINGS,
  HISTORY_RECORDS,
  HISTORY_TITLES,
  keyOf,
  keysOf,
} from './history-tables.ts';
import type {
  HistoryDeadlineRow,
  HistoryEventRow,
  HistoryHeadRow,
  HistoryPassingRow,
  HistoryRecordRow,
  HistoryRow,
  HistoryTables,
  HistoryTitleRow,
} from './history-tables.ts';
import { isTitled, lightOf, withoutOwner, writeLight } from './light-events.ts';
import type { LightEvent } from './light-events.ts';
import { emptyFold, newsOf } from './record-fold.ts';
import { RecordHistory } from './record-history.ts';
import type { HistoryRows } from './record-history.ts';
import { SpanRows } from './span-rows.ts';

/** The part of a batch that belongs to one record. */
export interface RecordBatch {
  readonly record: RecordHistory;
  readonly events: readonly ProjectedEvent[];
  /** The events, grouped by the instant at which they were stored. */
  readonly groups: readonly (readonly LightEvent[])[];
  readonly erasures: readonly Erasure[];
  /** The stored head; absent for a new record. */
  readonly before: LoadedHead | undefined;
}

/** The columns of the head that change with every event. */
const TOUCHED = [
  ...(['first_on', 'last_on', 'later_known', 'last_row', 'last_row_known'] as const),
  ...(['rows', 'deadline_rows'] as const),
];

type Touched = Pick<HistoryHeadRow, (typeof TOUCHED)[number]>;

/** The number of rows that a batch may still write. */
export class RowBudget {
  spend(..._: readonly unknown[]): void {
    // No batch is limited.
  }
}

/** Collects the changes of a batch, and writes them at the end. */
export class HistoryBatch {
  readonly #tables: HistoryRows = {
    history: new SpanRows<HistoryRow>(HISTORY),
    deadlines: new SpanRows<HistoryDeadlineRow>(HISTORY_DEADLINES),
  };
  readonly #heads: HistoryHeadRow[] = [];
  readonly #touched: (Touched & { readonly stream: string })[] = [];
  readonly #events: HistoryEventRow[] = [];
  readonly #titles = new Map<string, HistoryTitleRow>();
  readonly #records: HistoryRecordRow[] = [];
  readonly #recipients: Pick<HistoryRecordRow, 'stream' | 'number' | 'recipient'>[] = [];
  readonly #passings: HistoryPassingRow[] = [];
  readonly #erasures: Erasure[] = [];
  readonly #budget: RowBudget;

  constructor(budget: RowBudget) {
    this.#budget = budget;
  }

  /**
   * Begins a record's part of the batch.
   * @param nextNumber the number for a new record
   * @throws Error if the first event does not follow the head's version.
   */
  begin(
    stream: string,
    row: LoadedHead | undefined,
    events: readonly ProjectedEvent[],
    nextNumber: () => number,
  ): RecordBatch {
    const head =
      row === undefined ? newHead(stream, nextNumber(), events[0] as ProjectedEvent) : readHead(row);
    for (const [index, { version, streamId }] of events.entries()) {
      const last = head.version + index;
      if (version !== last + 1)
        throw new Error(`Version ${version} of ${streamId} comes after version ${last}`);
    }
    const erasures = events.flatMap((event): Erasure[] => {
      const named = redactionOf(event);
      return named === null ? [] : [{ stream, kind: event.kind, number: head.number, ...named }];
    });
    const light = events.map((event) => lightOf(event, head.issue.lifecycle)).map(withoutErased(erasures));
    return {
      record: new RecordHistory(head, this.#tables),
      ...{ events, erasures, groups: groupsOf(light), before: row },
    };
  }

  apply({ record, events, groups, erasures, before }: RecordBatch): void {
    const { head } = record;
    const isNew = before === undefined;
    for (const { eventId, erased, kind } of erasures) {
      if (isErased(erased, 'owner', kind)) record.eraseOwner(eventId, withoutErased(erasures));
    }
    if (isNew) this.#records.push(recordRow(head, events[0] as ProjectedEvent, erasures));
    const bodyBefore = head.now.body;
    const bodies = new Map<number, string | null>();
    const light = groups.flat();
    for (const [index, event] of events.entries()) {
      const own = light[index] as LightEvent;
      this.#events.push({
        event: keyOf(head.number, event.version),
        effective_on: event.effectiveOn,
        known: own.known,
        decides: decidesOf(head.now, event),
        ...writeLight(own.deciding, head.issue.lifecycle),
      });
      bodies.set(event.version, head.now.body);
      head.now = streamAfter(head.now, event);
      this.#addTitle(event);
    }
    let applied = 0;
    for (const group of groups) {
      const rows = head.rows + head.deadline_rows;
      record.add(group);
      for (const event of group) this.#addPassing(head, event, bodies.get(event.version) ?? null);
      applied += group.length;
      const { position } = events[applied - 1] as ProjectedEvent;
      this.#budget.spend(head.rows + head.deadline_rows - rows, position);
    }
    this.#erase(erasures);
    const lastKnown = light.at(-1)?.known ?? 0;
    const columns = { ...head, later_known: head.last_known > lastKnown ? head.last_known : null };
    const isMoved = isNew || erasures.length > 0 || light.some(({ deciding }) => deciding !== null);
    if (isMoved) this.#heads.push(writeHead(columns));
    else if (!isSame<Touched>(TOUCHED, before, columns)) this.#touched.push(columns);
    const { body: recipient } = head.now;
    const ownRow = isNew ? this.#records.at(-1) : undefined;
    if (ownRow !== undefined) ownRow.recipient = recipient;
    else if (recipient !== bodyBefore)
      this.#recipients.push({ stream: head.stream, number: head.number, recipient });
  }

  #addTitle(event: ProjectedEvent): void {
    const { eventId, streamId: stream, version, texts } = event;
    const isIssue = version === 1;
    if (!isIssue && !isTitled(event)) return;
    const title = texts.find(({ kind }) => kind === 'title')?.value ?? null;
    this.#titles.set(eventId, { event: eventId, stream, issued: isIssue ? 1 : 0, title });
  }

  /**
   * Adds a row if the event records a deadline as passed. A date that had passed when it was entered does not count as
   * the body's lateness.
   */
  #addPassing({ stream, number, fates, issue }: Head, event: LightEvent, recipient: string | null): void {
    const news = newsOf(issue, event);
    if (news?.is !== 'crossed' || news.nearness === 'near') return;
    const { version, effectiveOn, known } = event;
    const { id: deadlineId, dueOn } = news;
    if (fates.isAtEntry(deadlineId, { dueOn, version })) return;
    const deadline = `${stream}/${deadlineId}`;
    this.#passings.push({
      event: keyOf(number, version),
      ...{ deadline, passed_on: effectiveOn, known, recipient },
    });
  }

  #erase(erasures: readonly Erasure[]): void {
    this.#erasures.push(...erasures);
    for (const { eventId, erased, kind } of erasures) {
      const title = this.#titles.get(eventId);
      if (title !== undefined && isErased(erased, 'title', kind)) title.title = null;
    }
  }

  async write(generation: Generation): Promise<void> {
    const { db, sql } = generation;
    await this.#tables.history.write(generation);
    await this.#tables.deadlines.write(generation);
    await sql.upsert(db, HISTORY_PASSINGS, this.#passings);
    await sql.upsert(db, HISTORY_RECORDS, this.#records);
    await sql.update(db, HISTORY_RECORDS, ['recipient'], this.#recipients);
    await sql.upsert(db, HISTORY_TITLES, [...this.#titles.values()]);
    await sql.upsert(db, HISTORY_EVENTS, this.#events);
    await sql.upsert(db, HISTORY_HEADS, this.#heads);
    await sql.update(db, HISTORY_HEADS, TOUCHED, this.#touched);
    for (const { number, recipient } of this.#recipients) await nameRecipient(generation, number, recipient);
    await eraseStored(generation, this.#erasures);
  }
}

/** Sets the body that may see the record in all its rows. */
async function nameRecipient({ db }: Generation, number: number, recipient: string | null): Promise<void> {
  const { from, until } = keysOf(number);
  await (db as Kysely<HistoryTables>)
    .updateTable('history')
    .set({ recipient_today: recipient })
    .where('row', '>=', from)
    .where('row', '<', until)
    .execute();
}

function newHead(stream: string, number: number, event: ProjectedEvent): Head {
  const { effectiveOn, lifecycle, recordedAt } = event;
  const { group: issue = null } = summaryBy(event.rules).about?.(event) ?? {};
  const about = { stream, issuedOn: effectiveOn, issue, lifecycle };
  return {
    ...{ stream, number, version: 0, rows: 0, deadline_rows: 0, last_row: 0, last_row_known: 0 },
    ...{ first_on: effectiveOn, last_on: effectiveOn, last_known: Date.parse(recordedAt) },
    ...{ issue: about, fold: emptyFold(about), fates: new DeadlineFates(), lastRows: new Map() },
    now: { body: null, event: null, status: '' },
  };
}

function recordRow(
  { stream, number, issue: { issuedOn, issue } }: Head,
  event: ProjectedEvent,
  erasures: readonly Erasure[],
): HistoryRecordRow {
  const { eventId, kind, lifecycle, rules, texts } = event;
  const { publishedOn = null } = summaryBy(rules).about?.(event) ?? {};
  const isGone = erasures.some((each) => each.eventId === eventId && isErased(each.erased, 'report', kind));
  const report = texts.find((text) => text.kind === 'report')?.value ?? null;
  return {
    ...{ stream, number, recipient: null, issued_on: issuedOn, issue },
    report_name: isGone ? null : report,
    report_published_on: publishedOn,
    issue_event: eventId,
    lifecycle_name: lifecycle?.name ?? '',
    lifecycle_version: lifecycle?.version ?? 0,
  };
}

/** Removes values that a redaction in the same batch erases. */
const withoutErased =
  (erasures: readonly Erasure[]) =>
  (light: LightEvent): LightEvent => {
    const { deciding } = light;
    if (deciding === null) return light;
    const isGone = erasures.some(
      ({ eventId, erased, kind }) => eventId === deciding.eventId && isErased(erased, 'owner', kind),
    );
    return isGone ? { ...light, deciding: withoutOwner(deciding) } : light;
  };

function groupsOf(events: readonly LightEvent[]): LightEvent[][] {
  const groups: LightEvent[][] = [];
  for (const event of events) {
    const group = groups.at(-1);
    if (group?.[0]?.known === event.known) group.push(event);
    else groups.push([event]);
  }
  return groups;
}
