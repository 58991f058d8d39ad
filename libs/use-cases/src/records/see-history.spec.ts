import 'reflect-metadata';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { INSPECTOR, NOON, ServiceParts, viewer } from '#test/support/use-cases';
import type { Point } from './record-at.ts';
import { viewPoint } from './record-at.ts';
import { seeChart, seeRecord } from './see-record.ts';
import { seeEvents } from './see-events.ts';
import { seeHistory } from './see-history.ts';
import { recordOf } from '#state-machines/record-streams';

const parts = new ServiceParts();
const approver = viewer('approver');
const forceLead = viewer('force-lead', 'avon');
const NOW: Point = { view: viewPoint(null, null) };

const see = (point: Point = NOW, entries: object = {}, who = INSPECTOR) =>
  seeHistory(parts, who, recordOf('r-1'), { point, now: NOON, entries: { page: 1, size: 50, ...entries } });
const versionsOf = (seen: Awaited<ReturnType<typeof see>>) =>
  seen.events.items.map(({ event }) => event.version);

// The events: 1 issued, 2 deadline set, 3 progress, 4 internal comment, 5 evidence, 6 accepted, 7 comment redacted.
beforeEach(async () => {
  // The response to a redaction waits for the read models.
  await parts.follow();
  await parts.issue('r-1', 'avon', { text: 'By 30 June 2027 it should act.' });
  await parts.sendCommand(INSPECTOR, 'r-1', 'start-progress', { effectiveOn: '2026-02-01' });
  await parts.sendCommand(INSPECTOR, 'r-1', 'add-comment', { text: 'Ann says no.', visibility: 'internal' });
  await parts.sendCommand(forceLead, 'r-1', 'submit-evidence', {
    items: [{ name: 'p', sha256: 'a'.repeat(64) }],
  });
  await parts.sendCommand(INSPECTOR, 'r-1', 'accept-evidence');
  const comment = (await parts.stream('r-1'))[3];
  const redaction = { eventId: comment?.eventId ?? '', pointers: ['/data/text'], reason: 'It names Ann.' };
  await parts.sendCommand(approver, 'r-1', 'redact-comment', redaction);
  await parts.fold();
});

describe('a record at a point of its history', () => {
  test('after an event has the events up to there, and the state', async () => {
    for (const version of [1, 3, 7]) {
      const seen = await see({ version });
      expect(seen).toMatchObject({ last: 7, record: { version, text: 'By 30 June 2027 it should act.' } });
      expect(versionsOf(seen)).toEqual(Array.from({ length: version }, (_, index) => version - index));
    }
    const { chart } = await see({ version: 3 });
    expect(chart.regions.find(({ region }) => region === 'progress')?.current).toBe('being-progressed');
    expect(chart.regions.find(({ region }) => region === 'evidence')?.current).toBe('none');
  });

  test('in a view is as it is read there, with its chart', async () => {
    const view = viewPoint('2026-02-01', null);
    const seen = await see({ view });
    const { record, day } = await seeRecord(parts, INSPECTOR, recordOf('r-1'), { view, now: NOON });
    expect(seen).toMatchObject({
      record,
      day,
      chart: await seeChart(parts, INSPECTOR, recordOf('r-1'), { view, now: NOON }),
    });
    expect(versionsOf(seen)).toEqual([3, 2, 1]);
    expect([...seen.events.versions].sort()).toEqual([1, 2, 3]);
  });

  test('does not exist before it was issued, and if it has fewer events, the last is named', async () => {
    for (const point of [{ version: 0 }, { view: viewPoint('2020-01-01', null) }])
      await expect(see(point)).rejects.toMatchObject({ code: 'not-found' });
    await expect(see({ version: 8 })).rejects.toThrow('version is beyond the last event, 7');
  });

  test('lists only the events between two days, both included', async () => {
    const listed = async (since?: string, until?: string) =>
      versionsOf(
        await seeHistory(parts, INSPECTOR, recordOf('r-1'), {
          ...{ point: NOW, days: { since, until }, now: NOON, entries: { page: 1, size: 50 } },
        }),
      );
    expect(await listed('2026-02-01', '2026-11-23')).toEqual([3]);
    expect(await listed('2026-02-02')).toEqual([7, 6, 5, 4]);
    expect(await listed(undefined, '2026-02-01')).toEqual([3, 2, 1]);
    expect(await listed('2026-03-01', '2026-03-02')).toEqual([]);
  });

  test('has its events page by page, and finds the page of each', async () => {
    expect(versionsOf(await see(NOW, { size: 3 }))).toEqual([7, 6, 5]);
    const last = await see(NOW, { size: 3, at: 1 });
    expect([versionsOf(last), last.events.page, last.events.pages, last.events.total]).toEqual([
      [1],
      3,
      3,
      7,
    ]);
  });
});

describe('an event of a history', () => {
  const eventOf = async (version: number, who = INSPECTOR) => {
    const found = (await see(NOW, {}, who)).events.items.find(({ event }) => event.version === version);
    if (found === undefined) throw new Error(`No event ${version}`);
    return found;
  };

  test('is the same as in the API, for each reader', async () => {
    for (const who of [INSPECTOR, forceLead]) {
      const { items } = await seeEvents(parts, who, recordOf('r-1'), { after: 0, limit: 100 });
      const events = (await Array.fromAsync(items)).flat();
      expect((await see(NOW, {}, who)).events.items.map(({ event }) => event).reverse()).toEqual(events);
    }
  });

  test('names the event that it answers, its answers, and the events of its command', async () => {
    expect(await eventOf(6)).toMatchObject({ causes: [5], effects: [] });
    expect(await eventOf(5)).toMatchObject({ causes: [], effects: [6] });
    expect(await eventOf(2)).toMatchObject({ causes: [1] });
    expect((await eventOf(4)).effects).toEqual([7]);
    expect((await eventOf(1)).together).toContain(2);
  });

  test('shows erased values, and marks withheld ones', async () => {
    expect(await eventOf(4)).toMatchObject({ erased: ['/data/text'], withheld: [] });
    expect(await eventOf(7)).toMatchObject({ erased: [], withheld: [], item: { reason: 'It names Ann.' } });
    const theirs = await eventOf(7, forceLead);
    expect(theirs).toMatchObject({ erased: [], withheld: ['/data/reason'] });
    expect(JSON.stringify(theirs)).not.toContain('Ann');
  });
});
