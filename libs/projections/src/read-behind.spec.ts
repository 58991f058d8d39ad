import { beforeEach, expect, test } from '@jest/globals';
import { queryRegister } from '#read-models/register/register-query';
import { registerProjection } from '#read-models/register/register-projection';
import { registeredRecipient } from '#read-models/register/registered-recipient';
import { kinds } from '#state-machines/record-streams';
import { onHastenedClock } from '#test/support/hastened-clock';
import { onEachDatabase } from '#test/support/read-model-harness';
import { checkingRedactions } from '#test/support/read-models';
import type { ReadModelDatabase } from './read-model-database.ts';

const today = '2026-11-24';
const BEHIND = { code: 'read-model-behind', message: expect.stringContaining('Try again') as unknown };

onEachDatabase('on $name, rows that lack a redaction', [registerProjection], (models) => {
  const { log } = models;
  let database: ReadModelDatabase;
  const list = () => queryRegister(database, { today, q: 'Amber' });

  beforeEach(async () => {
    database = checkingRedactions(models.database, log.events);
    const issued = log.issue('a', { title: 'Brackenbury', text: 'Amber', recipient: 'kent' });
    log.deadline('a', 'd1', '2026-12-31');
    await models.fold();
    log.redact('a', issued, '/data/title');
  });

  test('are not shown, and the answer says when to come back', async () => {
    await expect(onHastenedClock(list)).rejects.toMatchObject(BEHIND);
  });

  test('are shown as soon as they have it', async () => {
    const waiting = list();
    await models.fold();
    expect((await waiting).items).toMatchObject([{ id: 'a', title: null }]);
  });

  test('are shown if they lack other events only', async () => {
    await models.fold();
    log.comment('a', 'Featherstone');
    expect((await list()).items).toMatchObject([{ id: 'a' }]);
  });

  test('still tell the body of a record, which no redaction changes', async () => {
    const record = kinds.ofStream(log.events[0]?.streamId ?? '');
    if (record === null) throw new Error('the log begins with a record');
    expect(await registeredRecipient(database, record)).toMatchObject({ recipient: 'kent' });
  });
});
