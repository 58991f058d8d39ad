import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import { ReadersBusyError } from '#projections/limited-reads';
import type { ReadModelDatabase } from '#projections/read-model-database';
import type { Viewer } from '#state-machines/access';
import { csvRows } from '#test/support/csv-rows';
import { due, issuedEvent, recordMany } from '#test/support/records';
import { INSPECTOR, NOON, ServiceParts, viewer } from '#test/support/use-cases';
import { csvFile } from '../csv.ts';
import type { CsvTable } from '../csv.ts';
import { listDeadlines, listRecords, seeStatistics } from './lists.ts';
import type { ListRequest } from './lists.ts';
import { deadlinesTable, recordsTable, statisticsTable } from './list-tables.ts';

const parts = new ServiceParts();
const names = {
  bodies: { all: () => Promise.resolve(new Map([['avon', { name: 'Avon and Somerset Police' }]])) },
  people: { readNames: (subjects: Iterable<string>) => parts.people.readNames(subjects) },
};
const textOf = async (table: Promise<CsvTable>): Promise<string> =>
  Buffer.concat(await Array.fromAsync(csvFile(await table, names))).toString();
const records = async (query: ListRequest = {}, who: Viewer = INSPECTOR) =>
  csvRows(await textOf(recordsTable(parts, who, query, NOON)));

describe('the register as CSV', () => {
  test('has a row per record, with the members and the order of the list', async () => {
    await parts.issue('r-1', 'avon', { title: 'Say "yes", then go', deadlines: [{ dueOn: '2026-11-30' }] });
    await parts.issue('r-2', 'kent', { responseRequired: true });
    await parts.enter({ bob: 'Bob' });
    await parts.sendCommand(INSPECTOR, 'r-1', 'assign-owner', { owner: 'bob' });
    await parts.sendCommand(INSPECTOR, 'r-1', 'request-closure', { statement: 'Done.' });
    await parts.people.see(
      {
        subject: 'bob',
        name: 'Bob Ashe',
        roles: ['force-lead'],
        organisations: [],
        issuedAt: NOON,
        expiresAt: NOON + 1,
      },
      { actor: { subject: 'bob', roles: [] }, now: NOON, correlationId: 'spec' },
    );
    await parts.fold();
    const rows = await records({ sort: 'id' });
    expect(rows).toMatchObject([
      {
        ...{
          id: 'r-1',
          title: 'Say "yes", then go',
          recipient: 'avon',
          recipientName: 'Avon and Somerset Police',
          owner: 'bob',
          ownerName: 'Bob Ashe',
          text: 'The force should act.',
          deadline: 'approaching',
        },
        ...{ dueOn: '2026-11-30', closure: 'requested', waiting: 'closure', reportName: 'PEEL 2026' },
      },
      {
        id: 'r-2',
        recipient: 'kent',
        recipientName: '',
        owner: '',
        ownerName: '',
        dueOn: '',
        deadline: 'none',
        response: 'due',
        closedOn: '',
      },
    ]);
    const { items } = await listRecords(parts, INSPECTOR, { sort: 'id' }, NOON);
    for (const [index, { id, status, version, issuedOn, updatedOn, state }] of items.entries()) {
      const { evidence } = state;
      expect(rows[index]).toMatchObject({
        id,
        status,
        version: String(version),
        issuedOn,
        updatedOn,
        evidence,
      });
    }
    expect((await records({ sort: '-id' })).map(({ id }) => id)).toEqual(['r-2', 'r-1']);
  });

  test("contains what the filters and its reader's permissions leave, and nothing else", async () => {
    for (const [id, body] of Object.entries({ 'r-1': 'avon', 'r-2': 'kent', 'r-3': 'avon' }))
      await parts.issue(id, body, { text: `The force should act on ${id}.` });
    await parts.sendCommand(INSPECTOR, 'r-3', 'start-progress');
    await parts.fold();
    const ids = async (...args: Parameters<typeof records>) =>
      (await records(...args)).map(({ id }) => id).sort();
    const forceLead = viewer('force-lead', 'avon');
    expect(await ids({}, forceLead)).toEqual(['r-1', 'r-3']);
    expect(await ids({ status: ['being-progressed'] })).toEqual(['r-3']);
    expect(await ids({ queue: 'without-owner' }, forceLead)).toEqual(['r-1', 'r-3']);
    expect(await ids({ q: 'act' })).toEqual(['r-1', 'r-2', 'r-3']);
    expect(await ids({}, { ...forceLead, roles: [] })).toEqual([]);
    await expect(ids({ recipient: ['kent'] }, forceLead)).rejects.toMatchObject({
      code: 'other-organisation',
    });
    await expect(ids({ queue: 'closed-30' }, forceLead)).rejects.toMatchObject({ code: 'invalid-parameter' });
  });

  test('escapes what a spreadsheet would read as a formula', async () => {
    await parts.issue('r-1', 'avon', { title: '=HYPERLINK("http://localhost")' });
    await parts.enter({ '-1+1': 'Formula' });
    await parts.sendCommand(INSPECTOR, 'r-1', 'assign-owner', { owner: '-1+1' });
    await parts.fold();
    expect(await records()).toMatchObject([{ title: '\'=HYPERLINK("http://localhost")', owner: "'-1+1" }]);
  });

  test('of a past day has no texts, which are searched and listed as of today', async () => {
    await parts.issue('r-1', 'avon');
    await parts.fold();
    const [row] = await records({
      view: { effectiveOn: '2026-11-24', knownAt: null, named: ['2026-11-24', null] },
    });
    expect(row).toMatchObject({ id: 'r-1', recipientName: 'Avon and Somerset Police' });
    expect(row).not.toHaveProperty('text');
  });

  test('without a record, is the names of its columns', async () => {
    await parts.fold();
    const text = await textOf(recordsTable(parts, INSPECTOR, {}, NOON));
    expect(text).toMatch(/^id,title,recipient,[^\r\n]*,version,text,recipientName,ownerName\r\n$/);
  });
});

describe('other lists as CSV', () => {
  test('deadlines have the days left or over, as numbers', async () => {
    await parts.issue('r-1', 'avon', { deadlines: [{ dueOn: '2026-11-30' }, { dueOn: '2026-12-31' }] });
    await parts.issue('r-2', 'kent', { text: 'By 31 January 2026, plan.' });
    await parts.fold();
    const csv = async (query: object = {}) =>
      csvRows(await textOf(deadlinesTable(parts, INSPECTOR, query, NOON)));
    const rows = await csv();
    expect(rows).toMatchObject([
      { id: 'r-2', dueOn: '2026-01-31', state: 'escalated', daysLeft: '-297' },
      { id: 'r-1', deadlineId: 'd1', dueOn: '2026-11-30', daysLeft: '6' },
      { id: 'r-1', deadlineId: 'd2', dueOn: '2026-12-31', daysLeft: '37' },
    ]);
    const { items } = await listDeadlines(parts, INSPECTOR, { limit: 10 }, NOON);
    expect(rows.map(({ title }) => title)).toEqual(items.map(({ title }) => title));
    expect(await csv({ recipient: 'kent' })).toHaveLength(1);
  });

  test('statistics have one figure per row', async () => {
    await parts.issue('r-1', 'avon', { deadlines: [{ dueOn: '2026-11-30' }] });
    await parts.issue('r-2', 'kent');
    await parts.sendCommand(INSPECTOR, 'r-2', 'start-progress');
    await parts.fold();
    const query = { status: ['being-progressed', 'awaiting-review'] } as const;
    const rows = csvRows(await textOf(statisticsTable(parts, INSPECTOR, query, NOON)));
    const figure = (by: string, recipient: string, value: string) =>
      rows.find((row) => row['by'] === by && row['recipient'] === recipient && row['value'] === value)?.[
        'records'
      ];
    const counted = await seeStatistics(parts, INSPECTOR, query, NOON);
    expect(figure('total', '', '')).toBe(String(counted.total));
    for (const [status, count] of Object.entries(counted.byStatus))
      expect(figure('status', '', status)).toBe(String(count));
    for (const [state, count] of Object.entries(counted.byDeadline))
      expect(figure('deadline', '', state)).toBe(String(count));
    for (const [age, count] of Object.entries(counted.byAge))
      expect(figure('age', '', age)).toBe(String(count));
    expect(figure('recipient', 'kent', '')).toBe('1');
    expect(figure('recipient', 'kent', 'being-progressed')).toBe('1');
    expect(figure('recipient', 'avon', 'being-progressed')).toBe('0');
  });
});

describe('a list as CSV whose response has started', () => {
  test('waits for its turn where others read all the time', async () => {
    const ids = Array.from({ length: 501 }, (_, index) => `r-${index}`);
    await recordMany(parts.store, ids, '2026-01-05', issuedEvent(), due('2026-11-30'));
    await parts.fold();
    for (const csv of [deadlinesTable, recordsTable]) {
      let [begun, refused] = [false, 0];
      const readModels: ReadModelDatabase = {
        ...parts.readModels,
        read(action) {
          if (!begun || refused === 2) return parts.readModels.read(action);
          refused += 1;
          return Promise.reject(new ReadersBusyError('other reads go on'));
        },
      };
      const pieces = await csv({ readModels, people: parts.people, past: parts.past }, INSPECTOR, {}, NOON);
      begun = true;
      expect([csvRows(await textOf(Promise.resolve(pieces))).length, refused]).toEqual([501, 2]);
    }
  });
});
