import { beforeAll, describe, expect, it } from '@jest/globals';
import { parseHTML } from 'linkedom';
import { refusal, startService } from '../support/service.ts';
import type { Answer, RunningService } from '../support/service.ts';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

const HEADLESS =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0 Safari/537.36';

let service: RunningService;
let other: RunningService;

beforeAll(async () => {
  service = await startService();
  other = await startService({ folder: service.folder });
});

/** Returns a cookie, as a browser stores it or another person may have copied it. */
async function signIn(person = 'demo-inspector', agent = FIREFOX): Promise<string> {
  const answer = await service.request('POST', '/sign-in', {
    body: `person=${person}&to=/account`,
    headers: { ...form(), 'user-agent': agent },
  });
  expect(answer.status).toBe(303);
  return String(answer.headers['set-cookie']).split(';')[0] ?? '';
}

const form = () => ({ origin: service.address, 'content-type': 'application/x-www-form-urlencoded' });
const account = (cookie: string, at = service): Promise<Answer> =>
  at.request('GET', '/account', { headers: { cookie, accept: 'text/html' } });

/** Sends the account page's form for an address. */
async function send(cookie: string, action: string): Promise<Answer> {
  const { document } = parseHTML((await account(cookie)).text);
  const mark = document.querySelector('input[name="mark"]')?.getAttribute('value') ?? '';
  return service.request('POST', action, {
    body: new URLSearchParams({ mark }).toString(),
    headers: { ...form(), cookie },
  });
}

const sessionsOn = ({ text }: Answer): readonly string[] => {
  const { document } = parseHTML(text);
  const ends = [...document.querySelectorAll('form')].map((each) => each.getAttribute('action') ?? '');
  return ends.filter((action) => /^\/account\/sessions\/.+\/end$/.test(action));
};

async function expectOver(cookie: string): Promise<void> {
  for (const node of [service, other]) {
    const answer = await account(cookie, node);
    expect(answer).toMatchObject({ status: 303 });
    expect(answer.headers.location).toMatch(/^\/sign-in/);
  }
}

async function expectOpen(cookie: string): Promise<void> {
  for (const node of [service, other]) expect(await account(cookie, node)).toMatchObject({ status: 200 });
}

describe('a session of the pages', () => {
  it('given a sign-out, then a copy of its cookie opens nothing, at any node and after a restart', async () => {
    const [cookie, untouched] = [await signIn(), await signIn()];
    await expectOpen(cookie);
    expect(await send(cookie, '/sign-out')).toMatchObject({
      status: 303,
      headers: { location: '/signed-out' },
    });
    await expectOver(cookie);
    await expectOpen(untouched);
    await other.stop();
    other = await startService({ folder: service.folder });
    await expectOver(cookie);
    await expectOpen(untouched);
    const again = await service.request('POST', '/sign-out', { body: '', headers: { ...form(), cookie } });
    expect(again).toMatchObject({ status: 303, headers: { location: '/signed-out' } });
  });

  it('given another browser, then its account page lists it in words, and ends it alone', async () => {
    const [own, stolen] = [await signIn('demo-approver'), await signIn('demo-approver', 'curl/8 Jane Doe')];
    const chrome = await signIn('demo-inspector-2', HEADLESS);
    expect((await account(chrome)).text).toContain('Chrome on Linux');
    const page = await account(own);
    expect(page.text).toContain('Firefox on Linux');
    expect(page.text).toContain('Unknown browser');
    expect(page.text).not.toContain('Jane');
    const [end = '', ...more] = sessionsOn(page);
    expect(more).toEqual([]);
    expect(await send(own, end)).toMatchObject({ status: 303 });
    await expectOver(stolen);
    await expectOpen(own);
    expect(sessionsOn(await account(own))).toEqual([]);
  });

  it('given a form without the mark of the session, then nothing is ended', async () => {
    const cookie = await signIn('demo-auditor');
    for (const action of ['/sign-out', '/account/sessions/end']) {
      const answer = await service.request('POST', action, {
        body: 'mark=x',
        headers: { ...form(), cookie },
      });
      expect(answer).toMatchObject({ status: 403 });
    }
    await expectOpen(cookie);
  });

  it("given another person's session id, then it is not ended", async () => {
    const [own, theirs] = [await signIn('demo-commissioner'), await signIn('demo-force-lead')];
    await signIn('demo-force-lead');
    const [end = ''] = sessionsOn(await account(theirs));
    expect(await send(own, end)).toMatchObject({ status: 303 });
    expect(sessionsOn(await account(theirs))).toEqual([end]);
  });

  it('given "sign out everywhere", then every session of the person is over, and no one else’s', async () => {
    const [one, two, another] = [await signIn(), await signIn(), await signIn('demo-approver')];
    expect(await send(one, '/account/sessions/end')).toMatchObject({ status: 303 });
    await expectOver(one);
    await expectOver(two);
    await expectOpen(another);
  });

  it('given a newer token with other roles or bodies, then it is over', async () => {
    const cookie = await signIn('demo-inspector-2');
    const same = service.as('inspector', { subject: 'demo-inspector-2' });
    await same.get('/api/me');
    await expectOpen(cookie);
    await other.as('auditor', { subject: 'demo-inspector-2' }).get('/api/me');
    await expectOver(cookie);
    const forceLead = await signIn('demo-force-lead');
    await service.as('force-lead', { subject: 'demo-force-lead', organisations: ['kent'] }).get('/api/me');
    await expectOver(forceLead);
  });

  it('given an administrator who revokes it, then it is over, and only an administrator can', async () => {
    const cookie = await signIn();
    const path = '/api/people/demo-inspector/sessions';
    const revoke = (role: 'administrator' | 'auditor', at = path) =>
      service.request('DELETE', at, { token: service.token(role) });
    expect(await revoke('auditor')).toMatchObject(refusal(403, 'role-not-permitted'));
    await expectOpen(cookie);
    expect(await revoke('administrator', '/api/people/nobody/sessions')).toMatchObject(
      refusal(404, 'not-found'),
    );
    expect(await revoke('administrator')).toMatchObject({ status: 204 });
    await expectOver(cookie);
  });

  it('is recorded with its start and its end, and with nothing of the cookie', async () => {
    const cookie = await signIn('demo-administrator');
    await send(cookie, '/sign-out');
    const { json } = await service.as('auditor').get('/api/events?limit=10000');
    const events = json.items.filter(({ streamId }) => streamId === 'person-demo-administrator');
    expect(events.filter(({ type }) => type.startsWith('Session'))).toMatchObject([
      {
        type: 'SessionStarted',
        data: { browser: 'Firefox on Linux', roles: ['administrator'], organisations: [] },
      },
      { type: 'SessionEnded', data: { because: 'signed-out' } },
    ]);
    expect(JSON.stringify(json.items)).not.toContain(cookie.split('=')[1]);
  });
});
