import { beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { addDays } from '#lifecycle/plain-date';
import { londonDate } from '#state-machines/london';
import { openStore } from '#platform/open-store';
import { parseStore } from '#platform/settings';
import { jsonLines, runDocket } from '../support/command-line.ts';
import type { DocketResult } from '../support/command-line.ts';
import { append, commit, draft } from '../support/event-commits.ts';
import { storeName } from '../support/journey-store.ts';
import { due, issuedEvent, recordMany } from '../support/records.ts';
import { startService } from '../support/service.ts';
import { eventually, folderLike, settingsIn, startScript, startWarm } from '../support/service-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { Started } from '../support/service-child.ts';

const today = (): string => londonDate(Date.now());
const SWEPT = ['DeadlineApproaching', 'DeadlinePassed', 'DeadlineEscalated'];

/** Creates a store with two records: a deadline that passed on 30 June 2020, and one in the far future. */
const storeWithDeadlines = folderLike(async (folder) => {
  await recordDue(folder, 'late', '2020-06-30', true);
  await recordDue(folder, 'early', '9000-01-01');
});

/** Appends a record with a deadline to the folder's store. */
async function recordDue(folder: string, id: string, dueOn: string, create = false): Promise<void> {
  const store = await openStoreIn(folder, create);
  await recordMany(store, [id], '2020-01-06', issuedEvent(), due(dueOn));
  await store.close();
}

const openStoreIn = (folder: string, create: boolean) =>
  openStore(parseStore(settingsIn(folder)['DOCKET_STORE'] ?? '', 'DOCKET_STORE'), { create });

/** Returns the types of a record's events from `docket replay`. */
async function typesOf(id: string, folder: string): Promise<unknown[]> {
  const lines = jsonLines(await runDocket(['replay', id, '--json'], { folder }));
  return lines.slice(0, -1).map(({ type }) => type);
}

describe('docket sweep', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await storeWithDeadlines();
  });
  const sweep = (...words: string[]): Promise<DocketResult> => runDocket(['sweep', ...words], { folder });

  it('was never run, says docket status', async () => {
    const { stdout } = await runDocket(['status'], { folder });
    expect(stdout).toContain('No sweep of deadlines has run yet');
    expect(jsonLines(await runDocket(['status', '--json'], { folder }))).toMatchObject([{ sweep: null }]);
  });

  it('as of a day records the crossings by then, a line an event and a summary', async () => {
    const swept = await sweep('--as-of', '2020-07-01', '--json', '--as', 'an-operator');
    expect(swept).toMatchObject({ code: 0, stderr: '' });
    const passed = { id: 'late', deadlineId: 'd1', dueOn: '2020-06-30' };
    expect(jsonLines(swept)).toEqual([
      {
        ...passed,
        type: 'DeadlineApproaching',
        effectiveOn: '2020-06-16',
        version: 3,
        position: expect.any(String),
      },
      {
        ...passed,
        type: 'DeadlinePassed',
        effectiveOn: '2020-07-01',
        version: 4,
        position: expect.any(String),
      },
      { asOf: '2020-07-01', records: 1, recorded: 2 },
    ]);
    const replayed = jsonLines(await runDocket(['replay', 'late', '--json'], { folder }));
    expect(replayed[2]).toMatchObject({
      type: 'DeadlineApproaching',
      effectiveOn: '2020-06-16',
      actor: 'cli:an-operator',
      status: 'awaiting-review',
      legal: true,
      origin: 'sweep',
    });
    expect(String(replayed[2]?.['recordedAt'])).toMatch(
      new RegExp(`^${new Date().toISOString().slice(0, 4)}`),
    );
  });

  it('prints words for people, and records the rest up to today', async () => {
    const { code, stdout, stderr } = await sweep();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      '2020-07-30  late: deadline d1, 2020-06-30, is long overdue\n' +
        `Swept as of ${today()}: 1 event recorded; 1 record was due\n`,
    );
  });

  it('leaves a history that verifies, and is reported by docket status', async () => {
    expect(await runDocket(['verify'], { folder })).toMatchObject({ code: 0 });
    const { stdout } = await runDocket(['status'], { folder });
    expect(stdout).toMatch(new RegExp(`Deadlines last swept at \\S+Z, covered to ${today()}\n$`));
    const [status] = jsonLines(await runDocket(['status', '--json'], { folder })) as [
      Record<string, unknown>,
    ];
    expect(status['sweep']).toEqual({
      lastRun: expect.stringMatching(/Z$/),
      coveredTo: today(),
      lagDays: 0,
      error: null,
    });
  });

  it.each([
    [['--as-of', addDays(today(), 1)], /is in the future/],
    [['--as-of', '2026-02-30'], /--as-of must be a date that exists/],
    [['--as-of', 'yesterday'], /--as-of must be a date that exists/],
    [['--as-of'], /argument missing/],
    [['late'], /too many arguments/],
    [['--force'], /unknown option/],
    [['--store', 'memory:'], /memory/],
  ])('%j is wrong usage: 2, in words, and nothing on standard output', async (words, why) => {
    const { code, stdout, stderr } =
      words[0] === '--store' ? await runDocket([...words, 'sweep'], { folder }) : await sweep(...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(why);
    expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
  });

  it('without a store ends with 3, and makes none', async () => {
    const empty = temporaryFolder();
    const { code, stdout, stderr } = await runDocket(['sweep'], { folder: empty });
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain(storeName(empty));
    expect(await runDocket(['status'], { folder: empty })).toMatchObject({ code: 3 });
  });

  it('where the read models cannot be used ends with 3, saying which', async () => {
    const own = await storeWithDeadlines();
    const models = join(own, 'unusable.read-models.sqlite');
    mkdirSync(models);
    const env = { DOCKET_READ_MODELS: `sqlite:${models}` };
    const { code, stderr } = await runDocket(['sweep'], { folder: own, env });
    expect(code).toBe(3);
    expect(stderr).toContain('read-models');
  });
});

describe('the scheduler, a process of its own', () => {
  const start = (folder: string, env: Record<string, string> = {}): Started =>
    startWarm('scheduler', settingsIn(folder, env), folder);

  it('says that it is ready and when it sweeps next, sweeps at once, and stops on SIGTERM', async () => {
    const folder = await storeWithDeadlines();
    const scheduler = startScript('apps/scheduler/src/main.js', settingsIn(folder), folder);
    const [, next = ''] = await scheduler.printed(
      /^Docket's scheduler is ready; it sweeps now, and next at (\S+)$/m,
    );
    // The default is three minutes past the hour.
    expect(next).toMatch(/:03:00\.000Z$/);
    expect(Date.parse(next)).toBeGreaterThan(Date.now() - 1_000);
    await eventually(
      () => typesOf('late', folder),
      (types) => types.length === 5,
    );
    expect(await scheduler.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(scheduler.stderr()).toMatch(/"recorded":3,"msg":"Deadlines were swept"/);
    const replayed = jsonLines(await runDocket(['replay', 'late', '--json'], { folder }));
    expect(replayed[2]).toMatchObject({ actor: 'docket:sweep', origin: 'sweep' });
  });

  it.each([
    [{ DOCKET_SWEEP: 'every now and then' }, /DOCKET_SWEEP is "every now and then"/],
    [{ DOCKET_STORE: 'memory:' }, /memory/],
  ])('with %j ends with 2, naming the setting', async (env, why) => {
    const scheduler = start(temporaryFolder(), env);
    expect(await scheduler.ended).toEqual({ code: 2, signal: null });
    expect(scheduler.stdout()).toBe('');
    expect(scheduler.stderr()).toMatch(why);
    expect(scheduler.stderr()).not.toMatch(/^\s+at .*:\d+:\d+/m);
  });

  it('without a store ends with 3, and makes none', async () => {
    const folder = temporaryFolder();
    const scheduler = start(folder);
    expect(await scheduler.ended).toEqual({ code: 3, signal: null });
    expect(scheduler.stderr()).toContain(storeName(folder));
    expect(await runDocket(['verify'], { folder })).toMatchObject({ code: 3 });
  });
});

describe('the sweep within the service', () => {
  it('catches up at start with the crossings while nothing ran, and reports it', async () => {
    const folder = await storeWithDeadlines();
    const service = await startService({ folder, isNew: true });
    const auditor = service.as('auditor');
    const { items } = await eventually(
      async () => (await auditor.get('/api/recommendations/late/events')).json,
      (events) => events.items.length === 5,
    );
    expect(items.slice(2)).toMatchObject(
      SWEPT.map((type) => ({
        type,
        origin: 'sweep',
        actor: { subject: 'docket:sweep', roles: ['scheduler'] },
      })),
    );
    const { sweep } = await eventually(
      async () => (await service.request('GET', '/health/ready')).json,
      (ready) => ready.sweep.lastRun !== null,
    );
    expect(sweep.lagDays).toBe(0);
    expect(sweep.nextRun).toMatch(/:03:00\.000Z$/);
    expect(Date.parse(sweep.nextRun ?? '')).toBeGreaterThan(Date.parse(sweep.lastRun ?? ''));
    const { text } = await service.request('GET', '/metrics');
    expect(text).toMatch(/^docket_sweep_recorded_total 3$/m);
    expect(text).toMatch(/^docket_sweep_lag_days 0$/m);
    const seconds = (name: string) =>
      Number(new RegExp(`^docket_sweep_${name}_timestamp_seconds (\\S+)$`, 'm').exec(text)?.[1]);
    expect(seconds('last_run')).toBe(Date.parse(sweep.lastRun ?? '') / 1_000);
    expect(seconds('next_run')).toBe(Date.parse(sweep.nextRun ?? '') / 1_000);
    const { stdout } = await runDocket(['status'], { folder });
    expect(stdout).toMatch(new RegExp(`Deadlines last swept at \\S+, covered to ${today()}\n$`));
    await service.stop();
  });

  it('is off with DOCKET_SWEEP: nothing is recorded, and the lag grows from the last coverage', async () => {
    const folder = await storeWithDeadlines();
    await runDocket(['sweep', '--as-of', addDays(today(), -9)], { folder });
    const service = await startService({ folder, env: { DOCKET_SWEEP: 'off' } });
    const ready = await service.request('GET', '/health/ready');
    expect(ready.status).toBe(200);
    expect(ready.json.sweep).toEqual({ lastRun: expect.any(String), nextRun: null, lagDays: 9 });
    const { text } = await service.request('GET', '/metrics');
    expect(text).toMatch(/^docket_sweep_lag_days 9$/m);
    expect(text).toMatch(/^docket_sweep_next_run_timestamp_seconds 0$/m);
    await service.stop();
  });

  it('that could not sweep a record is reported as not ready, with the reason, and sweeps all others', async () => {
    const folder = await storeWithDeadlines();
    await recordDue(folder, 'damaged', '2020-06-30');
    const store = await openStoreIn(folder, false);
    const unheardOf = draft('', { type: 'NeverHeardOf', data: {}, sensitive: [] });
    await store.append(commit([append('recommendation-damaged', 2, unheardOf)]));
    await store.close();

    const service = await startService({ folder });
    const ready = await eventually(
      async () => service.request('GET', '/health/ready'),
      ({ json }) => json.sweep.lastRun !== null,
    );
    expect(ready).toMatchObject({ status: 503, json: { status: 'not-ready', sweep: { lagDays: null } } });
    expect(ready.json.checks).toContainEqual({
      name: 'sweep',
      ok: false,
      detail: 'the last sweep failed; see the log of the service',
    });
    await service.stop();
    const why = /damaged could not be swept: .*NeverHeardOf/;
    expect(service.stderr()).toMatch(why);
    expect((await runDocket(['status'], { folder })).stdout).toMatch(why);
    const { code, stderr } = await runDocket(['sweep'], { folder });
    expect(code).toBe(1);
    expect(stderr).toMatch(why);
    expect(await typesOf('late', folder)).toEqual(['RecommendationIssued', 'DeadlineSet', ...SWEPT]);
  });
});
