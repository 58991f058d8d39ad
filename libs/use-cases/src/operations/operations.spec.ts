import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { openOutbox } from '#notifications/outbox/outbox-database';
import type { OutboxDatabase } from '#notifications/outbox/outbox-database';
import { InvalidCursorError } from '#projections/list-cursor';
import { ROLES } from '#state-machines/access';
import { NOON, viewer } from '#test/support/use-cases';
import { temporaryFolder } from '#test/support/temporary-folder';
import { seeMessages, requestRetry } from './messages.ts';

const administrator = viewer('administrator');
const OTHERS = ROLES.filter((role) => role !== 'administrator');

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
  await expect(seeMessages(database, who, { limit: 1, cursor: 'x' })).rejects.toMatchObject(refusal);
  await expect(requestRetry(database, who, 'no-such', NOON)).rejects.toMatchObject(refusal);
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

  test('are not retried where there is none', async () => {
    const again = requestRetry(database, administrator, 'm-1', NOON);
    await expect(again).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('no such message'),
    });
  });
});
