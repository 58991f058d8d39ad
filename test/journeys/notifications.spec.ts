import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { addDays } from '#lifecycle/plain-date';
import { longDate } from '#state-machines/capabilities/deadlines';
import { londonDate } from '#state-machines/london';
import { runDocket } from '../support/command-line.ts';
import { startMailReceiver } from '../support/receivers.ts';
import type { MailReceiver } from '../support/receivers.ts';
import { PageBrowser } from '../support/pages.ts';
import { eventually } from '../support/service-child.ts';
import { freePort } from '../support/free-port.ts';
import { claimsOf, signToken, startService } from '../support/service.ts';
import type { RunningService } from '../support/service.ts';

let mail: MailReceiver;
let service: RunningService;

beforeAll(async () => {
  mail = await startMailReceiver();
  // Links in mails, and forms, have the address of the service.
  const port = String(await freePort());
  const env = {
    PORT: port,
    DOCKET_PUBLIC_URL: `http://127.0.0.1:${port}`,
    DOCKET_SMTP: `${mail.url}?from=docket@inspectorate.example`,
    DOCKET_LOG_LEVEL: 'trace',
  };
  service = await startService({ env, isNew: true });
});

afterAll(() => mail.close());

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
const measured = async (name: string): Promise<number> => {
  const { text } = await service.request('GET', '/metrics');
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')
      .at(-1),
  );
};

describe('mail to a person', () => {
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
    expect(refused?.messageId).toMatch(/@inspectorate\.example>$/);
    for (const said of [refused?.text, refused?.html, refused?.subject]) {
      expect(said).not.toMatch(/secret|rosa/);
    }
    expect(refused?.text).toContain(`${service.address}/recommendations/${id}?at=`);
    const header = (name: string): string =>
      (refused?.headerLines.find(({ key }) => key === name)?.line ?? '').replaceAll(/^[^:]+:|\s/g, '');
    expect(header('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
    const path = header('list-unsubscribe').slice(1, -1).replace(service.address, '');
    expect(path).toMatch(/^\/unsubscribe\?key=/);
    const get = await service.request('GET', path, {});
    expect([get.status, get.text]).toEqual([200, expect.stringContaining('Requests, and the decisions')]);
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
    expect((await choices()).muted).toEqual(['decisions']);

    await mia.command(id, 'request-closure', { statement: 'Done now.' });
    await approver.command(id, 'refuse-closure', { reason: 'Still not.' });
    await approver.command(id, 'add-comment', { text: 'Emailed all the same.', visibility: 'public' });
    expect((await arrived('mia', 2)).map(({ subject }) => subject)).toEqual([
      `Closure refused: recommendation ${id}`,
      `Comment added: recommendation ${id}`,
    ]);
    expect(mailsTo('una')).toEqual([]);

    const erased = await service.request('DELETE', '/api/people/mia/name', {
      token: service.as('administrator').token,
    });
    expect(erased.status).toBeLessThan(300);
    await approver.command(id, 'add-comment', { text: 'Not to be emailed.', visibility: 'public' });
    await eventually(
      () => mia.get('/api/inbox'),
      ({ text }) => text.includes('Not to be emailed.'),
    );
    expect(mailsTo('mia').length).toBe(2);
  });
});

describe('a message that the mail server refuses for good', () => {
  it('is listed for administrators, and is sent when one tries again', async () => {
    await choosing('ola', 'inspector');
    const ola = service.as('inspector', { subject: 'ola' });
    const id = (await ola.issue()).json.recommendations[0]?.id as string;
    mail.recipientCode = 550;
    await service.as('inspector', { subject: 'ben' }).command(id, 'assign-owner', { owner: 'ola' });
    await eventually(
      () => measured('docket_outbox_dead'),
      (dead) => dead >= 1,
    );
    expect(await measured('docket_outbox_attempts_failed_total{channel="email"}')).toBeGreaterThan(0);
    // A failing receiver does not make the service unready.
    const ready = await service.request('GET', '/health/ready');
    expect(ready).toMatchObject({ status: 200 });
    expect(ready.json.checks).toContainEqual({ name: 'outbox', ok: true });

    mail.recipientCode = 0;
    const browser = new PageBrowser(service.address);
    await browser.signIn('demo-administrator');
    const page = await browser.get('/operations');
    expect(page.words('main')[0]).toContain('the mail server replied 550');
    const again = await browser.submit(page, 'form[action$=retry]');
    expect(again).toMatchObject({ status: 200, heading: 'Operations' });
    const [sent] = await arrived('ola', 1);
    expect(sent?.subject).toContain(id);
  });
});

describe('the groups of notices', () => {
  it('that a person turned off are not mailed, and the others are', async () => {
    const inspector = service.as('inspector', { subject: 'ivy' });
    const report = { name: 'A report', publishedOn: londonDate(Date.now()) };
    const dueOn = addDays(londonDate(Date.now()), 7);
    const id = (await inspector.issue({ report, deadlines: [{ dueOn }] })).json.recommendations[0]
      ?.id as string;
    const groups = ['decisions', 'deadlines', 'changes'];
    for (const group of groups) {
      const token = await choosing(`no-${group}`, 'inspector');
      const body = { channels: ['email'], digest: 'at-once', muted: [group] };
      const answers = [
        await service.request('PUT', '/api/me/notices', { token, body }),
        await service.request('PUT', `/api/watches/inspection-recommendation/${id}`, { token }),
      ];
      for (const { status } of answers) expect(status).toBeLessThan(300);
    }
    await inspector.command(id, 'add-comment', { text: 'A change.', visibility: 'public' });
    await inspector.command(id, 'request-closure', { statement: 'Done.' });
    const env = { DOCKET_DEVELOPMENT_KEY: join(service.folder, 'development-key.jwk') };
    expect(await runDocket(['sweep'], { folder: service.folder, env })).toMatchObject({ code: 0 });
    const subjects = {
      changes: `Comment added: recommendation ${id}`,
      decisions: `Closure requested: recommendation ${id}`,
      deadlines: `Deadline approaching: recommendation ${id}, due on ${longDate(dueOn)}`,
    };
    for (const group of groups) {
      const wanted = Object.entries(subjects).flatMap(([of, subject]) => (of === group ? [] : [subject]));
      const mails = await arrived(`no-${group}`, wanted.length);
      expect([group, mails.map(({ subject }) => subject).sort()]).toEqual([group, wanted.sort()]);
    }
  });
});

describe('the log', () => {
  it('says which message was tried and how it ended, and no address, text or secret', async () => {
    await service.stop();
    expect(service.stderr()).toMatch(/"receiver":"person:ola".*"outcome":"dead"/);
    for (const secret of ['police.example', 'A secret title', mail.url])
      expect(service.stderr()).not.toContain(secret);
  });
});
