import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { openOutbox } from '#notifications/outbox/outbox-database';
import type { OutboxDatabase } from '#notifications/outbox/outbox-database';
import { PROJECTION_NAMES } from '#platform/projections';
import { InvalidCursorError } from '#projections/list-cursor';
import { ROLES } from '#state-machines/access';
import { untilTrue } from '#test/support/event-streams';
import { NOON, ServiceParts, viewer } from '#test/support/use-cases';
import { temporaryFolder } from '#test/support/temporary-folder';
import { seeMessages, requestRetry } from './messages.ts';
import { startRebuild, seeProjections } from './read-model-work.ts';

const parts = new ServiceParts();
const administrator = viewer('administrator');
const OTHERS = ROLES.filter((role) => role !== 'administrator');
const NOBODY_TOLD = { code: 'not-found', message: expect.stringContaining('DOCKET_OUTBOX') };

let folder: string;
let database: OutboxDatabase;
beforeEach(async () => {
  folder = temporaryFolder();
  database = await openOutbox({ kind: 'sqlite', path: join(folder, 'outbox.sqlite') });
});
afterEach(async () => {
  await database.close();
});

test.each(OTHERS)('a user who does not run the service sees and does none of it: %s', async (role) => {
  const who = viewer(role, 'avon');
  const refusal = { code: 'role-not-permitted' };
  await parts.fold();
  const before = await seeProjections(parts, administrator);
  await expect(seeProjections(parts, who)).rejects.toMatchObject(refusal);
  await expect(startRebuild(parts, who, 'register')).rejects.toMatchObject(refusal);
  await expect(seeMessages(null, who, { limit: 1 })).rejects.toMatchObject(refusal);
  await expect(seeMessages(database, who, { limit: 1, cursor: 'x' })).rejects.toMatchObject(refusal);
  await expect(requestRetry(database, who, 'no-such', NOON)).rejects.toMatchObject(refusal);
  expect(await seeProjections(parts, administrator)).toEqual(before);
});

describe('projections', () => {
  test('are listed with how far each is behind the log, and are rebuilt on request', async () => {
    await parts.fold();
    await parts.issue('r-1', 'avon');
    const seen = await seeProjections(parts, administrator);
    expect(seen.map(({ name }) => name).sort()).toEqual([...PROJECTION_NAMES].sort());
    for (const { lag } of seen) expect(lag).toBe(1);
    await startRebuild(parts, administrator, 'register');
    await parts.follow();
    await untilTrue(async () => {
      const all = await seeProjections(parts, administrator);
      return all.some(({ name, lastRebuild }) => name === 'register' && lastRebuild !== undefined);
    });
    await expect(startRebuild(parts, administrator, 'no-such')).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('messages to people', () => {
  test('are listed, and a cursor of another list is refused', async () => {
    expect(await seeMessages(database, administrator, { limit: 1 })).toEqual({
      items: [],
      nextCursor: null,
    });
    const other = seeMessages(database, administrator, { limit: 1, cursor: 'x' });
    await expect(other).rejects.toThrow(InvalidCursorError);
  });

  test('are not found without notifications, and are not retried where there is none', async () => {
    await expect(seeMessages(null, administrator, { limit: 1 })).rejects.toMatchObject(NOBODY_TOLD);
    await expect(requestRetry(null, administrator, 'm-1', NOON)).rejects.toMatchObject(NOBODY_TOLD);
    const again = requestRetry(database, administrator, 'm-1', NOON);
    await expect(again).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('no such message'),
    });
  });
});
