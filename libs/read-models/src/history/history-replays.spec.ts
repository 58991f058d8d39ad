import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Kysely } from 'kysely';
import { atOnce } from '#event-sourcing/folding';
import type { Envelope } from '#event-sourcing/envelope';
import { effectiveView } from '#lifecycle/effective-view';
import type { ViewStep } from '#lifecycle/effective-view';
import { addDays } from '#lifecycle/plain-date';
import { readLive } from '#projections/read-live';
import { ownState } from '#state-machines/inspection-recommendation/v1/lifecycle';
import { personOf } from '#state-machines/capabilities/persons';
import type { RecordEnvelope, RecordEvent } from '#state-machines/inspection-recommendation/v1/record-event';
import { lifecycles } from '#state-machines/lifecycles';
import { recordIdOf } from '#state-machines/inspection-recommendation/kind';
import {
  erasedLog,
  HISTORY_BEGINS,
  HISTORY_DAYS,
  historiesInAnyDateOrder,
} from '#test/support/effective-histories';
import { onEqualDatabases } from '#test/support/read-model-harness';
import type { ReadModelsOf } from '#test/support/read-model-harness';
import { readRecord } from '#use-cases/records/read-record';
import { personLine, regionsOf } from '../record-state.ts';
import { historyProjection } from './history-projection.ts';
import type { HistoryTables } from './history-tables.ts';
import { validAt } from './valid-at.ts';
import type { HistoryPoint } from './valid-at.ts';
import { lengthsOf } from './spans.ts';
import type { Span } from './spans.ts';
import type { pendingOn } from '#state-machines/inspection-recommendation/v1/record';

const RUNS = Number(process.env['HISTORY_RUNS'] ?? 25);
/** Two events of one instant, on a day on which deadlines were settled, that leave them as on the day before. */
const CLOSED_AND_REOPENED: [number[], number[]] = [[26271221, 15, 13, 2141419502, 13, 596695533, 0], []];
const anyHistory = fc.array(fc.nat(), { minLength: 1, maxLength: 60, size: 'max' });

onEqualDatabases('on $name', [historyProjection], (models) => {
  test('at any date and instant, every record and deadline matches its replay', async () => {
    const anyPoints = fc.array(
      fc.tuple(fc.integer({ min: -2, max: HISTORY_DAYS }), fc.nat(), fc.constantFrom(-1, 0, 1)),
      {
        minLength: 8,
        maxLength: 8,
      },
    );
    await fc.assert(
      fc.asyncProperty(anyHistory, anyPoints, async (choices, points) => {
        await models.anew();
        const { events } = historiesInAnyDateOrder(choices, models.log);
        await models.fold();
        for (const [day, event, after] of points) {
          const { recordedAt } = events[event % events.length] as RecordEvent<Envelope>;
          const point = { on: addDays(HISTORY_BEGINS, day), known: Date.parse(recordedAt) + after };
          expect(await recordRows(models, point)).toEqual(replayed(erasedLog(events), point));
        }
        for (const table of ['history', 'history_deadlines']) {
          const rows = (await models.rows(table)) as unknown as readonly Span[];
          for (const row of rows) expect(row).toMatchObject(lengthsOf(row));
        }
      }),
      { numRuns: models.kind.cases(RUNS) },
    );
  });

  test('however the log is divided into batches, the rows are the same as if folded event by event', async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, fc.array(fc.integer({ min: 1, max: 12 })), async (choices, sizes) => {
        await models.expectSameRows(historiesInAnyDateOrder(choices), sizes);
      }),
      { numRuns: models.kind.cases(RUNS), examples: [CLOSED_AND_REOPENED] },
    );
  });

  test('folded after values were erased, the rows are the same as before', async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, async (choices) => {
        await models.anew();
        const { events } = historiesInAnyDateOrder(choices, models.log);
        await models.fold();
        const before = await Promise.all(TABLES.map((table) => models.rows(table)));
        const erased = erasedLog(events);
        await models.anew();
        models.log.events.push(...erased);
        await models.fold();
        expect(await Promise.all(TABLES.map((table) => models.rows(table)))).toEqual(before);
      }),
      { numRuns: models.kind.cases(RUNS) },
    );
  });
});

const TABLES = historyProjection.tables.map(({ name }) => name);

/** Returns the state of every record at a point from the read model. */
function recordRows({ database }: ReadModelsOf, point: HistoryPoint) {
  return readLive(database, historyProjection, async ({ db }) => {
    const tables = db as Kysely<HistoryTables>;
    const rows = await tables
      .selectFrom('history')
      .selectAll()
      .where(validAt(point, 'history'))
      .orderBy('stream')
      .execute();
    const deadlines = await tables
      .selectFrom('history_deadlines')
      .selectAll()
      .where(validAt(point, 'history_deadlines'))
      .where('withdrawn_on', 'is', null)
      .orderBy('id')
      .execute();
    const titles = await tables.selectFrom('history_titles').selectAll().execute();
    const records = await tables.selectFrom('history_records').selectAll().execute();
    return rows.map((row) => {
      const record = records.find(({ stream }) => stream === row.stream);
      const { issued_on, from_on, due_on, title_event, status, ...rest } = row;
      const { owner, recipient, status_origin, waits, closed_on } = rest;
      const { closure_by, evidence_by, extension_by } = rest;
      return {
        id: recordIdOf(row.stream),
        title: titles.find(({ event }) => event === (title_event ?? record?.issue_event))?.title,
        ...{ recipient, owner, status, status_origin, closure_by, evidence_by, extension_by },
        proposals: waits.includes(' proposal ') ? 1 : 0,
        ...{ issued_on, due_on, updated_on: from_on, closed_on },
        state: regionsOf(row),
        deadlines: deadlines
          .filter(({ stream }) => stream === row.stream)
          .map(({ deadline_id, kind, ...each }) => [
            deadline_id,
            kind,
            each.due_on,
            each.first_due_on,
            each.settled,
          ]),
      };
    });
  });
}

/** Returns the state of every record at a point, computed from its events. */
function replayed(events: readonly RecordEnvelope[], { on, known }: HistoryPoint) {
  const view = { effectiveOn: on, knownAt: new Date(known).toISOString() };
  const streams = [...Map.groupBy(events, ({ streamId }) => streamId)].sort(([a], [b]) => (a < b ? -1 : 1));
  return streams.flatMap(([streamId, own]) => {
    const record = atOnce(readRecord(lifecycles, own, view, on));
    if (record === null) return [];
    const { deadline: _, ...state } = record.state;
    const { title, recipient, owner, status, statusOrigin, issuedOn } = record;
    const pending = record.pending as ReturnType<typeof pendingOn>;
    const steps = atOnce(effectiveView(lifecycles, own, view));
    const last = steps.at(-1);
    const submitters = last ? ownState(last.state).facts.submissions.map(({ requester }) => requester) : [];
    return [
      {
        id: recordIdOf(streamId),
        ...{ title, recipient, owner, status, status_origin: statusOrigin },
        proposals: pending.proposals.length > 0 ? 1 : 0,
        closure_by: persons(pending.closure === undefined ? [] : [pending.closure.requester]),
        evidence_by: pending.evidence === undefined ? null : (persons(submitters) ?? '\n'),
        extension_by: persons(pending.extensions.map(({ requester }) => requester)),
        issued_on: issuedOn,
        due_on: earliest(record.deadlines.filter(({ kind }) => kind === 'action').map(({ dueOn }) => dueOn)),
        updated_on: steps
          .map(({ event }) => event.effectiveOn)
          .filter((day) => day <= on)
          .sort()
          .at(-1),
        closed_on: closedOn(steps),
        state,
        deadlines: record.deadlines
          .map(({ id, kind, dueOn, firstDueOn, state: own }) => [
            id,
            kind,
            dueOn,
            firstDueOn,
            own === 'settled' ? 1 : 0,
          ])
          .sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1)),
      },
    ];
  });
}

const CLOSED = ['complete', 'no-further-action-needed'];

function closedOn(steps: readonly ViewStep[]): string | null {
  const open = steps.findLastIndex(({ state }) => !CLOSED.includes(state.value['progress'] as string));
  return steps[open + 1]?.event.effectiveOn ?? null;
}

const earliest = (days: readonly string[]): string | null => days.toSorted()[0] ?? null;

function persons(subjects: readonly (string | null)[]): string | null {
  const lines = new Set(subjects.map((each) => personLine(each === null ? null : personOf(each)).trim()));
  return lines.size === 0 ? null : `\n${[...lines].sort().join('\n')}\n`;
}
