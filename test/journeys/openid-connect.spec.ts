import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runDocket } from '../support/command-line.ts';
import { freePort } from '../support/free-port.ts';
import { accessClaims, AUDIENCE, signAs, signingKey, startProvider } from '../support/openid-provider.ts';
import type { Algorithm, Claims, RunningProvider, SigningKey } from '../support/openid-provider.ts';
import { recommendation, refusal, startService } from '../support/service.ts';
import type { Answer, RunningService } from '../support/service.ts';
import { eventually } from '../support/service-child.ts';
import { openFeed } from '../support/service-feed.ts';

const RECORDS = '/api/recommendations';

const people = {
  ann: { name: 'Ann Inspector', roles: ['inspector'] },
  kent: { roles: ['force-lead', 'offline_access'], organisations: ['kent'] },
  auditor: { roles: ['auditor'] },
  guest: {},
  odd: { roles: 'inspector' },
};

const keys: Record<Algorithm, SigningKey> = {
  RS256: signingKey('RS256'),
  PS256: signingKey('PS256'),
  ES256: signingKey('ES256'),
  EdDSA: signingKey('EdDSA'),
};

const trusting = (issuer: string) => ({
  DOCKET_OIDC_ISSUER: issuer,
  DOCKET_OIDC_AUDIENCE: AUDIENCE,
  DOCKET_LOG_LEVEL: 'trace',
});

const provided = (answer: Answer) => answer.json.checks.find(({ name }) => name === 'identity provider');

const send = (service: RunningService, token: string, path = RECORDS): Promise<Answer> =>
  service.request('GET', path, { token });

describe('a service that trusts a provider', () => {
  let provider: RunningProvider;
  let service: RunningService;

  beforeAll(async () => {
    provider = await startProvider({ keys: Object.values(keys), people });
    service = await startService({ env: trusting(provider.issuer) });
  });

  it('answers under every host without a public address, and opens no session of the pages', async () => {
    const headers = { host: 'docket.example', accept: 'text/html', cookie: 'docket-session=any' };
    const token = await provider.token('ann');
    expect(await service.request('GET', '/api/me', { token, headers })).toMatchObject({ status: 200 });
    expect(await service.request('GET', '/account', { headers })).toMatchObject({ status: 303 });
    const form = {
      body: 'to=/',
      headers: {
        ...headers,
        origin: 'http://docket.example',
        'content-type': 'application/x-www-form-urlencoded',
      },
    };
    expect((await service.request('POST', '/sign-out', form)).text).toContain('form-from-elsewhere');
  });

  it('makes no development key', () => {
    expect(existsSync(join(service.folder, 'development-key.jwk'))).toBe(false);
  });

  it.each<Algorithm>(['RS256', 'PS256', 'ES256', 'EdDSA'])(
    "accepts the provider's tokens, signed with %s",
    async (algorithm) => {
      const token = await provider.token('ann', `urn:docket:api:${algorithm}`);
      expect(await send(service, token)).toMatchObject({ status: 200 });
    },
  );

  it('records who acted, under the roles that the provider granted', async () => {
    const token = await provider.token('ann');
    const body = recommendation({ id: 'by-ann', recipients: ['kent'] });
    expect(await service.request('POST', RECORDS, { token, body })).toMatchObject({ status: 201 });
    const { items } = (await send(service, token, `${RECORDS}/by-ann/events`)).json;
    expect(items[0]?.actor).toEqual({ subject: 'ann', roles: ['inspector'] });
  });

  it('shows a body its own records alone, and nothing to users without a body', async () => {
    const ann = await provider.token('ann');
    const body = recommendation({ id: 'of-essex', recipients: ['essex'] });
    const { position } = (await service.request('POST', RECORDS, { token: ann, body })).json;
    const kent = await provider.token('kent');
    const list = await send(service, kent, `${RECORDS}?minPosition=${position}`);
    expect(list.json.items.map(({ id }) => id)).toEqual(['by-ann']);
    expect(await send(service, kent, `${RECORDS}/of-essex`)).toMatchObject(refusal(404, 'not-found'));
    const guest = await provider.token('guest');
    expect(await send(service, guest, `${RECORDS}/of-essex`)).toMatchObject(refusal(404, 'not-found'));
    expect((await send(service, guest)).json.items).toEqual([]);
  });

  it('refuses a development token, also of a key beside its store', async () => {
    const made = await runDocket(['token', '--subject', 'dev', '--role', 'inspector'], {
      folder: service.folder,
    });
    const token = made.stdout.trim();
    expect(token).not.toBe('');
    expect(await send(service, token)).toMatchObject(refusal(401, 'unauthenticated'));
  });

  it.each<[string, Claims, string?]>([
    ['has expired', { exp: 1_000_000_000 }],
    ['never expires', { exp: undefined }, 'invalid-claim'],
    ['is not valid yet', { nbf: 4_000_000_000 }],
    ['is for another audience', { aud: 'https://another.example' }],
    ['is from another issuer', { iss: 'https://accounts.example.com' }],
    ['has no issuer', { iss: undefined }],
    ['has no subject', { sub: undefined }, 'invalid-claim'],
  ])("refuses a token of the provider's key that %s", async (_, claims, code = 'unauthenticated') => {
    const wholesome = await signAs(keys.ES256, accessClaims(provider.issuer));
    expect(await send(service, wholesome)).toMatchObject({ status: 200 });
    const token = await signAs(keys.ES256, accessClaims(provider.issuer, claims));
    const answer = await send(service, token);
    expect(answer).toMatchObject(refusal(401, code));
    expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
  });

  it('names the provider without a token', async () => {
    const answer = await service.request('GET', RECORDS);
    expect(answer).toMatchObject(refusal(401, 'unauthenticated'));
    expect(answer.json.detail).toContain(provider.issuer);
  });

  it('ends a feed when its token does, and sends nothing after it', async () => {
    const now = Math.floor(Date.now() / 1_000);
    // This token is refused two seconds later, after the tolerated clock difference of half a minute.
    const claims = accessClaims(provider.issuer, { sub: 'auditor', roles: ['auditor'], exp: now - 28 });
    const feed = await openFeed(service.address, await signAs(keys.ES256, claims));
    await feed.until(1);
    expect(feed.ended).toBe(false);
    await eventually(
      () => Promise.resolve(feed.ended),
      (ended) => ended,
    );
    expect(Date.now()).toBeGreaterThanOrEqual((now + 2) * 1_000);
  });

  it('has logged its trusted issuer at its start, and logs no token', async () => {
    const token = await provider.token('ann');
    await send(service, token);
    await service.stop();
    expect(service.stderr()).toContain(`"issuer":"${provider.issuer}","audience":"${AUDIENCE}"`);
    expect(service.stderr()).not.toMatch(/this machine only/);
    expect(service.stderr()).toContain('"subject":"ann"');
    for (const part of token.split('.')) expect(service.stderr()).not.toContain(part);
  });

  afterAll(async () => {
    await provider.stop();
  });
});

describe('a provider that cannot be reached', () => {
  it('does not prevent a start: the service refuses everyone, reports that, and recovers when the provider comes', async () => {
    const key = signingKey('ES256');
    const port = await freePort();
    const issuer = `http://127.0.0.1:${port}`;
    const service = await startService({ env: trusting(issuer) });
    const token = await signAs(key, accessClaims(issuer));

    const answer = await send(service, token);
    expect(answer).toMatchObject(refusal(503, 'identity-provider-unavailable'));
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    const health = await service.request('GET', '/health/ready');
    expect(health).toMatchObject({ status: 503, json: { status: 'not-ready' } });
    expect(provided(health)).toMatchObject({ ok: false });
    expect(health.text).not.toContain(issuer);
    expect(await service.request('GET', '/health/live')).toMatchObject({ status: 200 });
    // Tokens that no key could make valid are refused as before.
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.')[1] ?? ''}.`;
    expect(await send(service, none)).toMatchObject(refusal(401, 'unauthenticated'));
    const foreign = await signAs(key, accessClaims('https://another.example'));
    expect(await send(service, foreign)).toMatchObject(refusal(401, 'unauthenticated'));
    expect(await service.request('GET', RECORDS)).toMatchObject(refusal(401, 'unauthenticated'));

    const provider = await startProvider({ keys: [key], people, port });
    await eventually(
      () => send(service, token),
      ({ status }) => status === 200,
    );
    const well = await service.request('GET', '/health/ready');
    expect(well).toMatchObject({ status: 200 });
    expect(provided(well)).toEqual({ name: 'identity provider', ok: true });
    await provider.stop();
    await service.stop();
    expect(service.stderr()).toContain('ECONNREFUSED');
    expect(service.stderr()).toContain('is available again');
  });
});
