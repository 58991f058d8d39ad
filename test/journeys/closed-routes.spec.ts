import { beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { bodiesAtOnce, needKurrentdb } from '../support/journey-store.ts';
import { claimsOf, refusal, signToken, startService } from '../support/service.ts';
import type { Answer, Client, RunningService } from '../support/service.ts';

let service: RunningService;
/** All documented operations that require a token. */
let closed: readonly { readonly method: string; readonly path: string }[];
let stranger: Client;

const RECORD = 'secret-1';
const ABSENT = 'secret-2';
const WORD = 'Zanzibar';

beforeAll(async () => {
  service = await startService();
  const inspector = service.as('inspector');
  await inspector.issue({ id: RECORD, title: `A title of ${WORD}`, recipients: ['essex'], text: `${WORD}.` });
  await inspector.issue({ id: 'shared', recipients: bodiesAtOnce('kent', 'essex'), title: 'To both' });
  await inspector.command(RECORD, 'start-progress');
  stranger = service.as('force-lead', { subject: 'force-lead:kent', organisations: ['kent'] });
  closed = Object.entries(service.document.openApi.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([, operation]) => (operation.security ?? []).length > 0)
      .map(([method]) => ({ method: method.toUpperCase(), path })),
  );
});

/** The required parameters of routes. */
const NEEDED: Readonly<Record<string, string>> = {
  '/api/audit/proofs/inclusion': '?index=0',
  '/api/audit/proofs/consistency': '?from=1&to=1',
};

/** Returns a documented path with every parameter filled in. */
const addressOf = (path: string, id: string): string =>
  path
    .replace('{id}', id)
    .replace('{name}', 'register')
    .replaceAll(/\{\w+\}/g, 'x');

const send = (method: string, address: string, token?: string): Promise<Answer> =>
  service.request(method, address, { token, ...(method === 'POST' && { body: {} }) });

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Tokens that each have a single fault. */
function badTokens(): Record<string, string | undefined> {
  const roles = ['inspector', 'approver', 'auditor', 'administrator'] as const;
  const claims = claimsOf(roles, { organisations: ['essex'] });
  const [header, body, signature = ''] = service.token(roles).split('.');
  const other = signature.startsWith('A') ? 'B' : 'A';
  return {
    'no token': undefined,
    'an expired token': signToken({ ...claims, exp: 1_700_000_000 }, service.secret),
    'a token of another issuer': signToken({ ...claims, iss: 'https://accounts.example' }, service.secret),
    'a token for another audience': signToken({ ...claims, aud: 'https://other.example' }, service.secret),
    'a token without a signature': `${encoded({ alg: 'none', typ: 'JWT' })}.${encoded(claims)}.`,
    'a token that was signed again': signToken(claims, randomBytes(32)),
    'a token with another signature': `${header}.${body}.${other}${signature.slice(1)}`,
  };
}

describe('every route that the document has', () => {
  it('is among those that are tried here, and closed unless it says otherwise', () => {
    const addresses = closed.map(({ method, path }) => `${method} ${path}`);
    expect(addresses).toContain('GET /api/recommendations/{id}');
    expect(addresses).toContain('POST /api/recommendations/{id}/commands/start-progress');
    expect(addresses).toContain('GET /api/events');
    expect(addresses.length).toBeGreaterThan(20);
  });

  it('answers a bad token with 401 and nothing else, whether there is such a record or not', async () => {
    for (const [what, token] of Object.entries(badTokens())) {
      const bodies = new Set<string>();
      for (const { method, path } of closed) {
        for (const id of [RECORD, ABSENT]) {
          const answer = await send(method, addressOf(path, id), token);
          expect({ what, method, path, status: answer.status }).toEqual({ what, method, path, status: 401 });
          expect(answer).toMatchObject(refusal(401, 'unauthenticated'));
          expect(answer.headers['www-authenticate']).toMatch(/^Bearer[ ,]/);
          expect(answer.headers.etag).toBeUndefined();
          bodies.add(answer.text);
        }
      }
      // All get the same response, in which nothing depends on the request.
      expect({ what, bodies: bodies.size }).toEqual({ what, bodies: 1 });
    }
  });

  it('answers a caller who may not see a record as if it did not exist', async () => {
    const ofRecords = closed.filter(({ path }) => path.startsWith('/api/recommendations/{id}'));
    expect(ofRecords.length).toBeGreaterThan(10);
    for (const { method, path } of ofRecords) {
      const [hidden, absent] = await Promise.all(
        [RECORD, ABSENT].map((id) => send(method, addressOf(path, id), stranger.token)),
      );
      expect({ path, status: hidden?.status }).toEqual({ path, status: 404 });
      expect(hidden?.text.replaceAll(RECORD, '*')).toBe(absent?.text.replaceAll(ABSENT, '*'));
      expect(headersOf(hidden as Answer)).toEqual(headersOf(absent as Answer));
    }
  });
});

/** Returns the meaningful headers, without the time and the request's id. */
const headersOf = ({ headers }: Answer): object => {
  const { date: _date, 'x-correlation-id': _id, 'content-length': _length, ...rest } = headers;
  return rest;
};

describe("another body's record", () => {
  it.each([
    '/api/recommendations?limit=200',
    `/api/recommendations?q=${WORD}`,
    '/api/recommendations?status=being-progressed',
    '/api/recommendations?issue=shared',
    '/api/statistics',
  ])('is not in %s', async (address) => {
    if (address.endsWith('issue=shared')) needKurrentdb('25.1');
    const { items } = (await service.as('auditor').get('/api/events?limit=10000')).json;
    const join = address.includes('?') ? '&' : '?';
    const path = `${address}${join}minPosition=${items.at(-1)?.position}`;
    const inspector = await service.as('inspector').get(path);
    expect(inspector.text).toMatch(/essex/);
    const answer = await stranger.get(path);
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.text).not.toMatch(new RegExp(`essex|${RECORD}|${WORD}`));
  });

  it('is in no answer of any route that is not of one record', async () => {
    const paths = closed.filter(({ method, path }) => method === 'GET' && !path.includes('{'));
    expect(paths.length).toBeGreaterThan(3);
    await service.as('auditor').post('/api/audit/checkpoints');
    for (const { path } of paths) {
      const answer = await stranger.get(path + (NEEDED[path] ?? ''));
      expect([200, 403]).toContain(answer.status);
      expect({ path, text: answer.text }).toEqual({
        path,
        text: expect.not.stringMatching(new RegExp(`essex|${RECORD}|${WORD}`)),
      });
    }
  });

  it('is not counted', async () => {
    const { total, byRecipient } = (await stranger.get('/api/statistics')).json;
    expect(total).toBe(1);
    expect(byRecipient.map(({ recipient }) => recipient)).toEqual(['kent']);
  });

  it('is not in the log, page by page or live', async () => {
    for (const accept of ['application/json', 'text/event-stream']) {
      expect(await stranger.get('/api/events', { accept })).toMatchObject(refusal(403, 'role-not-permitted'));
    }
  });
});
