import { expect, test } from '@jest/globals';
import type { Envelope } from '#event-sourcing/envelope';
import { onEqualDatabases } from '#test/support/read-model-harness';
import { cut, foldInParts, liveRows } from '#test/support/read-models';
import { registerProjection } from './register/register-projection.ts';

/** More records than one part of a batch contains. */
const RECORDS = 430;

onEqualDatabases('the register on $name', [registerProjection], (models) => {
  async function rowsOf(batches: readonly (readonly Envelope[])[]) {
    await models.anew();
    await foldInParts(models.database, batches);
    return liveRows(models.database, registerProjection);
  }

  test('given a batch with more records than are folded at a time, then the rows are the same as for small batches', async () => {
    const { log } = models;
    const ids = Array.from({ length: RECORDS }, (_, index) => `r-${index}`);
    for (const id of ids) log.issue(id);
    for (const id of ids.toReversed())
      log.add(id, 'TextAmended', { title: `Of ${id}`, reason: 'It was wrong.' });
    const events = [...log.events];
    const small = await rowsOf(cut(events, Array<number>(RECORDS).fill(70)));
    expect(await rowsOf([events])).toEqual(small);
    // The second half contains events of existing records and of some new ones.
    expect(await rowsOf([events.slice(0, RECORDS - 40), events.slice(RECORDS - 40)])).toEqual(small);
  });
});
