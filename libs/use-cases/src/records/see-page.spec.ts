import 'reflect-metadata';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { viewPoint } from './record-at.ts';
import { INSPECTOR, NOON, ServiceParts, viewer } from '#test/support/use-cases';
import { seeChart, seeRecord, seeTimeline } from './see-record.ts';
import { seePage } from './see-page.ts';
import { recordOf } from '#state-machines/record-streams';

const parts = new ServiceParts();
const approver = viewer('approver');
const forceLead = viewer('force-lead', 'avon');
const item = (name: string) => ({ name, sha256: 'a'.repeat(64) });
const NOW = { view: { effectiveOn: null, knownAt: null }, now: NOON };

const see = (entries: object = {}, effectiveOn: string | null = null) =>
  seePage(parts, INSPECTOR, recordOf('r-1'), {
    view: viewPoint(effectiveOn, null),
    now: NOON,
    entries: { page: 1, size: 3, ...entries },
  });

beforeEach(async () => {
  await parts.issue('r-1', 'avon', { text: 'By 30 June 2027 it should act.' });
  await parts.sendCommand(INSPECTOR, 'r-1', 'start-progress', { effectiveOn: '2026-02-01' });
  await parts.sendCommand(INSPECTOR, 'r-1', 'add-comment', {
    text: 'Well begun.',
    visibility: 'public',
    effectiveOn: '2026-02-02',
  });
  await parts.sendCommand(forceLead, 'r-1', 'submit-evidence', { items: [item('plan.pdf')] });
  await parts.sendCommand(INSPECTOR, 'r-1', 'reject-evidence', { reason: 'A draft.' });
  await parts.sendCommand(forceLead, 'r-1', 'submit-evidence', { items: [item('final.pdf')] });
  await parts.fold();
});

describe('a record as a page shows it', () => {
  test('is the record, its chart and its history as each is returned alone', async () => {
    const seen = await see({ size: 100 });
    const { record, day } = await seeRecord(parts, INSPECTOR, recordOf('r-1'), NOW);
    expect(seen).toMatchObject({ record, day });
    expect(seen.chart).toEqual(await seeChart(parts, INSPECTOR, recordOf('r-1'), NOW));
    const timeline = await Array.fromAsync(await seeTimeline(parts, INSPECTOR, recordOf('r-1')));
    expect(seen.entries.items).toEqual(timeline.reverse());
  });

  test('lists possible corrections only for users who may request them', async () => {
    expect((await see()).correctable.size).toBeGreaterThan(0);
    for (const who of [approver, forceLead]) {
      const point = { ...NOW, entries: { page: 1, size: 3 } };
      expect((await seePage(parts, who, recordOf('r-1'), point)).correctable.size).toBe(0);
    }
  });

  test('is as it was, with the history that there was then', async () => {
    const seen = await see({ size: 100 }, '2026-02-01');
    const view = { effectiveOn: '2026-02-01', knownAt: null };
    const alone = await seeRecord(parts, INSPECTOR, recordOf('r-1'), { view, now: NOON });
    expect(seen.record).toEqual(alone.record);
    expect(seen.entries.items.map(({ type }) => type)).toEqual([
      'ProgressStarted',
      'DeadlineSet',
      'RecommendationIssued',
    ]);
    expect(seen.submissions).toEqual([]);
  });

  test('has its history page by page, newest first, and finds the page of an event', async () => {
    const pages = await Promise.all([1, 2, 3, 4].map((page) => see({ page })));
    const versions = pages.map(({ entries }) => entries.items.map(({ version }) => version));
    expect(versions).toEqual([[7, 6, 5], [4, 3, 2], [1], [1]]);
    expect(pages[0]?.entries).toMatchObject({ page: 1, pages: 3, total: 7 });
    const { page, items } = (await see({ at: 3 })).entries;
    expect([page, items.map(({ version }) => version)]).toEqual([2, [4, 3, 2]]);
  });

  test('names the versions that its entries decide on', async () => {
    const { entries } = await see();
    const decision = entries.items.find(({ type }) => type === 'EvidenceRejected');
    expect(decision?.decides?.map((id) => entries.versions.get(id))).toEqual([5]);
  });

  test('has the evidence, newest first, with the decisions', async () => {
    const { submissions, submitted } = await see();
    expect(
      submissions.map(({ items, decision, ground }) => [items[0]?.name, decision?.type, ground]),
    ).toEqual([
      ['final.pdf', undefined, undefined],
      ['plan.pdf', 'EvidenceRejected', 'A draft.'],
    ]);
    expect(submitted).toBe(2);
  });

  test('says which event its text is of, also once it was amended', async () => {
    const [first] = await parts.stream('r-1');
    expect((await see()).textEvent).toBe(first?.eventId);
    await parts.sendCommand(INSPECTOR, 'r-1', 'amend-text', { title: 'Another', reason: 'A slip.' });
    expect((await see()).textEvent).toBe(first?.eventId);
    await parts.sendCommand(INSPECTOR, 'r-1', 'amend-text', {
      text: 'It should act by May 2027.',
      reason: 'So.',
    });
    const amended = (await parts.stream('r-1')).findLast(({ type }) => type === 'TextAmended');
    expect((await see()).textEvent).toBe(amended?.eventId);
    expect((await see()).record.pending.proposals[0]?.source?.eventId).toBe(amended?.eventId);
  });

  test('reads as much of the store as the record alone, except for values that are shown in full', async () => {
    const reads: number[] = [];
    const read = parts.store.readStream.bind(parts.store);
    parts.store.readStream = async (stream, options) => {
      const events = await read(stream, options);
      reads.push(events.length);
      return events;
    };
    const readBy = async (look: () => Promise<unknown>): Promise<number> => {
      reads.length = 0;
      await look();
      return reads.reduce((sum, events) => sum + events, 0);
    };
    const alone = await readBy(() => seeRecord(parts, approver, recordOf('r-1'), NOW));
    // The page's events, and the two submissions with the events between them.
    expect(await readBy(() => see())).toBeLessThanOrEqual(alone + 3 + 3);
  });
});
