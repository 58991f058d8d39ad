import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startMailReceiver, startWebhookReceiver, verified } from '../support/receivers.ts';
import type { MailReceiver, WebhookReceiver } from '../support/receivers.ts';
import { addDays } from '#lifecycle/plain-date';
import { londonDate } from '#state-machines/london';
import { jsonLines, runDocket } from '../support/command-line.ts';
import { notificationFile, tracker, WEBHOOK_SECRET } from '../support/notification-file.ts';
import { eventually, settingsIn, startWarm } from '../support/service-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { claimsOf, refusal, signToken, startService } from '../support/service.ts';
import type { Answer, RunningService } from '../support/service.ts';

const today = londonDate(Date.now());
/** Returns a record that is published today and due within two weeks, so that its deadline is approaching. */
const approaching = (more: object = {}) => ({
  report: { name: 'A report', publishedOn: today },
  deadlines: [{ dueOn: addDays(today, 7) }],
  ...more,
});

let hook: WebhookReceiver;
let mail: MailReceiver;
let service: RunningService;
let folder: string;

const env = (): Record<string, string> => ({
  ...notificationFile(folder, {
    smtp: { url: mail.url, from: 'docket@inspectorate.example' },
    subscriptions: [
      tracker(hook.url),
      { id: 'kent-lead', email: 'lead@kent.example', roles: ['force-lead'], bodies: ['kent'] },
    ],
  }),
  TRACKER_SECRET: WEBHOOK_SECRET,
  DOCKET_LOG_LEVEL: 'trace',
});

/** The outbox in responses of the API. */
interface OutboxAnswer {
  readonly items: readonly {
    readonly id: string;
    readonly receiver: string;
    readonly state: string;
    readonly attempts: number;
    readonly error: string | null;
    readonly notices: readonly { readonly recordId: string }[];
  }[];
  readonly nextCursor: string | null;
}
const outbox = async (query = ''): Promise<OutboxAnswer> =>
  (await service.as('administrator').get(`/api/outbox${query}`)).json as unknown as OutboxAnswer;
const stateOf = async (recordId: string, receiver = 'tracker') =>
  (await outbox('?limit=200')).items.find(
    (item) => item.receiver === receiver && item.notices[0]?.recordId === recordId,
  );
const sweep = () => runDocket(['sweep'], { folder });

beforeAll(async () => {
  folder = temporaryFolder();
  [hook, mail] = await Promise.all([startWebhookReceiver(), startMailReceiver()]);
  service = await startService({ folder, env: env(), isNew: true });
});

afterAll(async () => {
  await Promise.all([hook.close(), mail.close()]);
});

describe('a deadline that approaches', () => {
  it('is sent by mail and by a signed webhook, each to its recipients', async () => {
    await service.as('inspector').issue(approaching({ id: 'n-1', title: 'Zürich', recipients: ['kent'] }));
    await service.as('inspector').issue(approaching({ id: 'n-2', recipients: ['avon'] }));
    await sweep();
    await eventually(outbox, ({ items }) => items.filter(({ state }) => state === 'delivered').length === 3);
    const bodies = hook.requests.map((request) => verified(WEBHOOK_SECRET, request)) as {
      type: string;
      data: { recordId: string; title: string; url: string };
    }[];
    expect(bodies.map(({ data }) => data.recordId).sort()).toEqual(['n-1', 'n-2']);
    expect(bodies.find(({ data }) => data.recordId === 'n-1')).toMatchObject({
      type: 'deadline.approaching',
      data: { title: 'Zürich', url: 'https://docket.example/recommendations/n-1' },
    });
    // The force lead of Kent gets no mail about a record of another body.
    expect(mail.mails.map(({ text }) => /Title: .*/.exec(text ?? '')?.[0])).toEqual(['Title: Zürich']);
    const mailed = await stateOf('n-1', 'kent-lead');
    expect(mail.mails[0]?.messageId).toBe(`<${mailed?.id}@inspectorate.example>`);
    const hooked = await stateOf('n-1');
    expect(hook.requests.map(({ id }) => id)).toContain(hooked?.id);
  });
});

describe('a message that cannot be delivered', () => {
  it('is a dead letter after its attempts, and is sent when an administrator requests it', async () => {
    hook.answer = (_, response) => response.writeHead(500).end('private answer');
    await service.as('inspector').issue(approaching({ id: 'n-4', recipients: ['avon'] }));
    await sweep();
    const dead = await eventually(
      () => stateOf('n-4'),
      (item) => item?.state === 'dead',
    );
    expect(dead).toMatchObject({ attempts: 2, error: 'responded with HTTP 500' });
    expect((await outbox('?state=dead')).items.map(({ id }) => id)).toEqual([dead?.id]);
    const metrics = (await service.request('GET', '/metrics')).text;
    expect(metrics).toMatch(/^docket_outbox_dead 1$/m);
    expect(metrics).toMatch(/^docket_outbox_waiting 0$/m);
    expect(metrics).toMatch(/^docket_outbox_attempts_failed_total\{channel="webhook"\} 2$/m);
    expect(metrics).toMatch(/^docket_outbox_delivered_total\{channel="webhook"\} 2$/m);
    // A failing receiver does not make the service unready.
    const ready = await service.request('GET', '/health/ready');
    expect(ready).toMatchObject({ status: 200 });
    expect(ready.json.checks).toContainEqual({ name: 'outbox', ok: true });

    hook.answer = (_, response) => response.writeHead(204).end();
    const administrator = service.as('administrator');
    const retried = await administrator.post(`/api/outbox/${dead?.id}/retry`);
    expect(retried).toMatchObject({ status: 202, json: { id: dead?.id, state: 'requested' } });
    await eventually(
      () => stateOf('n-4'),
      (item) => item?.state === 'delivered',
    );
    expect(await administrator.post(`/api/outbox/${dead?.id}/retry`)).toMatchObject(
      refusal(409, 'already-delivered'),
    );
    const sent = hook.requests.filter(({ id }) => id === dead?.id);
    expect(sent).toHaveLength(3);
  });

  it('is found and tried again on the command line', async () => {
    hook.answer = (_, response) => response.writeHead(410).end();
    await service.as('inspector').issue(approaching({ id: 'n-5', recipients: ['avon'] }));
    await sweep();
    const dead = await eventually(
      () => stateOf('n-5'),
      (item) => item?.state === 'dead',
    );
    const listed = await runDocket(['outbox', 'list', '--dead', '--json'], { folder });
    expect(jsonLines(listed)).toMatchObject([
      { id: dead?.id, state: 'dead', error: 'responded with HTTP 410' },
    ]);
    const outbox = await runDocket(['outbox', 'list'], { folder });
    expect(outbox.stdout).toBe(
      `${dead?.id}  dead  tracker (webhook): approaching n-5, 1 attempt: responded with HTTP 410\n`,
    );
    hook.answer = (_, response) => response.writeHead(204).end();
    expect(await runDocket(['outbox', 'retry', '--all'], { folder })).toMatchObject({
      code: 0,
      stdout: '1 dead letter queued for redelivery\n',
    });
    await eventually(
      () => stateOf('n-5'),
      (item) => item?.state === 'delivered',
    );
    expect(await runDocket(['outbox', 'list', '--dead'], { folder })).toMatchObject({
      code: 0,
      stdout: 'No dead letters\n',
    });
    const again = await runDocket(['outbox', 'retry', String(dead?.id), 'nothing'], { folder });
    expect(again).toMatchObject({ code: 1 });
    expect(again.stderr).toMatch(
      /was already delivered \(already-delivered\)\n.*there is no message nothing \(not-found\)\n$/,
    );
    expect(await runDocket(['outbox', 'retry'], { folder })).toMatchObject({ code: 2 });
    expect(await runDocket(['outbox', 'list'], { folder: temporaryFolder() })).toMatchObject({ code: 0 });
  });
});

describe('mail to a person', () => {
  /** Signs in with a provider's token, and chooses immediate mail. */
  async function choosing(subject: string, role: string, more: object = {}): Promise<string> {
    const email = { email: `${subject}@police.example`, email_verified: true, ...more };
    const token = signToken({ ...claimsOf([role], { subject }), ...email }, service.secret);
    const body = { channels: ['email'], digest: 'at-once' };
    const chosen = await service.request('PUT', '/api/me/notices', { token, body });
    expect(chosen).toMatchObject({ status: 200 });
    return token;
  }
  const mailsTo = (subject: string) =>
    mail.mails.filter(({ to }) => [to].flat().some((each) => each?.text === `${subject}@police.example`));
  const arrived = (subject: string, count: number) =>
    eventually(
      () => Promise.resolve(mailsTo(subject)),
      (mails) => mails.length === count,
    );

  it('lists the open items of the person, without a text, until they stop it with one click', async () => {
    const asker = await choosing('mia', 'inspector');
    await choosing('una', 'inspector', { email_verified: false });
    const [mia, una] = [
      service.as('inspector', { subject: 'mia' }),
      service.as('inspector', { subject: 'una' }),
    ];
    const approver = service.as('approver', { subject: 'rosa' });
    const id = (await mia.issue({ title: 'A secret title' })).json.recommendations[0]?.id as string;
    for (const who of [mia, una]) await who.post('/api/inbox/read', { until: new Date().toISOString() });
    await mia.command(id, 'request-closure', { statement: 'Done.' });
    await approver.command(id, 'refuse-closure', { reason: 'A secret reason' });
    const [refused] = await arrived('mia', 1);
    expect(refused?.subject).toBe(`Closure refused: recommendation ${id}`);
    for (const said of [refused?.text, refused?.html, refused?.subject]) {
      expect(said).not.toMatch(/secret|rosa/);
    }
    expect(refused?.text).toContain(`https://docket.example/recommendations/${id}?at=`);
    const header = (name: string): string =>
      (refused?.headerLines.find(({ key }) => key === name)?.line ?? '').replaceAll(/^[^:]+:|\s/g, '');
    expect(header('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
    const [, path = ''] =
      /^<https:\/\/docket\.example(\/unsubscribe\?key=[^>]+)>$/.exec(header('list-unsubscribe')) ?? [];
    const get = await service.request('GET', path, {});
    expect([get.status, get.text]).toEqual([200, expect.stringContaining('Closure refused')]);
    const choices = async () =>
      (await service.request('GET', '/api/me/notices', { token: asker })).json as unknown as {
        muted: string[];
      };
    expect((await choices()).muted).toEqual([]);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const click = { headers: form, body: 'List-Unsubscribe=One-Click' };
    expect(await service.request('POST', path.replace('key=', 'key=x'), click)).toMatchObject({
      status: 404,
    });
    expect((await choices()).muted).toEqual([]);
    expect(await service.request('POST', path, click)).toMatchObject({ status: 200 });
    expect((await choices()).muted).toEqual(['closure-refused']);

    await mia.command(id, 'request-closure', { statement: 'Done now.' });
    await approver.command(id, 'refuse-closure', { reason: 'Still not.' });
    await approver.command(id, 'add-comment', { text: 'Emailed all the same.' });
    expect((await arrived('mia', 2)).map(({ subject }) => subject)).toEqual([
      `Closure refused: recommendation ${id}`,
      `Comment added: recommendation ${id}`,
    ]);
    expect(mailsTo('una')).toEqual([]);
    expect(service.stderr()).not.toContain('police.example');

    const erased = await service.request('DELETE', '/api/people/mia/name', {
      token: service.as('administrator').token,
    });
    expect(erased.status).toBeLessThan(300);
    await approver.command(id, 'add-comment', { text: 'Not to be emailed.' });
    await eventually(
      () => mia.get('/api/inbox'),
      ({ text }) => text.includes('Not to be emailed.'),
    );
    await sweep();
    expect(mailsTo('mia').length).toBe(2);
  });
});

describe('the list of messages', () => {
  it('is for administrators, in pages', async () => {
    for (const role of ['inspector', 'auditor', 'force-lead'] as const) {
      expect(await service.as(role).get('/api/outbox')).toMatchObject(refusal(403, 'role-not-permitted'));
    }
    const retry = await service.as('inspector').post('/api/outbox/nothing/retry');
    expect(retry).toMatchObject(refusal(403, 'role-not-permitted'));
    const administrator = service.as('administrator');
    expect(await administrator.post('/api/outbox/nothing/retry')).toMatchObject(refusal(404, 'not-found'));
    const all = (await outbox('?limit=200')).items.map(({ id }) => id);
    const first = await outbox('?limit=2');
    const second = await outbox(`?limit=200&cursor=${first.nextCursor}`);
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(all);
    for (const query of ['?limit=0', '?limit=201', '?state=lost', '?cursor=x', '?other=1']) {
      expect(await administrator.get(`/api/outbox${query}`)).toMatchObject(refusal(400, 'invalid-parameter'));
    }
    const elsewhere = await administrator.get(`/api/outbox?state=dead&cursor=${first.nextCursor}`);
    expect(elsewhere).toMatchObject(refusal(400, 'invalid-parameter'));
  });
});

describe('the log', () => {
  it('says which message was tried and how it ended, and no address, text, answer or secret', async () => {
    await service.as('inspector').issue(approaching({ id: 'n-6', title: 'Zürich', recipients: ['kent'] }));
    hook.answer = (_, response) => response.writeHead(500).end('private answer');
    await sweep();
    const dead = await eventually(
      () => stateOf('n-6'),
      (item) => item?.state === 'dead',
    );
    await eventually(
      () => stateOf('n-6', 'kent-lead'),
      (item) => item?.state === 'delivered',
    );
    await service.stop();
    expect(service.stderr()).toMatch(new RegExp(`"message":"${dead?.id}".*"outcome":"dead"`));
    for (const secret of ['Zürich', WEBHOOK_SECRET, 'lead@kent.example', 'private answer', hook.url]) {
      expect(service.stderr()).not.toContain(secret);
    }
    hook.answer = (_, response) => response.writeHead(204).end();
  });
});

describe('a service that leaves messages to others', () => {
  it('makes no outbox, reports that, and the scheduler sends them', async () => {
    const own = temporaryFolder();
    const settings = {
      ...notificationFile(own, { subscriptions: [tracker(`${hook.url}/scheduler`)] }),
      TRACKER_SECRET: WEBHOOK_SECRET,
    };
    const other = await startService({ folder: own, env: { ...settings, DOCKET_OUTBOX: 'off' } });
    const answers: Answer[] = [
      await other.as('administrator').get('/api/outbox'),
      await other.as('administrator').post('/api/outbox/x/retry'),
    ];
    for (const answer of answers) expect(answer).toMatchObject(refusal(404, 'not-found'));
    expect((await other.request('GET', '/health/ready')).json.checks.map(({ name }) => name)).not.toContain(
      'outbox',
    );
    expect(existsSync(join(own, 'docket.outbox.sqlite'))).toBe(false);
    const scheduler = startWarm('scheduler', settingsIn(own, settings), own);
    await scheduler.printed(/is ready/);
    await other.as('inspector').issue(approaching({ id: 's-1' }));
    await runDocket(['sweep'], { folder: own });
    await eventually(
      () => Promise.resolve(hook.requests.filter(({ path }) => path === '/hook/scheduler').length),
      (count) => count === 1,
    );
    expect(await scheduler.end('SIGTERM')).toEqual({ code: 0, signal: null });
    await other.stop();
  });
});

describe('settings that cannot be used', () => {
  it('end the start with the place and exit code 2', async () => {
    const own = temporaryFolder();
    const settings = notificationFile(own, { subscriptions: [tracker(hook.url)] });
    const started = startWarm('service', { ...settingsIn(own), PORT: '0', ...settings }, own);
    expect(await started.ended).toEqual({ code: 2, signal: null });
    expect(started.stderr()).toMatch(
      /\/subscriptions\/0\/webhook\/secretFrom names TRACKER_SECRET; set this environment/,
    );
    // The first line is that of the start; the second contains the fault.
    expect(started.stderr()).toMatch(/^(\{[^\n]+\n)?docket: [^\n]+\n$/);
  });
});
