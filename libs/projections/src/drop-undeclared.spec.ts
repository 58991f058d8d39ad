import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { registerProjection } from '#read-models/register/register-projection';
import { onEachSharedDatabase } from '#test/support/read-model-harness';
import type { ReadModelsOf } from '#test/support/read-model-harness';
import { liveRows } from '#test/support/read-models';
import { tablesOf, textsProjection } from '#test/support/texts-projection';
import { dropUndeclared } from './drop-undeclared.ts';
import { applyBatch } from './apply-batch.ts';
import { createBuildingGeneration } from './generations.ts';
import type { Projection } from './projection.ts';
import { projectionStatus } from './projection-status.ts';

const texts = textsProjection('texts');
const DECLARED = [registerProjection, texts];
const LEFT_OVER = textsProjection('statistics');
const NAME = 'Ottoline Fairweather-Quill';

onEachSharedDatabase('undeclared projections on $name', DECLARED, (models) => {
  const { log } = models;

  /** Creates a person's data in two generations of a projection that is not declared. */
  async function leaveOver(): Promise<void> {
    log.issue('a');
    log.add('a', 'OwnerAssigned', { owner: NAME });
    await models.runner({ projections: [...DECLARED, LEFT_OVER] }).catchUp();
    const building = await createBuildingGeneration(models.database, LEFT_OVER);
    await applyBatch(models.database, LEFT_OVER, building, '0', log.events);
    expect(await tablesOf(models.database)).toEqual(expect.arrayContaining(LEFT));
  }
  const LEFT = ['statistics_g1', 'statistics_g2'];

  const remainingTables = async () =>
    (await tablesOf(models.database)).filter((name) => name.startsWith('statistics'));
  const rowsOf = async (name: string) => {
    const { db } = models.database;
    const projections = await db.selectFrom('projections').selectAll().where('name', '=', name).execute();
    const generations = await db
      .selectFrom('generations')
      .selectAll()
      .where('projection', '=', name)
      .execute();
    return [...projections, ...generations];
  };

  test('are dropped with all generations, and no file has their text once the declared ones lack it', async () => {
    await leaveOver();
    log.erase(log.events.at(-1)!, '/data/owner');
    for (const { name } of DECLARED) await models.runner().rebuild(name);
    expect(filesWith(models, NAME)).toEqual(models.kind.name === 'SQLite' ? [expect.anything()] : []);
    await dropUndeclared(models.database, DECLARED);
    expect(await remainingTables()).toEqual([]);
    expect(await rowsOf('statistics')).toEqual([]);
    expect(filesWith(models, NAME)).toEqual([]);
    expect((await projectionStatus(models.database)).map(({ name }) => name)).toEqual(['register', 'texts']);
  });

  test('are dropped, and declared ones stay: live, being built, and where a process folds a part', async () => {
    await leaveOver();
    await createBuildingGeneration(models.database, registerProjection);
    const rows = await Promise.all(DECLARED.map((each) => liveRows(models.database, each)));
    const tables = await tablesOf(models.database);
    await dropUndeclared(models.database, DECLARED);
    await models.runner({ projections: [texts] }).catchUp();
    expect(await Promise.all(DECLARED.map((each) => liveRows(models.database, each)))).toEqual(rows);
    const kept = tables.filter((name) => !name.startsWith('statistics'));
    expect((await tablesOf(models.database)).sort()).toEqual(kept.sort());
    expect(await rowsOf('register')).toHaveLength(3);
  });

  test('are dropped with the tables that a newer version of a declared one lacks', async () => {
    const before: Projection = {
      ...registerProjection,
      tables: [...registerProjection.tables, ...LEFT_OVER.tables],
      apply: (generation, batch) => LEFT_OVER.apply(generation, batch),
      searches: LEFT_OVER.searches!,
    };
    log.issue('a');
    await models.runner({ projections: [before] }).catchUp();
    const after = { ...registerProjection, version: registerProjection.version + 1 };
    await dropUndeclared(models.database, [after]);
    expect(await remainingTables()).toEqual([]);
    await models.runner({ projections: [after] }).catchUp();
    expect((await liveRows(models.database, after))['register']).toHaveLength(1);
  });

  test('do not keep another projection from tables of their names', async () => {
    await leaveOver();
    const named = { ...LEFT_OVER, name: 'counts' };
    await dropUndeclared(models.database, [...DECLARED, named]);
    await models.runner({ projections: [named] }).catchUp();
    expect((await liveRows(models.database, named))['statistics']).toHaveLength(2);
  });

  test('stay where a newer program has made a generation: it may be one of its own', async () => {
    await leaveOver();
    const newer = { ...registerProjection, version: registerProjection.version + 1 };
    await models.runner({ projections: [newer] }).catchUp();
    const tables = await tablesOf(models.database);
    await dropUndeclared(models.database, DECLARED);
    expect(await tablesOf(models.database)).toEqual(tables);
    expect(await rowsOf('statistics')).toHaveLength(3);
  });

  test('are dropped once by several that start at once, while others fold', async () => {
    await leaveOver();
    const all = [models.database, await models.open(), await models.open()];
    log.issue('b');
    const starts = all.map(async (database) => {
      await dropUndeclared(database, DECLARED);
      await models.runner({ database }).catchUp();
    });
    await Promise.all(starts);
    expect(await remainingTables()).toEqual([]);
    expect(await models.rows('register')).toHaveLength(2);
  });
});

/** Returns the files of the read models that contain a text; none on a server. */
function filesWith({ place }: ReadModelsOf, text: string): string[] {
  if (place.kind !== 'sqlite') return [];
  const folder = dirname(place.path);
  return readdirSync(folder).filter((name) => readFileSync(join(folder, name)).includes(text));
}
