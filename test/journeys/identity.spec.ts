import { beforeAll, describe, expect, it } from '@jest/globals';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { runDocket } from '../support/command-line.ts';
import { eventually } from '../support/service-child.ts';
import { claimsOf, refusal, signToken, startService } from '../support/service.ts';
import type { Answer, RunningService } from '../support/service.ts';

let service: RunningService;

beforeAll(async () => {
  // The warning is printed once in a process.
  service = await startService({ isNew: true });
});

const send = (headers: Record<string, string>, path = '/api/recommendations'): Promise<Answer> =>
  service.request('GET', path, { headers });

const bearer = (token: string) => send({ authorization: `Bearer ${token}` });

function expectRefused(answer: Answer, secret?: string): void {
  expect(answer).toMatchObject(refusal(401, 'unauthenticated'));
  expect(answer.headers['www-authenticate']).toMatch(/^Bearer\b/);
  if (secret !== undefined) expect(answer.text + JSON.stringify(answer.headers)).not.toContain(secret);
  // The log does not contain the token either.
  if (secret !== undefined) expect(service.stderr()).not.toContain(secret);
}

describe('without a valid token', () => {
  it('the only answer is 401, with a hint', async () => {
    expectRefused(await send({}));
  });

  it.each(['', 'Bearer', 'Bearer ', 'Basic dXNlcjpwYXNz', 'Bearer a b', 'Token abc'])(
    'an Authorization of %j is not accepted',
    async (authorization) => {
      expectRefused(await send({ authorization }));
    },
  );

  it.each([
    ['sub', undefined],
    ['organisations', ['Wiltshire']],
  ])('a token whose claim %s is %j is refused, naming the claim', async (claim, value) => {
    const token = signToken({ ...claimsOf(['inspector']), [claim]: value }, service.secret);
    const answer = await bearer(token);
    expect(answer).toMatchObject(refusal(401, 'invalid-claim'));
    expect(answer.json).toMatchObject({ claim, detail: expect.stringContaining(`claim ${claim}`) });
    expect(answer.headers['www-authenticate']).toMatch(/error="invalid_token"/);
    expect(service.stderr()).not.toContain(token);
  });

  it('a token in the query is not accepted', async () => {
    const token = service.token('inspector');
    for (const name of ['access_token', 'token', 'authorization']) {
      expectRefused(await send({}, `/api/recommendations?${name}=${token}`), token);
    }
  });

  it('a token in a cookie is not accepted', async () => {
    expectRefused(await send({ cookie: `token=${service.token('inspector')}` }));
  });

  it.each(['/api/me', '/%61pi/me'])(
    'a session of the pages opens nothing of the API, however its address is written: %s',
    async (path) => {
      const signedIn = await service.request('POST', '/sign-in', {
        body: 'person=demo-inspector&to=/',
        headers: { origin: service.address, 'content-type': 'application/x-www-form-urlencoded' },
      });
      const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? '';
      expect(await send({ cookie, accept: 'text/html' }, '/account')).toMatchObject({ status: 200 });
      expectRefused(await send({ cookie }, path));
    },
  );

  it.each(['/health/live', '/health/ready', '/metrics', '/api/docs', '/api/openapi.json'])(
    '%s is open',
    async (path) => {
      expect(await service.request('GET', path)).toMatchObject({ status: 200 });
    },
  );
});

describe('a valid token', () => {
  it('is accepted with any case of "bearer"', async () => {
    const token = service.token('inspector');
    for (const scheme of ['Bearer', 'bearer', 'BEARER', 'Bearer  ']) {
      expect(await send({ authorization: `${scheme} ${token}` })).toMatchObject({ status: 200 });
    }
  });

  it('without roles or organisations sees nothing', async () => {
    const roleless = service.as([], { subject: 'nobody' });
    await service.as('inspector').issue({ id: 'unseen' });
    const list = await roleless.get('/api/recommendations');
    expect(list).toMatchObject({ status: 200, json: { items: [] } });
    expect(await roleless.get('/api/recommendations/unseen')).toMatchObject(refusal(404, 'not-found'));
  });

  it('with an unknown role has no more rights', async () => {
    const odd = signToken({ ...claimsOf(['wizard', 'INSPECTOR']) }, service.secret);
    const answer = await service.request('GET', '/api/webhooks', { token: odd });
    expect(answer).toMatchObject(refusal(403, 'role-not-permitted'));
  });

  it('may be made by the command line, which shares the key', async () => {
    const made = await runDocket(['token', '--subject', 'someone', '--role', 'auditor', 'inspector'], {
      folder: service.folder,
    });
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const token = made.stdout.trimEnd();
    expect(await bearer(token)).toMatchObject({ status: 200 });
    expect(await service.request('GET', '/api/events', { token })).toMatchObject({ status: 200 });
  });

  it('identifies its subject in recorded events', async () => {
    const person = service.as('inspector', { subject: 'inspector:42' });
    const { json } = await person.issue();
    const { items } = (await person.get(`/api/recommendations/${json.recommendations[0]?.id}/events`)).json;
    expect(items[0]?.actor).toEqual({ subject: 'inspector:42', roles: ['inspector'] });
  });
});

describe('the development key', () => {
  it('can be read by its owner alone', () => {
    expect(statSync(join(service.folder, 'development-key.jwk')).mode & 0o777).toBe(0o600);
  });

  it('is why the service says that it is for this machine only', async () => {
    // The service writes its log once a second.
    await eventually(
      () => Promise.resolve(service.stderr()),
      (log) => log.includes('this machine only'),
    );
  });
});

describe('each route', () => {
  const everyone = [
    'inspector',
    'approver',
    'force-lead',
    'commissioner',
    'auditor',
    'scheduler',
    'administrator',
  ] as const;

  it.each([
    ['GET', '/api/recommendations', everyone],
    ['GET', '/api/recommendations/role-route', everyone],
    ['GET', '/api/recommendations/role-route/events', everyone],
    ['GET', '/api/recommendations/role-route/timeline', everyone],
    ['GET', '/api/recommendations/role-route/commands', everyone],
    ['GET', '/api/statistics', everyone],
    ['GET', '/api/events', ['auditor']],
    ['GET', '/api/refusals', ['auditor']],
    ['GET', '/api/accesses', ['auditor']],
    ['GET', '/api/webhooks', ['administrator']],
  ])('%s %s is for %j', async (method, path, roles) => {
    await service.as('inspector').post('/api/recommendations', {
      id: 'role-route',
      title: 'For each role',
      text: 'Text.',
      recipients: ['wiltshire'],
      report: { name: 'Report', publishedOn: '2020-01-06' },
    });
    for (const role of everyone) {
      const token = service.token(role, { organisations: ['wiltshire'] });
      const answer = await service.request(method, path, { token });
      const isAllowed = (roles as readonly string[]).includes(role);
      expect({ role, status: answer.status }).toEqual({
        role,
        status: isAllowed ? (method === 'POST' ? 202 : 200) : 403,
      });
      if (!isAllowed) expect(answer).toMatchObject(refusal(403, 'role-not-permitted'));
    }
  });
});

describe('GET /api/me', () => {
  const me = async (claims: Record<string, unknown>) =>
    bearerTo('/api/me', signToken(claims, service.secret));
  const bearerTo = (path: string, token: string) => send({ authorization: `Bearer ${token}` }, path);

  it("returns the caller's identity from their token", async () => {
    const claims = claimsOf(['force-lead', 'commissioner'], {
      subject: 'lee',
      organisations: ['kent', 'essex'],
    });
    expect(await me({ ...claims, name: 'Lee Example' })).toMatchObject({
      status: 200,
      headers: { 'cache-control': 'no-store' },
      json: {
        subject: 'lee',
        name: 'Lee Example',
        roles: ['force-lead', 'commissioner'],
        organisations: ['kent', 'essex'],
        expiresAt: new Date((claims['exp'] as number) * 1_000).toISOString(),
      },
    });
  });

  it('returns that of a caller with neither a name nor a role, and with a very long token', async () => {
    const { roles: _roles, organisations: _organisations, ...claims } = claimsOf([], { subject: 'x' });
    expect((await me({ ...claims, exp: 1e15 })).json).toEqual({
      subject: 'x',
      name: null,
      roles: [],
      organisations: [],
      expiresAt: '9999-12-31T23:59:59.999Z',
    });
  });

  it('is for everyone with a token, and accepts no parameter but a position', async () => {
    expect(await send({}, '/api/me')).toMatchObject(refusal(401, 'unauthenticated'));
    const { token } = service.as('auditor');
    expect(await bearerTo('/api/me?minPosition=0', token)).toMatchObject({ status: 200 });
    expect(await bearerTo('/api/me?subject=ann', token)).toMatchObject(refusal(400, 'invalid-parameter'));
  });
});
