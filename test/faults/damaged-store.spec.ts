import Database from 'better-sqlite3';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { addDays, londonDate } from '../../libs/lifecycle/src/plain-date.ts';
import { runDocket } from '../support/command-line.ts';
import { removeReadModels } from '../support/journey-store.ts';
import { refusal, startService } from '../support/service.ts';
import type { RunningService } from '../support/service.ts';
import { eventually, settingsIn, startScript, temporaryFolder } from '../support/service-child.ts';

interface Readiness {
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail?: string }[];
}

const today = londonDate(Date.now());
const env = { DOCKET_SWEEP: 'off' };

/** Works on the file of a store, whatever the other journeys run on. */
const storeIn = (folder: string) => ({ ...env, DOCKET_STORE: `sqlite:${join(folder, 'docket.sqlite')}` });

describe('an event that cannot be read', () => {
  const folder = temporaryFolder();
  const settings = storeIn(folder);
  let position: number;
  let kept: string;
  let service: RunningService;

  const change = (envelope: string) => {
    const db = new Database(join(folder, 'docket.sqlite'));
    db.prepare('UPDATE events SET envelope = ? WHERE position = ?').run(envelope, position);
    db.close();
  };

  const checks = async () =>
    ((await service.request('GET', '/health/ready')).json as unknown as Readiness).checks.filter(
      ({ ok }) => !ok,
    );

  beforeAll(async () => {
    service = await startService({ folder, env: settings });
    const inspector = service.as('inspector');
    const report = { name: 'A report', publishedOn: today };
    for (const id of ['d-1', 'd-2'])
      await inspector.issue({ id, report, deadlines: [{ dueOn: addDays(today, 7) }] });
    const { json } = await inspector.command('d-1', 'add-comment', { text: 'One.' });
    await inspector.command('d-1', 'add-comment', { text: 'Two.' });
    expect(await service.stop()).toMatchObject({ code: 0 });
    position = Number(json.position);
    const db = new Database(join(folder, 'docket.sqlite'));
    kept = db
      .prepare<[number], string>('SELECT envelope FROM events WHERE position = ?')
      .pluck()
      .get(position)!;
    db.close();
    change('\0'.repeat(kept.length));
    service = await startService({ folder, env: settings });
  }, 60_000);

  it('is named in the answer, the log and readiness, and keeps nobody from other records', async () => {
    const inspector = service.as('inspector');
    const damaged = refusal(500, 'store-damaged');
    for (const path of ['', '/events', '/timeline'])
      expect(await inspector.get(`/api/recommendations/d-1${path}`)).toMatchObject(damaged);
    expect(await inspector.command('d-1', 'start-progress')).toMatchObject(damaged);
    expect(await service.as('auditor').get(`/api/events?after=${position - 1}`)).toMatchObject(damaged);
    expect(await inspector.get('/api/recommendations/d-2')).toMatchObject({ status: 200 });
    expect(await inspector.command('d-2', 'start-progress')).toMatchObject({ status: 200 });
    const place = new RegExp(`position ${position}, version \\d+ of recommendation-d-1`);
    expect(await checks()).toContainEqual(
      expect.objectContaining({ name: 'store', detail: expect.stringMatching(place) as unknown }),
    );
    expect(service.stderr()).toMatch(place);
  });

  it('keeps no other record from being swept, and the sweep says so', async () => {
    const swept = await runDocket(['sweep'], { folder, env: settings });
    expect(swept.code).toBe(1);
    expect(swept.stdout).toMatch(/d-2: deadline/);
    expect(swept.stderr).toMatch(/d-1 could not be swept: .*recommendation-d-1/);
  });

  it('stops read models that are made anew before it, and they go on once it is mended', async () => {
    expect(await service.stop()).toMatchObject({ code: 0 });
    await removeReadModels(folder);
    service = await startService({ folder, env: settings });
    const stopped = `stopped before the event at position ${position}`;
    await eventually(checks, (failing) => failing.some(({ detail }) => detail === stopped));
    expect((await service.as('inspector').get('/api/recommendations')).json.items).toHaveLength(2);

    change(kept);
    await eventually(checks, (failing) => failing.length === 0, 60_000);
    expect(await service.as('inspector').get('/api/recommendations/d-1')).toMatchObject({ status: 200 });
    expect(await service.stop()).toMatchObject({ code: 0 });
  }, 90_000);

  it('is told apart from a damaged file of read models, which is named with its cure', async () => {
    const file = join(folder, 'docket.read-models.sqlite');
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill('x', 0, 4_096));
    const started = startScript(
      'apps/server/src/main.js',
      { ...settingsIn(folder), ...settings, PORT: '0' },
      folder,
    );
    expect(await started.ended).toMatchObject({ code: 3 });
    expect(started.stderr()).toContain(`the file of the read models is damaged, not the log: ${file}`);
    expect(started.stderr()).toContain(`delete ${file}`);
  });
});
