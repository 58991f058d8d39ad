import 'reflect-metadata';
import { beforeEach, expect, test } from '@jest/globals';
import { FOLDED_AT_ONCE } from '#event-sourcing/folding';
import type { LifecycleEvent } from '#lifecycle/lifecycles';
import { Lifecycles } from '#lifecycle/lifecycles';
import { append, commit, draft } from '#test/support/event-commits';
import { INSPECTOR, NOON, ServiceParts } from '#test/support/use-cases';
import { KnownHistories } from './known-histories.ts';
import type { RecordsAccess } from './records-access.ts';
import { seeChart, seeRecord, seeTimeline } from './see-record.ts';
import { seeHistory } from './see-history.ts';
import { recordOf } from '#state-machines/record-streams';
import { lifecycles } from '#state-machines/lifecycles';

const EVENTS = 3_000;
const parts = new ServiceParts();

/** Counts the turns of the event loop, and the lifecycle look-ups in each: one per folded event. */
class CountingLifecycles extends Lifecycles {
  readonly foldedInTurn: number[] = [0];
  #isOver = false;

  override of(event: LifecycleEvent) {
    this.foldedInTurn[this.foldedInTurn.length - 1] = (this.foldedInTurn.at(-1) ?? 0) + 1;
    return super.of(event);
  }

  async during(action: () => Promise<unknown>): Promise<void> {
    const turn = (): void => {
      this.foldedInTurn.push(0);
      if (!this.#isOver) setImmediate(turn);
    };
    setImmediate(turn);
    await action();
    this.#isOver = true;
  }
}

beforeEach(async () => {
  await parts.issue('r-1', 'avon');
  const comments = Array.from({ length: EVENTS - 1 }, (_, index) => draft(`Comment ${index}`));
  await parts.store.append(commit([append('recommendation-r-1', 1, ...comments)]));
});

const view = (effectiveOn: string | null) => ({ view: { effectiveOn, knownAt: null }, now: NOON });

test.each<[string, (access: RecordsAccess) => Promise<unknown>]>([
  ['the record', (access) => seeRecord(access, INSPECTOR, recordOf('r-1'), view(null))],
  ['the record on a day', (access) => seeRecord(access, INSPECTOR, recordOf('r-1'), view('2026-12-31'))],
  ['its chart', (access) => seeChart(access, INSPECTOR, recordOf('r-1'), view(null))],
  [
    'its history',
    (access) =>
      seeHistory(access, INSPECTOR, recordOf('r-1'), {
        point: { version: EVENTS },
        now: NOON,
        entries: { page: 1, size: 50 },
      }),
  ],
  ['its timeline', async (access) => Array.fromAsync(await seeTimeline(access, INSPECTOR, recordOf('r-1')))],
])('of a long record no turn of the event loop folds all events: %s', async (_, see) => {
  const counting = new CountingLifecycles(lifecycles.current('inspection-recommendation'));
  const histories = new KnownHistories(parts.store, counting);
  await counting.during(() =>
    see(Object.assign(Object.create(parts) as RecordsAccess, { lifecycles: counting, histories })),
  );
  // One turn can contain the last batch of one fold and the first of the next.
  expect(Math.max(...counting.foldedInTurn)).toBeLessThanOrEqual(2 * FOLDED_AT_ONCE);
  expect(counting.foldedInTurn.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(EVENTS);
});
