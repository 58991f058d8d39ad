import { expect, test } from '@jest/globals';
import { openSqliteReadModels } from './sqlite/open-read-models.ts';
import { forgetProcess, listProcesses, noteProcess } from './heartbeats.ts';

test('processes see each other until they announce their end or fall silent', async () => {
  const database = openSqliteReadModels(':memory:', []);
  const server = { id: 's', kind: 'server', host: 'one', pid: 1, version: '1.0.0' } as const;
  const scheduler = { id: 't', kind: 'scheduler', host: 'two', pid: 2, version: '1.0.0' } as const;
  await noteProcess(database, server);
  await noteProcess(database, scheduler);
  const { since } = (await listProcesses(database)).find(({ id }) => id === 's')!;
  await noteProcess(database, server);
  const silent = new Date(Date.now() - 60_000).toISOString();
  await database.db.updateTable('processes').set({ last_seen: silent }).where('id', '=', 't').execute();
  const seen = await listProcesses(database);
  expect(seen).toHaveLength(2);
  expect(seen).toContainEqual(expect.objectContaining({ ...server, since, isHeardOf: true }));
  expect(seen).toContainEqual(expect.objectContaining({ ...scheduler, lastSeen: silent, isHeardOf: false }));
  await forgetProcess(database, 's', Date.now());
  expect((await listProcesses(database)).map(({ id }) => id)).toEqual(['t']);
  // Every process that ends removes those that have been silent for more than a week.
  await forgetProcess(database, 's', Date.now() + 8 * 24 * 3_600_000);
  expect(await listProcesses(database)).toEqual([]);
  await database.close();
});
