import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { logEvents } from '#event-sourcing/event-store';
import type { EventStore } from '#event-sourcing/event-store';
import { openStore } from '#platform/open-store';
import { parseStore } from '#platform/settings';
import { jsonLines, runDocket } from '../support/command-line.ts';
import { postgresqlSettings, sqliteSettings } from '../support/journey-store.ts';
import { postgresqlUrl } from '../support/postgresql-stores.ts';
import { due, issuedEvent, recordMany, thresholdOf } from '../support/records.ts';
import { eventually, settingsIn, startScript } from '../support/service-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { Started } from '../support/service-child.ts';

const THRESHOLDS = 3;

const RECORDS = Number(process.env['DOCKET_SWEEP_RECORDS'] ?? 500);
const EVENTS_BEFORE = 2 * RECORDS;
const EVENTS_AFTER = EVENTS_BEFORE + THRESHOLDS * RECORDS;

/**
 * Both processes sweep one file, or in the long form each is a node of one store on PostgreSQL, with read models on the
 * same server.
 */
const STORES = process.env['DOCKET_TEST_LONG'] === undefined ? ['a file'] : ['a file', 'PostgreSQL'];

describe.each(STORES)(
  `two schedulers on ${RECORDS} records that are due, in %s, one of them killed midway and started again`,
  (name) => {
    let folder: string;
    let env: Record<string, string>;
    let store: EventStore;

    beforeAll(async () => {
      folder = temporaryFolder();
      env =
        name === 'PostgreSQL' ? postgresqlSettings(folder, await postgresqlUrl()) : sqliteSettings(folder);
      store = await openStore(parseStore(env['DOCKET_STORE'] ?? '', 'DOCKET_STORE'), { create: true });
      const ids = Array.from({ length: RECORDS }, (_, index) => `due-${index}`);
      await recordMany(store, ids, '2016-01-10', issuedEvent(), due('2016-06-30'));
      expect(Number(await store.lastPosition())).toBe(EVENTS_BEFORE);
    }, 60_000);
    afterAll(() => store.close());

    const scheduler = (): Started =>
      startScript('apps/scheduler/src/main.js', settingsIn(folder, env), folder);
    const recorded = async (): Promise<number> => Number(await store.lastPosition()) - EVENTS_BEFORE;
    /** Returns the number of events that the process's first sweep reported; null before that. */
    const sweptCount = (process: Started): number | null => {
      const [, count] = /"recorded":(\d+),"msg":"Deadlines were swept"/.exec(process.stderr()) ?? [];
      return count === undefined ? null : Number(count);
    };
    const untilSwept = (process: Started) =>
      eventually(
        () => Promise.resolve(sweptCount(process)),
        (count) => count !== null,
        120_000,
      );

    it('record each threshold exactly once', async () => {
      const killed = scheduler();
      // Some of these events are from the process that will be killed.
      await eventually(recorded, (count) => count > 0, 60_000);
      const survivor = scheduler();
      const before = await eventually(recorded, (count) => count > RECORDS / 2, 60_000);
      expect(before).toBeLessThan(THRESHOLDS * RECORDS);
      expect(await killed.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
      // The sweep was not finished.
      expect(sweptCount(killed)).toBeNull();
      const again = scheduler();
      await Promise.all([untilSwept(survivor), untilSwept(again)]);
      expect(await recorded()).toBe(THRESHOLDS * RECORDS);
      for (const process of [survivor, again]) {
        expect(await process.end('SIGTERM')).toEqual({ code: 0, signal: null });
        expect(process.stderr()).not.toContain('could not be swept');
      }
      expect((sweptCount(survivor) ?? 0) + (sweptCount(again) ?? 0)).toBeLessThan(THRESHOLDS * RECORDS);

      const counts = new Map<string, number>();
      for await (const { origin, streamId, type, effectiveOn, data } of logEvents(store)) {
        if (origin !== 'sweep') continue;
        const key = `${streamId} ${thresholdOf(data)} ${type} ${effectiveOn}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      expect([...counts].filter(([, count]) => count !== 1)).toEqual([]);
      const expected = Array.from({ length: RECORDS }, (_, index) =>
        ['DeadlineApproaching 2016-06-16', 'DeadlinePassed 2016-07-01', 'DeadlineEscalated 2016-07-30'].map(
          (what) => `recommendation-due-${index} d1/1 ${what}`,
        ),
      ).flat();
      expect(new Set(counts.keys())).toEqual(new Set(expected));
    }, 180_000);

    it('leave a history that verifies', async () => {
      const verified = await runDocket(['verify', '--json'], { folder, env });
      expect(jsonLines(verified).at(-1)).toMatchObject({
        ok: true,
        streams: RECORDS,
        events: EVENTS_AFTER,
        firstDivergence: null,
      });
    }, 60_000);
  },
);
