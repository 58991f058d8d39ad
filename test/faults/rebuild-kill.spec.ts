import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { PROJECTIONS } from '#platform/projections';
import { openStore } from '#platform/open-store';
import { parseReadModels, parseStore } from '#platform/settings';
import { allSets } from '#projections/model-sets';
import { openReadModels } from '#projections/open-read-models';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { runDocket } from '../support/command-line.ts';
import { postgresqlSettings, sqliteSettings } from '../support/journey-store.ts';
import { dropStore, postgresqlUrl } from '../support/postgresql-stores.ts';
import { due, issuedEvent, recordMany } from '../support/records.ts';
import { startService } from '../support/service.ts';
import type { RunningService } from '../support/service.ts';
import { DIST, pause, settingsIn, startNode } from '../support/service-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const RECORDS = 200;
/** The shares of a rebuild's time after which it is killed; most of them are about the switch. */
const KILLS = [0.6, 0.9, 0.97, 1, 1.03];

describe.each(['a file', 'PostgreSQL'])('rebuilds that are killed beside a service, in %s', (name) => {
  let folder: string;
  let env: Record<string, string>;
  let service: RunningService;
  let database: ReadModelDatabase;

  const rebuild = () =>
    startNode([join(DIST, 'apps/cli/src/main.js'), 'rebuild'], settingsIn(folder, env), folder);
  const list = async () =>
    (await service.as('inspector').get('/api/recommendations?limit=200&sort=id')).json.items.map(
      ({ id }) => id,
    );
  /** Makes it seem that the killed rebuild was silent for long. */
  const silence = () =>
    database.db
      .updateTable('model_sets')
      .set({ heard_at: '2020-01-01T00:00:00.000Z' })
      .where('state', '=', 'building')
      .execute();

  beforeAll(async () => {
    folder = temporaryFolder();
    const settings =
      name === 'PostgreSQL' ? postgresqlSettings(folder, await postgresqlUrl()) : sqliteSettings(folder);
    env = { ...settings, DOCKET_SWEEP: 'off' };
    const address = parseStore(env['DOCKET_STORE'] ?? '', 'DOCKET_STORE');
    const store = await openStore(address, { create: true });
    const ids = Array.from({ length: RECORDS }, (_, index) => `r-${index}`);
    await recordMany(store, ids, '2016-01-10', issuedEvent(), due('2016-06-30'));
    await store.close();
    service = await startService({ folder, env });
    database = await openReadModels(parseReadModels(undefined, address), PROJECTIONS);
  }, 60_000);
  afterAll(async () => {
    await database.close();
    await service.stop();
    if (name === 'PostgreSQL') await dropStore(env['DOCKET_STORE'] ?? '');
  });

  it('leave either the old or the new read models, which serve without a pause', async () => {
    const expected = await list();
    const began = performance.now();
    expect(await rebuild().ended).toMatchObject({ code: 0 });
    const wholeMs = performance.now() - began;
    for (const share of KILLS) {
      const running = rebuild();
      await Promise.race([pause(share * wholeMs), running.ended]);
      running.child.kill('SIGKILL');
      await running.ended;
      expect(await list()).toEqual(expected);
      await silence();
    }
    const { json } = await service.as('inspector').issue({ id: 'z-1' });
    const found = await service.as('inspector').get(`/api/recommendations/z-1?minPosition=${json.position}`);
    expect(found).toMatchObject({ status: 200 });
    expect(await runDocket(['rebuild'], { folder, env })).toMatchObject({ code: 0 });
    const sets = await allSets(database);
    expect(sets.map(({ state }) => state)).toEqual(['live']);
    expect(await database.sets.list()).toEqual(sets.map((set) => set.name));
    expect(await runDocket(['verify', '--read-models'], { folder, env })).toMatchObject({ code: 0 });
    expect(await service.request('GET', '/health/ready')).toMatchObject({ status: 200 });
  }, 120_000);
});
