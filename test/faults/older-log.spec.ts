import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addDays } from '#lifecycle/plain-date';
import { londonDate } from '#state-machines/london';
import { jsonLines, runDocket } from '../support/command-line.ts';
import { sqliteSettings } from '../support/journey-store.ts';
import { startWebhookReceiver } from '../support/receivers.ts';
import type { WebhookReceiver } from '../support/receivers.ts';
import { claimsOf, signToken, startService } from '../support/service.ts';
import { eventually, settingsIn, startScript } from '../support/service-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const today = londonDate(Date.now());
const SECRET = 'What was said of a named person.';

const NOW_S = Math.floor(Date.now() / 1_000);
const NAME = 'Pat Quillfeather';

/** The older store replaces the present one, while read models and outbox stay. */
describe('an older backup of the log', () => {
  let hook: WebhookReceiver;
  let env: Record<string, string>;
  /** The same settings with the older store. */
  let older: Record<string, string>;
  /** The same settings with a place for a restored store. */
  let restored: Record<string, string>;
  let linkPath: string;
  const folder = temporaryFolder();
  const backup = join(folder, 'older.backup');
  const requestCount = () => hook.requests.length;

  beforeAll(async () => {
    hook = await startWebhookReceiver();
    env = { DOCKET_READ_MODELS: `sqlite:${join(folder, 'kept.read-models.sqlite')}` };
    older = { ...env, DOCKET_STORE: settingsIn(temporaryFolder())['DOCKET_STORE']! };
    restored = { ...env, DOCKET_STORE: settingsIn(temporaryFolder())['DOCKET_STORE']! };
    const service = await startService({ folder, env });
    const inspector = service.as('inspector');
    const webhook = { url: hook.url, audience: 'inspectorate', types: ['DeadlineApproaching'] };
    expect(await service.as('administrator').post('/api/webhooks', webhook)).toMatchObject({ status: 201 });
    const report = { name: 'A report', publishedOn: today };
    await inspector.issue({ id: 'o-1', report, deadlines: [{ dueOn: addDays(today, 7) }] });
    const { json } = await inspector.command('o-1', 'add-comment', { text: SECRET, visibility: 'public' });
    // After the backup, this person's name is erased and their link is revoked.
    const pat = signToken(
      { ...claimsOf(['force-lead'], { subject: 'pat', organisations: ['avon'] }), iat: NOW_S, name: NAME },
      service.secret,
    );
    const made = await service.request('POST', '/api/calendar-links', { token: pat, body: {} });
    const link = made.json as unknown as { id: string; url: string };
    const { pathname, search } = new URL(link.url);
    linkPath = pathname + search;
    expect(await service.request('GET', linkPath)).toMatchObject({ status: 200 });
    for (const words of [
      ['copy', '--to', older['DOCKET_STORE']!],
      ['backup', backup],
    ])
      expect(await runDocket(words, { folder, env })).toMatchObject({ code: 0 });

    // The backup does not contain these changes.
    const redact = { eventId: json.events[0]!.eventId, reason: 'asked for' };
    expect(await service.as('approver').command('o-1', 'redact-comment', redact)).toMatchObject({
      status: 200,
    });
    const { token } = service.as('administrator');
    expect(await service.request('DELETE', '/api/people/pat/name', { token })).toMatchObject({ status: 200 });
    const linkOfPat = `/api/calendar-links/${link.id}`;
    expect(await service.request('DELETE', linkOfPat, { token: pat })).toMatchObject({ status: 204 });
    await inspector.issue({ id: 'o-2' });
    expect(await runDocket(['sweep'], { folder, env })).toMatchObject({ code: 0 });
    await eventually(
      () => Promise.resolve(requestCount()),
      (count) => count === 1,
    );
    // The read models contain the revocation.
    await eventually(
      () => service.request('GET', '/api/calendar-links', { token: pat }),
      (links) => links.json.items.length === 0,
    );
    expect(await service.stop()).toMatchObject({ code: 0 });
    const outboxOf = ({ DOCKET_STORE: store = settingsIn(folder)['DOCKET_STORE']! }: typeof env) =>
      store.replace(/^sqlite:(.*)\.sqlite$/, '$1.outbox.sqlite');
    copyFileSync(outboxOf(env), outboxOf(older));
    copyFileSync(outboxOf(env), outboxOf(restored));
  }, 60_000);

  afterAll(() => hook.close());

  it('is refused by all followers of the log, with their position and the next step', async () => {
    const says =
      /read models have folded \d+ events, the last at position .*docket restore takes read models along/s;
    const file = fileURLToPath(new URL('../fixtures/730.txt', import.meta.url));
    for (const words of [
      ['sweep'],
      ['rebuild'],
      ['import', file],
      ['import', '--dry-run', file],
      ['export', 'o-1'],
      ['export', 'o-1', '--format', 'json'],
      ['replay', 'o-1'],
      ['replay', 'o-1', '--json'],
      ['backup', join(folder, 'made.backup')],
      ['backup', join(folder, 'made.backup'), '--json'],
      ['copy', '--to', `sqlite:${join(folder, 'made.sqlite')}`],
    ]) {
      const run = await runDocket(words, { folder, env: older });
      expect(run).toMatchObject({ code: 3, stdout: '' });
      expect(run.stderr).toMatch(says);
    }
    expect(readdirSync(folder).filter((name) => name.startsWith('made.'))).toEqual([]);
    // The output of a check contains no content of events.
    expect(await runDocket(['verify'], { folder, env: older })).toMatchObject({ code: 0 });
    const status = await runDocket(['status'], { folder, env: older });
    expect(status).toMatchObject({ code: 3, stdout: expect.stringMatching(/^Store /) as unknown });
    expect(status.stderr).toMatch(says);
    const json = await runDocket(['status', '--json'], { folder, env: older });
    expect(json).toMatchObject({ code: 3, stderr: '' });
    expect((JSON.parse(json.stdout) as { ahead: string }).ahead).toMatch(says);
    expect(JSON.parse(json.stdout)).toMatchObject({ readModels: { state: 'ahead' } });
    for (const script of ['apps/server/src/main.js', 'apps/scheduler/src/main.js']) {
      const started = startScript(script, settingsIn(folder, { ...older, PORT: '0' }), folder);
      expect(await started.ended).toMatchObject({ code: 3 });
      expect(started.stdout()).toBe('');
      expect(started.stderr()).toMatch(says);
    }
    // The next start would drop what it does not know, so that the read models of a service are not taken away.
    const service = await startService({ folder, env });
    expect(await runDocket(['restore', backup], { folder, env: restored })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/read models are in use by a server \(process \d+ on /) as unknown,
    });
    expect(await service.stop()).toMatchObject({ code: 0 });
    // The original log is followed as before.
    const before = await runDocket(['status', '--json'], { folder, env });
    expect(before).toMatchObject({ code: 0, stdout: expect.stringContaining('"ahead":null') as unknown });
    expect(await runDocket(['sweep'], { folder, env })).toMatchObject({ code: 0 });
  }, 60_000);

  it('is followed once it is restored: nothing redacted comes back, and no one is notified twice', async () => {
    const run = await runDocket(['restore', backup], { folder, env: restored });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toMatch(/recommendation-o-1: recorded the redaction of \/data\/text .* again/);
    expect(run.stdout).toMatch(/person-pat: recorded the redaction of \/data\/name .* again/);
    expect(run.stdout).toMatch(/person-pat: revoked the calendar link .* again/);
    expect(run.stdout).not.toContain('may come back');
    // The text is not in the file either, before anybody starts the service.
    const file = restored['DOCKET_STORE']!.replace('sqlite:', '');
    for (const text of [SECRET, NAME]) expect(readFileSync(file).includes(text)).toBe(false);

    const service = await startService({ folder, env: restored });
    const auditor = service.as('auditor');
    for (const path of [
      '/api/recommendations/o-1/events',
      '/api/recommendations/o-1/timeline',
      '/api/events',
    ])
      expect((await auditor.get(path)).text).not.toContain(SECRET);
    expect((await auditor.get('/api/events')).text).not.toContain(NAME);
    expect(await service.request('GET', linkPath)).toMatchObject({ status: 404 });
    expect((await auditor.get('/api/recommendations')).json.items).toMatchObject([{ id: 'o-1' }]);
    expect((await auditor.get(`/api/recommendations?q=${encodeURIComponent('named')}`)).json.items).toEqual(
      [],
    );
    await runDocket(['sweep'], { folder, env: restored });
    // New notices are sent, and none are left.
    const report = { name: 'A report', publishedOn: today };
    await service.as('inspector').issue({ id: 'o-3', report, deadlines: [{ dueOn: addDays(today, 3) }] });
    await runDocket(['sweep'], { folder, env: restored });
    await eventually(
      () => Promise.resolve(requestCount()),
      (count) => count >= 2,
    );
    expect(requestCount()).toBe(2);
    expect(hook.requests.at(-1)!.body).toContain('o-3');
    expect(await service.request('GET', '/health/ready')).toMatchObject({ status: 200 });
    expect(await service.stop()).toMatchObject({ code: 0 });
    expect(await runDocket(['verify'], { folder, env: restored })).toMatchObject({ code: 0 });
  }, 60_000);
});

/** The recovery of a lost store in files: each wrong step is refused, and no redacted text returns. */
describe('a store that is lost while its read models are not', () => {
  const folder = temporaryFolder();
  const env = { ...sqliteSettings(folder), DOCKET_SWEEP: 'off' };
  const store = join(folder, 'docket.sqlite');
  const run = (...words: string[]) => runDocket(words, { folder, env });
  const moveAway = (to: string) => {
    const left = readdirSync(folder).filter((name) => /^docket\.sqlite(-wal|-shm)?$/.test(name));
    mkdirSync(join(folder, to));
    for (const name of left) renameSync(join(folder, name), join(folder, to, name));
  };

  beforeAll(async () => {
    const service = await startService({ folder, env });
    const inspector = service.as('inspector');
    await inspector.issue({ id: 'l-0' });
    expect(await run('backup', join(folder, 'oldest.backup'))).toMatchObject({ code: 0 });
    await inspector.issue({ id: 'l-1' });
    const { json } = await inspector.command('l-1', 'add-comment', { text: SECRET, visibility: 'public' });
    expect(await run('backup', join(folder, 'newer.backup'))).toMatchObject({ code: 0 });
    const redact = { eventId: json.events[0]!.eventId, reason: 'asked for' };
    const redacted = await service.as('approver').command('l-1', 'redact-comment', redact);
    expect(redacted).toMatchObject({ status: 200 });
    await eventually(
      () => service.as('auditor').get(`/api/recommendations?minPosition=${redacted.json.position}`),
      ({ status }) => status === 200,
    );
    // All read models contain the change.
    await eventually(
      async () => (await service.request('GET', '/metrics')).text,
      (text) => !/^docket_projection_lag_events\{.*\} [1-9]/m.test(text),
    );
    expect(await service.stop()).toMatchObject({ code: 0 });
    moveAway('lost');
  }, 60_000);

  it('is not rebuilt by a start, which names the next step', async () => {
    const started = startScript('apps/server/src/main.js', settingsIn(folder, { ...env, PORT: '0' }), folder);
    expect(await started.ended).toMatchObject({ code: 3 });
    expect(started.stderr()).toMatch(
      /read models have folded \d+ events, and there is no store at \S+docket\.sqlite.*docket restore FILE/,
    );
    expect(readdirSync(folder).filter((name) => name.startsWith('docket.sqlite'))).toEqual([]);
  });

  it('is restored without the texts that were redacted after the backup', async () => {
    const restored = await run('restore', join(folder, 'newer.backup'));
    expect(restored).toMatchObject({ code: 0, stderr: '' });
    expect(restored.stdout).toMatch(/^recommendation-l-1: recorded the redaction of \/data\/text .* again$/m);
    expect(readFileSync(store).includes(SECRET)).toBe(false);
    const exported = await run('export', 'l-1');
    expect(exported).toMatchObject({ code: 0, stdout: expect.not.stringContaining(SECRET) as unknown });
    const service = await startService({ folder, env });
    const auditor = service.as('auditor');
    for (const path of ['/api/recommendations/l-1/events', '/api/events', '/api/recommendations?q=named'])
      expect((await auditor.get(path)).text).not.toContain(SECRET);
    expect(await service.request('GET', '/health/ready')).toMatchObject({ status: 200 });
    expect(await service.stop()).toMatchObject({ code: 0 });
    expect(await run('verify')).toMatchObject({ code: 0 });
    moveAway('restored');
  }, 60_000);

  it('says so if the backup has nothing to redact, or if no read models know what was redacted', async () => {
    const tooOld = await run('restore', join(folder, 'oldest.backup'), '--json');
    expect(tooOld).toMatchObject({ code: 0 });
    expect(jsonLines(tooOld)[0]).toMatchObject({ again: { redacted: [], revoked: [], withoutTarget: 1 } });
    expect((await run('status')).stdout).toContain('No sweep of deadlines has run yet');
    moveAway('too-old');
    // The read models were emptied for the log that was restored before.
    const forgotten = await run('restore', join(folder, 'newer.backup'));
    expect(forgotten).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/such texts may come back/) as unknown,
    });
  }, 60_000);
});
