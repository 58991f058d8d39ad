import Database from 'better-sqlite3';
import { copyFileSync, cpSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { SEALER_MODULE } from '#audit/seal';
import type { EventStore } from '#event-sourcing/event-store';
import { openSqliteEventStore } from '#event-store/sqlite/sqlite-event-store';
import { recordStream } from '#state-machines/inspection-recommendation/kind';
import { append, commit, draft } from '../support/event-commits.ts';
import { runDocket } from '../support/command-line.ts';
import { removeReadModels } from '../support/journey-store.ts';
import { setFileOf } from '../support/read-model-files.ts';
import { due, event, issuedEvent, recordOn } from '../support/records.ts';
import { refusal, startService } from '../support/service.ts';
import type { RunningService } from '../support/service.ts';
import { eventually, pause, settingsIn, startScript } from '../support/service-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Readiness {
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail?: string }[];
}

const SETTINGS = { DOCKET_SWEEP: 'off' };

/** Returns the settings of a store in a file, regardless of the store of other journeys. */
const storeIn = (folder: string) => ({
  ...SETTINGS,
  DOCKET_STORE: `sqlite:${join(folder, 'docket.sqlite')}`,
});

/** Opens the folder's store, and creates it if needed. */
async function onStore(folder: string, work: (store: EventStore) => Promise<unknown>): Promise<void> {
  const path = join(folder, 'docket.sqlite');
  const store = await openSqliteEventStore({ path, sealerModule: SEALER_MODULE, create: true });
  await work(store);
  await store.close();
}

const overdue = async (store: EventStore, ...ids: string[]) => {
  for (const id of ids) await recordOn(store, id, '2016-01-10', issuedEvent(), due('2016-06-30'));
};

const failingChecks = async (service: RunningService) =>
  ((await service.request('GET', '/health/ready')).json as unknown as Readiness).checks.filter(
    ({ ok }) => !ok,
  );

/** Waits until readiness reports a read model that is stuck at the event. */
const stoppedBefore = (service: RunningService, position: string) =>
  eventually(
    () => failingChecks(service),
    (failing) => failing.some(({ detail }) => detail === `stopped before the event at position ${position}`),
  );

/** The folder of a store with three overdue records and complete read models. */
const served = temporaryFolder();

beforeAll(async () => {
  await onStore(served, (store) => overdue(store, 'd-2', 'd-3', 'd-1'));
  expect(await runDocket(['rebuild'], { folder: served, env: storeIn(served) })).toMatchObject({ code: 0 });
}, 60_000);

function copyOfServed() {
  const folder = temporaryFolder();
  cpSync(served, folder, { recursive: true });
  return { folder, settings: storeIn(folder) };
}

describe('a service whose files are changed by others', () => {
  let folder: string;
  let settings: Record<string, string>;
  let position: string;
  let kept: string;
  let service: RunningService;

  const change = (envelope: string) => {
    const db = new Database(join(folder, 'docket.sqlite'));
    db.prepare('UPDATE events SET envelope = ? WHERE position = ?').run(envelope, Number(position));
    db.close();
  };

  beforeAll(async () => {
    ({ folder, settings } = copyOfServed());
    await onStore(folder, async (store) => {
      const note = { text: 'A note.', visibility: 'public' };
      await recordOn(store, 'd-1', '2016-01-11', event('CommentAdded', undefined, note));
      position = await store.lastPosition();
      await overdue(store, 'd-4');
    });
    const db = new Database(join(folder, 'docket.sqlite'));
    kept = db
      .prepare<[number], string>('SELECT envelope FROM events WHERE position = ?')
      .pluck()
      .get(Number(position))!;
    db.close();
    change('\0'.repeat(kept.length));
    await removeReadModels(folder);
    service = await startService({ folder, env: settings });
  }, 60_000);

  it('names an event that cannot be read in the answer, the log and readiness, and serves other records', async () => {
    await stoppedBefore(service, position);
    const inspector = service.as('inspector');
    const damaged = refusal(500, 'store-damaged');
    for (const path of ['', '/events', '/timeline'])
      expect(await inspector.get(`/api/recommendations/d-1${path}`)).toMatchObject(damaged);
    expect(await inspector.command('d-1', 'start-progress')).toMatchObject(damaged);
    expect(await service.as('auditor').get(`/api/events?after=${Number(position) - 1}`)).toMatchObject(
      damaged,
    );
    for (const id of ['d-2', 'd-4'])
      expect(await inspector.get(`/api/recommendations/${id}`)).toMatchObject({ status: 200 });
    expect(await inspector.command('d-2', 'start-progress')).toMatchObject({ status: 200 });
    expect((await inspector.get('/api/recommendations')).json.items).toHaveLength(3);
    const place = new RegExp(`position ${position}, version 3 of recommendation-d-1`);
    expect(await failingChecks(service)).toContainEqual(
      expect.objectContaining({ name: 'store', detail: expect.stringMatching(place) as unknown }),
    );
    await eventually(
      () => Promise.resolve(service.stderr()),
      (stderr) => place.test(stderr),
    );
  });

  it('lets a sweep of other records pass that event, and the sweep reports it', async () => {
    const swept = await runDocket(['sweep'], { folder, env: settings });
    expect(swept.code).toBe(1);
    expect(swept.stdout).toMatch(/d-3: deadline/);
    expect(swept.stderr).toMatch(/d-1 could not be swept: .*recommendation-d-1/);
  });

  it('folds that event into the read models once it is repaired', async () => {
    change(kept);
    await eventually(
      () => failingChecks(service),
      (failing) => failing.length === 0,
      60_000,
    );
    expect(await service.as('inspector').get('/api/recommendations/d-1')).toMatchObject({ status: 200 });
    await eventually(
      () => service.as('inspector').get('/api/recommendations'),
      ({ json }) => json.items.length === 4,
    );
  }, 90_000);

  it.each([
    ['store', 'docket.sqlite', 'moved away', /was replaced or removed while open: .*restart/],
    ['store', 'docket.sqlite', 'replaced', /was replaced or removed while open: .*restart/],
    ['read models', 'docket.read-models.sqlite', 'moved away', /was moved, deleted or replaced/],
    ['read models', 'docket.read-models.sqlite', 'replaced', /was moved, deleted or replaced/],
  ])(
    'whose %s, %s, was %s is not ready before any request, and is again once it is back',
    async (name, base, how, detail) => {
      const file = join(folder, base);
      const check = async () => {
        const { status, json } = await service.request('GET', '/health/ready');
        const { checks } = json as unknown as Readiness;
        return { status, ...checks.find((one) => one.name === name) };
      };
      expect(await check()).toEqual({ status: 200, name, ok: true });
      renameSync(file, `${file}.away`);
      if (how === 'replaced') copyFileSync(`${file}.away`, file);
      const readiness = await check();
      expect(readiness).toMatchObject({
        status: 503,
        ok: false,
        detail: expect.stringMatching(detail) as unknown,
      });
      expect(readiness.detail).toContain(file);
      renameSync(`${file}.away`, file);
      expect(await check()).toEqual({ status: 200, name, ok: true });
    },
  );

  it('stops, and refuses to start again on a damaged file of read models, which is named with its cure', async () => {
    expect(await service.stop()).toMatchObject({ code: 0 });
    const file = join(folder, 'docket.read-models.sqlite');
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill('x', 0, 4_096));
    const started = startScript(
      'apps/server/src/main.js',
      settingsIn(folder, { ...settings, PORT: '0' }),
      folder,
    );
    expect(await started.ended).toMatchObject({ code: 3 });
    expect(started.stderr()).toContain(`the file of the read models is damaged, not the log: ${file}`);
    expect(started.stderr()).toContain(`delete ${file}`);
  });
});

describe('read models of this build that cannot get past an event of an unknown lifecycle', () => {
  it('do not prevent a start, and do not affect other records', async () => {
    const { folder, settings } = copyOfServed();
    let position = '';
    await onStore(folder, async (store) => {
      const lifecycle = { name: 'inspection-recommendation', version: 1, digest: '0'.repeat(64) };
      await store.append({ ...commit([append(recordStream('d-1'), 2, draft())]), lifecycle });
      position = await store.lastPosition();
      await overdue(store, 'd-4');
    });
    const db = new Database(join(folder, 'docket.read-models.sqlite'));
    db.exec("UPDATE model_sets SET digest = 'of another build'");
    db.close();
    const service = await startService({ folder, env: settings });
    await stoppedBefore(service, position);
    const inspector = service.as('inspector');
    for (const id of ['d-2', 'd-4'])
      expect(await inspector.get(`/api/recommendations/${id}`)).toMatchObject({ status: 200 });
    const answer = await send(service, '/api/recommendations/d-1', inspector.token);
    expect(answer).toMatchObject({ status: 501 });
    expect(JSON.parse(answer.text)).toMatchObject({ type: 'urn:docket:problem:unknown-lifecycle' });
    expect(await inspector.command('d-2', 'start-progress')).toMatchObject({ status: 200 });
    expect(await service.stop()).toMatchObject({ code: 0 });
  }, 60_000);
});

describe('read models on whose file something is wrong', () => {
  const readModelsCheck = async (service: RunningService) => {
    const { status, json } = await service.request('GET', '/health/ready');
    const { checks } = json as unknown as Readiness;
    return { status, ...checks.find(({ name }) => name === 'read models') };
  };

  /** Overwrites the pages with rows and indexes of a projection. */
  function damage(file: string, projection: string): void {
    const db = new Database(file);
    db.pragma('wal_checkpoint(TRUNCATE)');
    const pageBytes = db.pragma('page_size', { simple: true }) as number;
    const roots = db
      .prepare<[string], number>('SELECT rootpage FROM sqlite_schema WHERE rootpage > 0 AND tbl_name LIKE ?')
      .pluck()
      .all(`${projection}%`);
    db.close();
    expect(roots.length).toBeGreaterThan(0);
    const bytes = readFileSync(file);
    for (const root of roots) bytes.fill(0xff, (root - 1) * pageBytes, root * pageBytes);
    writeFileSync(file, bytes);
  }

  it('are not ready when the projector met damage, and no request has; requests that meet it report it', async () => {
    const { folder, settings } = copyOfServed();
    const file = setFileOf(join(folder, 'docket.read-models.sqlite'));
    damage(file, 'register');
    const service = await startService({ folder, env: settings });
    const inspector = service.as('inspector');
    expect(await readModelsCheck(service)).toMatchObject({ status: 200, ok: true });
    expect(await inspector.command('d-1', 'start-progress')).toMatchObject({ status: 200 });
    const found = await eventually(
      () => readModelsCheck(service),
      ({ ok }) => ok === false,
    );
    expect(found).toMatchObject({ status: 503 });
    expect(found.detail).toContain(`the file of the read models is damaged, not the log: ${file}`);
    const { status, text } = await send(service, '/api/statistics', inspector.token);
    expect({ status, text }).toMatchObject({
      status: 500,
      text: expect.stringContaining('read-models-damaged') as unknown,
    });
    // The fault is retried every second.
    await pause(2_500);
    const lines = service.stderr().split('\n');
    expect(
      lines.filter((line) => line.includes('"msg":"the file of the read models is damaged')),
    ).toHaveLength(1);
    // The fault is reported as long as it exists.
    expect(await readModelsCheck(service)).toMatchObject({ status: 503, ok: false });
    expect(await service.stop()).toMatchObject({ code: 0 });
  }, 60_000);
});

/** Sends a request without the client, which treats a 500 as a fault of the service. */
async function send({ address }: RunningService, path: string, token: string) {
  const answer = await fetch(address + path, { headers: { authorization: `Bearer ${token}` } });
  return { status: answer.status, text: await answer.text() };
}
