import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createSecretKey, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { exportSPKI, importJWK, SignJWT } from 'jose';
import type { CryptoKey } from 'jose';
import { accessClaims, AUDIENCE, publicPart, signAs, signingKey } from '#test/support/openid-provider';
import type { Algorithm, Claims, SigningKey } from '#test/support/openid-provider';
import { IdentityProviderUnavailableError } from './identity-errors.ts';
import { OpenIdProvider, PERIODS } from './openid-provider.ts';
import type { Periods } from './openid-provider.ts';
import { TokenVerifier } from './tokens.ts';

const CONFIGURATION = '/.well-known/openid-configuration';

const key = signingKey('ES256', 'one');
const otherKey = signingKey('ES256', 'two');

/** The handlers of the provider's server, by path. */
let documents: Record<string, RequestListener>;
let requestedPaths: string[];
let logged: string[];
let server: Server;
let issuer: string;
let provider: OpenIdProvider | undefined;

const json =
  (value: unknown): RequestListener =>
  (_, response) =>
    void response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
const keySet = (...keys: readonly SigningKey[]) => json({ keys: keys.map(publicPart) });

async function listen(port = 0): Promise<void> {
  server = createServer((request, response) => {
    const path = request.url ?? '';
    requestedPaths.push(path);
    const answer = documents[path];
    if (answer === undefined) response.writeHead(404).end();
    else answer(request, response);
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
}

async function goDown(): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}

beforeEach(async () => {
  [requestedPaths, logged] = [[], []];
  await listen();
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  documents = { [CONFIGURATION]: json({ issuer, jwks_uri: `${issuer}/keys` }), '/keys': keySet(key) };
});

afterEach(async () => {
  provider?.stop();
  if (server.listening) await goDown();
});

/** Returns a provider after its first fetch, and a verifier of its tokens. */
async function startProvider(periods: Partial<Periods> = {}) {
  provider = new OpenIdProvider({ issuer, audience: AUDIENCE }, (message) => logged.push(message), {
    ...PERIODS,
    ...periods,
  });
  await provider.start();
  return { provider, verifier: new TokenVerifier(provider) };
}

const signClaims = (claims: Claims = {}, by = key, header: object = {}) =>
  signAs(by, accessClaims(issuer, claims), header);
const requestCountOf = (path: string) => requestedPaths.filter((each) => each === path).length;

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 5) {
    if (waited > 5_000) throw new Error('it did not come to hold');
    await sleep(5);
  }
}

describe('a token that the provider signed', () => {
  test('identifies the caller', async () => {
    const { verifier } = await startProvider();
    const bearer = await signClaims({ name: 'Ann', organisations: ['kent'] });
    expect(await verifier.verify(bearer, Date.now())).toMatchObject({
      subject: 'ann',
      name: 'Ann',
      roles: ['inspector'],
      organisations: ['kent'],
    });
    expect(verifier.issuer).toBe(issuer);
  });

  test.each<Algorithm>(['RS256', 'PS256', 'ES256', 'EdDSA'])('may be signed with %s', async (algorithm) => {
    const by = signingKey(algorithm);
    documents['/keys'] = keySet(by);
    const { verifier } = await startProvider();
    expect(await verifier.verify(await signClaims({}, by), Date.now())).toMatchObject({ subject: 'ann' });
  });

  test('need not name its key if only one key fits, and must if several do', async () => {
    const bearer = await signClaims({}, key, { kid: undefined });
    const { verifier } = await startProvider();
    expect(await verifier.verify(bearer, Date.now())).toMatchObject({ subject: 'ann' });
    documents['/keys'] = keySet(key, otherKey);
    const second = await startProvider();
    await expect(second.verifier.verify(bearer, Date.now())).rejects.toMatchObject({
      code: 'wrong-signature',
    });
  });

  test('is valid for half a minute beyond its times, cached or not, since clocks differ', async () => {
    const { verifier } = await startProvider({ verified: 3_600_000 });
    const now = Date.parse('2026-11-24T10:00:00.000Z');
    const bearer = await signClaims({ nbf: now / 1_000, exp: now / 1_000 + 60 });
    await expect(verifier.verify(bearer, now - 30_001)).rejects.toMatchObject({ code: 'not-yet-valid' });
    expect(await verifier.verify(bearer, now - 30_000)).toMatchObject({ expiresAt: now + 90_000 });
    expect(verifier.verifyCached(bearer, now - 30_000)).not.toBeNull();
    expect(verifier.verifyCached(bearer, now - 30_001)).toBeNull();
    expect(verifier.verifyCached(bearer, now + 89_999)).not.toBeNull();
    expect(verifier.verifyCached(bearer, now + 90_000)).toBeNull();
    await expect(verifier.verify(bearer, now + 90_000)).rejects.toMatchObject({ code: 'expired' });
  });

  test('is verified again after a while, whatever its expiry', async () => {
    const { verifier } = await startProvider();
    const now = Date.now();
    const bearer = await signClaims({ exp: Math.floor(now / 1_000) + 86_400 });
    await verifier.verify(bearer, now);
    expect(verifier.verifyCached(bearer, now + PERIODS.verified - 1)).not.toBeNull();
    expect(verifier.verifyCached(bearer, now + PERIODS.verified)).toBeNull();
  });
});

describe('a token that the provider did not sign', () => {
  const expectRefused = async (bearer: string, code: string) => {
    const { verifier } = await startProvider();
    await expect(verifier.verify(bearer, Date.now())).rejects.toMatchObject({ code });
    expect(verifier.verifyCached(bearer, Date.now())).toBeNull();
  };

  test('is refused with another key under the same name', async () => {
    await expectRefused(await signClaims({}, signingKey('ES256', key.kid)), 'wrong-signature');
  });

  test('is refused with a key that the token itself contains', async () => {
    await expectRefused(
      await signClaims({}, otherKey, { kid: undefined, jwk: publicPart(otherKey) }),
      'wrong-signature',
    );
  });

  test('is refused if it is signed with the public key as a secret', async () => {
    const rsa = signingKey('RS256');
    documents['/keys'] = keySet(rsa);
    const publicKey = (await importJWK(publicPart(rsa) as SigningKey, 'RS256')) as CryptoKey;
    for (const secret of [await exportSPKI(publicKey), JSON.stringify(publicPart(rsa))]) {
      const bearer = await new SignJWT(accessClaims(issuer))
        .setProtectedHeader({ alg: 'HS256', kid: rsa.kid })
        .sign(createSecretKey(Buffer.from(secret)));
      await expectRefused(bearer, 'wrong-algorithm');
    }
  });

  test('is refused by a secret that the provider publishes, and without a signature', async () => {
    const secret = Buffer.alloc(32, 1);
    documents['/keys'] = json({ keys: [{ kty: 'oct', k: secret.toString('base64url'), kid: 'one' }] });
    const bearer = await new SignJWT(accessClaims(issuer))
      .setProtectedHeader({ alg: 'HS256', kid: 'one' })
      .sign(createSecretKey(secret));
    await expectRefused(bearer, 'wrong-algorithm');
    const [, claims] = bearer.split('.');
    const header = Buffer.from('{"alg":"none"}').toString('base64url');
    await expectRefused(`${header}.${claims}.`, 'wrong-algorithm');
  });

  test('is refused under an RSA key that is too short to be secure', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1_024 });
    const short = { ...publicKey.export({ format: 'jwk' }), kid: 'short', alg: 'RS256', use: 'sig' };
    documents['/keys'] = json({ keys: [short] });
    const rsa = signingKey('RS256', 'short');
    await expectRefused(await signClaims({}, rsa), 'wrong-signature');
  });

  test.each([
    ['another issuer', { iss: 'https://elsewhere.example' }, 'wrong-issuer'],
    ['no issuer', { iss: undefined }, 'wrong-issuer'],
    ['the issuer with a slash', { iss: 'SLASH' }, 'wrong-issuer'],
    ['another audience', { aud: 'https://elsewhere.example' }, 'wrong-audience'],
    ['no audience', { aud: undefined }, 'wrong-audience'],
    ['an expiry long ago', { exp: 1_000_000_000 }, 'expired'],
    ['no expiry', { exp: undefined }, 'invalid-claim'],
    ['a start to come', { nbf: 4_000_000_000 }, 'not-yet-valid'],
    ['roles that are not a list', { roles: 'inspector' }, 'invalid-claim'],
  ])('is refused with %s', async (_, claims, code) => {
    await expectRefused(
      await signClaims('iss' in claims && claims.iss === 'SLASH' ? { iss: `${issuer}/` } : claims),
      code,
    );
  });

  test('of another issuer sends no request to the provider', async () => {
    const { verifier } = await startProvider({ cooldown: 0 });
    const before = requestedPaths.length;
    const bearer = await signClaims({ iss: 'https://elsewhere.example' }, otherKey);
    await expect(verifier.verify(bearer, Date.now())).rejects.toMatchObject({ code: 'wrong-issuer' });
    expect(requestedPaths).toHaveLength(before);
  });
});

describe('keys that change', () => {
  test('are fetched when a token names an unknown key', async () => {
    const { verifier } = await startProvider({ cooldown: 0 });
    documents['/keys'] = keySet(key, otherKey);
    expect(await verifier.verify(await signClaims({}, otherKey), Date.now())).toMatchObject({
      subject: 'ann',
    });
  });

  test('are invalid once they are gone, also for a token that was verified before', async () => {
    const { verifier } = await startProvider({ cooldown: 0 });
    const old = await signClaims();
    await verifier.verify(old, Date.now());
    expect(verifier.verifyCached(old, Date.now())).not.toBeNull();
    documents['/keys'] = keySet(otherKey);
    await verifier.verify(await signClaims({}, otherKey), Date.now());
    expect(verifier.verifyCached(old, Date.now())).toBeNull();
    await expect(verifier.verify(old, Date.now())).rejects.toMatchObject({ code: 'wrong-signature' });
  });

  test('are fetched at intervals, even if no token needs them, and may move to a new address', async () => {
    const { verifier } = await startProvider({ refresh: 20 });
    const old = await signClaims();
    await verifier.verify(old, Date.now());
    documents[CONFIGURATION] = json({ issuer, jwks_uri: `${issuer}/moved` });
    documents['/moved'] = keySet(otherKey);
    await until(() => verifier.verifyCached(old, Date.now()) === null && requestCountOf('/moved') > 1);
    await expect(verifier.verify(old, Date.now())).rejects.toMatchObject({ code: 'wrong-signature' });
  });

  test('are not fetched for each token that names an unknown key', async () => {
    const { verifier } = await startProvider({ cooldown: 60_000 });
    const bearer = await signClaims({}, otherKey);
    for (let times = 0; times < 50; times += 1) {
      await expect(verifier.verify(bearer, Date.now())).rejects.toMatchObject({ code: 'wrong-signature' });
    }
    expect(requestCountOf('/keys')).toBe(1);
  });

  test('are fetched once for all tokens that wait for them', async () => {
    const { verifier } = await startProvider({ cooldown: 0 });
    documents['/keys'] = (request, response) =>
      void sleep(50).then(() => {
        keySet(key, otherKey)(request, response);
      });
    const bearers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => signClaims({ jti: String(n) }, otherKey)),
    );
    await Promise.all(bearers.map((bearer) => verifier.verify(bearer, Date.now())));
    expect(requestCountOf('/keys')).toBe(2);
  });
});

describe('a provider that fails', () => {
  const unavailable = async (periods: Partial<Periods> = {}) => {
    const running = await startProvider(periods);
    expect(running.provider.isReady).toBe(false);
    await expect(running.verifier.verify(await signClaims(), Date.now())).rejects.toBeInstanceOf(
      IdentityProviderUnavailableError,
    );
    return running;
  };
  const elsewhere = 'http://keys.example/keys';

  test.each<[string, () => Record<string, RequestListener>, RegExp]>([
    ['is not there', () => ({}), /404/],
    [
      'is another one',
      () => ({ [CONFIGURATION]: json({ issuer: 'https://else.example' }) }),
      /else\.example/,
    ],
    ['names no keys', () => ({ [CONFIGURATION]: json({ issuer }) }), /jwks_uri/],
    [
      'has its keys where anybody may change them',
      () => ({ [CONFIGURATION]: json({ issuer, jwks_uri: elsewhere }) }),
      /https/,
    ],
    [
      'answers with a page',
      () => ({ [CONFIGURATION]: (_, response) => void response.end('<html>') }),
      /JSON/,
    ],
    ['answers with null', () => ({ [CONFIGURATION]: json(null) }), /not a JSON object/],
    ['says nothing of its keys', () => ({ ...documents, '/keys': json({ key: [] }) }), /Key Set/],
    ['has keys that are none', () => ({ ...documents, '/keys': json({ keys: [1] }) }), /Key Set/],
    [
      'sends without end',
      () => ({ [CONFIGURATION]: (_, response) => void response.end('9'.repeat(300_000)) }),
      /longer than/,
    ],
    [
      'sends elsewhere',
      () => ({ [CONFIGURATION]: (_, response) => void response.writeHead(302, { location: '/keys' }).end() }),
      /302/,
    ],
  ])(
    'because it %s: its tokens are neither refused nor accepted, and the log says why',
    async (_, brokenDocuments, message) => {
      documents = brokenDocuments();
      await unavailable();
      expect(logged.join('\n')).toMatch(message);
    },
  );

  test('is reported once if one of its keys cannot be read', async () => {
    documents['/keys'] = json({ keys: [{ ...publicPart(key), x: 'AA' }] });
    const { verifier } = await startProvider();
    for (let times = 0; times < 3; times += 1) {
      await expect(verifier.verify(await signClaims(), Date.now())).rejects.toBeInstanceOf(
        IdentityProviderUnavailableError,
      );
    }
    expect(logged).toEqual([expect.stringMatching(/one of its keys/)]);
  });

  test('that does not respond is waited for only until the timeout', async () => {
    documents[CONFIGURATION] = () => undefined;
    await unavailable({ timeout: 50 });
    expect(logged).toHaveLength(1);
  });

  test('is requested again until it responds, and both are reported once', async () => {
    const { port } = server.address() as AddressInfo;
    await goDown();
    const running = await unavailable({ retry: 40 });
    expect(logged).toEqual([expect.stringMatching(/cannot be used.*ECONNREFUSED/)]);
    await listen(port);
    await until(() => running.provider.isReady);
    expect(await running.verifier.verify(await signClaims(), Date.now())).toMatchObject({ subject: 'ann' });
    expect(logged).toHaveLength(2);
    expect(logged[1]).toMatch(/is available again/);
  });

  test('receives no requests for a while, however many tokens need it', async () => {
    documents = {};
    const { verifier } = await unavailable({ retry: 60_000 });
    for (let times = 0; times < 20; times += 1) {
      await expect(verifier.verify(await signClaims(), Date.now())).rejects.toBeInstanceOf(
        IdentityProviderUnavailableError,
      );
    }
    expect(requestedPaths).toEqual([CONFIGURATION]);
  });

  test('after it has responded before: its keys stay valid for a while, and then are unavailable', async () => {
    const { provider: failing, verifier } = await startProvider({
      keys: 1_000,
      cooldown: 0,
      refresh: 60_000,
    });
    const bearer = await signClaims();
    await verifier.verify(bearer, Date.now());
    await goDown();
    // The token's key is one that only the provider could have.
    await expect(verifier.verify(await signClaims({}, otherKey), Date.now())).rejects.toBeInstanceOf(
      IdentityProviderUnavailableError,
    );
    expect(failing.failure).toMatch(/ECONNREFUSED/);
    expect(verifier.verifyCached(bearer, Date.now())).toMatchObject({ subject: 'ann' });
    await until(() => !failing.isReady);
    expect(verifier.verifyCached(bearer, Date.now())).toBeNull();
    await expect(verifier.verify(bearer, Date.now())).rejects.toBeInstanceOf(
      IdentityProviderUnavailableError,
    );
  });
});
