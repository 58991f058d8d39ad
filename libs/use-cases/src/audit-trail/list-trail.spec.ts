import 'reflect-metadata';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { StoreUnavailableError } from '#event-sourcing/errors';
import { ROLES } from '#state-machines/access';
import { kinds, recordOf } from '#state-machines/record-streams';
import { INSPECTOR, NOON, ServiceParts, viewer } from '#test/support/use-cases';
import { wholePage } from '#test/support/pieces';
import type { Reader } from '../call-context.ts';
import { csvFile } from '../csv.ts';
import { admitToLog, filteredLog } from '../log/filter-log.ts';
import { seeEvents } from '../records/see-events.ts';
import { seeHistory } from '../records/see-history.ts';
import { seePage } from '../records/see-page.ts';
import { seeTimeline } from '../records/see-record.ts';
import { listRecordsRecordingAccess } from '../register/lists.ts';
import { seeExport } from '../register/export-record.ts';
import { listTrail, trailTable } from './list-trail.ts';

const parts = new ServiceParts();
const AUDITOR = viewer('auditor');
const LEAD = viewer('force-lead', 'avon');
const NAMES = {
  bodies: { all: () => Promise.resolve(new Map<string, { readonly name: string }>()) },
  people: { readNames: () => Promise.resolve(new Map<string, string | null>()) },
};
const NOW = { view: { effectiveOn: null, knownAt: null }, now: NOON };

/** The methods that return the internal parts of a record. */
const READS: readonly (readonly [string, (who: Reader, id: string) => Promise<unknown>])[] = [
  [
    'events',
    async (who, id) => wholePage((await seeEvents(parts, who, recordOf(id), { after: 0, limit: 100 })).items),
  ],
  ['timeline', async (who, id) => Array.fromAsync(await seeTimeline(parts, who, recordOf(id)))],
  ['page', (who, id) => seePage(parts, who, recordOf(id), { ...NOW, entries: { page: 1, size: 100 } })],
  [
    'history',
    (who, id) =>
      seeHistory(parts, who, recordOf(id), {
        point: { view: NOW.view },
        now: NOON,
        entries: { page: 1, size: 100 },
      }),
  ],
  ['search', (who, id) => listRecordsRecordingAccess(parts, who, { q: `ill ${id}`, limit: 10 }, NOON)],
];

beforeEach(async () => {
  for (const id of ['r-1', 'r-2']) await parts.issue(id, 'avon');
  const text = 'Ann is ill, r-1.';
  await parts.sendCommand(INSPECTOR, 'r-1', 'add-comment', { text, visibility: 'internal' });
  await parts.sendCommand(INSPECTOR, 'r-2', 'add-comment', {
    text: 'She is ill, r-2.',
    visibility: 'public',
  });
  await parts.fold();
});

describe.each(READS)('the internal parts of a record, in its %s,', (_, see) => {
  test('are recorded, if there are any, for users who read them', async () => {
    for (const id of ['r-1', 'r-2']) await see(INSPECTOR, id);
    expect(await parts.disclosures()).toEqual([
      { kind: 'internal', streamId: 'recommendation-r-1', version: null, format: null, by: 'a-inspector' },
    ]);
    await see(INSPECTOR, 'r-1');
    await see(LEAD, 'r-1');
    expect(await parts.disclosures()).toHaveLength(1);
  });

  test('are not returned if the access cannot be recorded', async () => {
    parts.store.append = () => Promise.reject(new StoreUnavailableError('the disk is full'));
    await expect(see(INSPECTOR, 'r-1')).rejects.toMatchObject({ code: 'store-unavailable' });
    await see(INSPECTOR, 'r-2');
    await see(LEAD, 'r-1');
  });
});

describe('an export', () => {
  test('is recorded each time, for every reader, and only where one exists', async () => {
    await seeExport(parts, LEAD, recordOf('r-1'), 'csv');
    await seeExport(parts, LEAD, recordOf('r-1'), 'json');
    await expect(seeExport(parts, viewer('force-lead', 'kent'), recordOf('r-1'), 'csv')).rejects.toThrow();
    const file = { kind: 'export', streamId: 'recommendation-r-1', version: 2, by: 'a-force-lead' };
    expect(await parts.disclosures()).toEqual([
      { ...file, format: 'csv' },
      { ...file, format: 'json' },
    ]);
  });

  test('is not returned if the access cannot be recorded', async () => {
    parts.store.append = () => Promise.reject(new StoreUnavailableError('the disk is full'));
    await expect(seeExport(parts, LEAD, recordOf('r-1'), 'csv')).rejects.toMatchObject({
      code: 'store-unavailable',
    });
  });
});

describe('a reader who follows the log', () => {
  test('finds no events of their own reading, unless they request them', async () => {
    const filter = {
      types: null,
      actors: null,
      records: null,
      correlations: null,
      recordedFrom: null,
      recordedTo: null,
    };
    let after = '0';
    const found: number[] = [];
    for (let times = 0; times < 4; times += 1) {
      await admitToLog(parts, AUDITOR, { name: 'after', position: after });
      const { items } = await wholePage(filteredLog(parts.store, { after, limit: 1_000, filter }));
      found.push(items.length);
      after = items.at(-1)?.position ?? after;
    }
    expect(found).toEqual([4, 0, 0, 0]);
    const logQuery = { after: '0', limit: 10, filter: { ...filter, types: ['AccessRecorded'] } };
    const { items } = await wholePage(filteredLog(parts.store, logQuery));
    expect(items).toMatchObject([{ type: 'AccessRecorded', actor: { subject: 'a-auditor' } }]);
    expect(await parts.disclosures()).toMatchObject([{ kind: 'log', streamId: null, by: 'a-auditor' }]);
  });
});

describe.each(['refusals', 'accesses'] as const)('the list of %s', (list) => {
  test.each(ROLES.filter((role) => role !== 'auditor'))(
    'is not for %s, and nothing is appended',
    async (role) => {
      const end = await parts.store.lastPosition();
      const refused = { code: 'role-not-permitted' };
      await expect(listTrail(parts, viewer(role), list, { limit: 10 })).rejects.toMatchObject(refused);
      await expect(trailTable(parts, viewer(role), list, {})).rejects.toMatchObject(refused);
      expect(await parts.store.lastPosition()).toBe(end);
    },
  );
});

describe('the lists of an auditor', () => {
  const csvOf = async (list: 'refusals' | 'accesses') => {
    const table = await trailTable(parts, AUDITOR, list, {});
    return Buffer.concat(await Array.fromAsync(csvFile(table, NAMES))).toString();
  };

  test('have an entry as soon as it is recorded, on a page and as CSV, and record nothing themselves', async () => {
    await seeExport(parts, LEAD, recordOf('r-1'), 'csv');
    await parts.accesses.internal(INSPECTOR, recordOf('r-1'));
    await parts.sendCommand(AUDITOR, 'r-1', 'start-progress').catch(() => null);
    const refusals = await listTrail(parts, AUDITOR, 'refusals', { limit: 10 });
    expect(refusals.items).toMatchObject([
      { code: 'role-not-permitted', actor: { subject: 'a-auditor' }, record: 'r-1' },
    ]);
    const accesses = await listTrail(parts, AUDITOR, 'accesses', { limit: 10 });
    expect(accesses.items).toMatchObject([
      { kind: 'internal', record: 'r-1', actor: { subject: 'a-inspector' } },
      { kind: 'export', record: 'r-1', version: 2, format: 'csv', actor: { subject: 'a-force-lead' } },
    ]);
    const [refusal] = refusals.items;
    const [internal, file] = accesses.items;
    const kind = kinds.all.length > 1 ? ',recordKind' : '';
    const ofKind = kinds.all.length > 1 ? ',inspection-recommendation' : '';
    expect((await csvOf('refusals')).split('\r\n')).toEqual([
      `position,recordedAt,subject,roles,command,code,guard,record,seenVersion,correlationId${kind},subjectName`,
      `${refusal?.position},${refusal?.recordedAt},a-auditor,auditor,start-progress,role-not-permitted,,r-1,2,spec${ofKind},`,
      '',
    ]);
    expect((await csvOf('accesses')).split('\r\n')).toEqual([
      `position,recordedAt,subject,roles,kind,record,version,format,withheld,correlationId${kind},subjectName`,
      `${internal?.position},${internal?.recordedAt},a-inspector,inspector,internal,r-1,,,,spec${ofKind},`,
      `${file?.position},${file?.recordedAt},a-force-lead,force-lead,export,r-1,2,csv,,spec${ofKind},`,
      '',
    ]);
    expect(await parts.disclosures()).toHaveLength(2);
  });

  test('contain the folded entries if the log is unavailable', async () => {
    parts.store.lastPosition = () => Promise.reject(new Error('gone'));
    expect(await listTrail(parts, AUDITOR, 'refusals', { limit: 10 })).toMatchObject({ items: [] });
  });
});
