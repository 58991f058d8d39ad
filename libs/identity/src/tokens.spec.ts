import { createHmac, createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SignJWT } from 'jose';
import { InvalidTokenError } from './identity-errors.ts';
import {
  DEVELOPMENT_AUDIENCE,
  DEVELOPMENT_ISSUER,
  developmentIssuer,
  issueToken,
  TOKEN_LENGTH_MAX,
  TokenVerifier,
} from './tokens.ts';

const NOW = Date.parse('2026-11-24T10:00:00.000Z');
const NOW_S = NOW / 1_000;
const key = createSecretKey(Buffer.alloc(32, 1));
const person = {
  subject: 's-1',
  roles: ['inspector', 'approver'],
  organisations: ['essex'],
  name: 'A. Person',
};

const verifier = (limit?: number) => new TokenVerifier(developmentIssuer(key), limit);
const token = (more: Partial<Parameters<typeof issueToken>[1]> = {}) =>
  issueToken(key, { ...person, expiresInSeconds: 60, ...more }, NOW);

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part: string) =>
  JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;

const wholesomeClaims = {
  sub: 's-1',
  roles: ['inspector'],
  organisations: [],
  iss: DEVELOPMENT_ISSUER,
  aud: DEVELOPMENT_AUDIENCE,
  iat: NOW_S,
  exp: NOW_S + 60,
};

const signClaims = (claims: Record<string, unknown>, by: KeyObject = key, alg = 'HS256') =>
  new SignJWT({ ...wholesomeClaims, ...claims }).setProtectedHeader({ alg }).sign(by);

/** Returns a signed token with a `typ` header. */
const typed = (typ: unknown) => {
  const parts = `${encode({ alg: 'HS256', typ })}.${encode(wholesomeClaims)}`;
  return `${parts}.${createHmac('sha256', key).update(parts).digest('base64url')}`;
};

async function expectRefused(bearer: string, code: InvalidTokenError['code'], now = NOW): Promise<void> {
  const checking = verifier();
  await expect(checking.verify(bearer, now)).rejects.toBeInstanceOf(InvalidTokenError);
  await expect(checking.verify(bearer, now)).rejects.toMatchObject({ code });
  expect(checking.verifyCached(bearer, now)).toBeNull();
}

describe('a token', () => {
  test('identifies the user to whom it was issued', async () => {
    expect(await verifier().verify(await token(), NOW)).toEqual({
      ...person,
      expiresAt: NOW + 60_000,
      issuedAt: NOW,
    });
  });

  test('carries the documented claims and nothing more', async () => {
    const [header, claims] = (await token()).split('.');
    expect(decode(header!)).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(decode(claims!)).toEqual({
      sub: 's-1',
      name: 'A. Person',
      roles: ['inspector', 'approver'],
      organisations: ['essex'],
      iss: 'urn:docket:development',
      aud: 'urn:docket:api',
      iat: NOW_S,
      exp: NOW_S + 60,
    });
  });

  test('needs no name', async () => {
    const { name: _, ...nameless } = person;
    const bearer = await issueToken(key, { ...nameless, expiresInSeconds: 60 }, NOW);
    expect(await verifier().verify(bearer, NOW)).toEqual({
      ...person,
      name: null,
      expiresAt: NOW + 60_000,
      issuedAt: NOW,
    });
  });

  test('is valid until the second in which it expires, exclusive', async () => {
    const bearer = await token({ expiresInSeconds: 60 });
    await expect(verifier().verify(bearer, NOW + 59_999)).resolves.toMatchObject({ subject: 's-1' });
    await expectRefused(bearer, 'expired', NOW + 60_000);
  });

  test('is not issued without a subject, or with more than a verifier reads', async () => {
    await expect(token({ subject: '' })).rejects.toMatchObject({ code: 'invalid-claim' });
    await expect(token({ roles: ['x'.repeat(65)] })).rejects.toMatchObject({ code: 'invalid-claim' });
    await expect(token({ organisations: ['Essex'] })).rejects.toMatchObject({ code: 'invalid-claim' });
    const organisations = Array.from({ length: 100 }, (_, index) => String(index).padStart(63, 'o'));
    await expect(token({ organisations })).rejects.toMatchObject({ code: 'malformed' });
  });
});

describe('the refusals', () => {
  test.each(['', '.', '..', 'x', 'a.b.c', 'a.b.c.d', 'Bearer x', '\u0000', 'ü.ü.ü'])(
    'no token at all: %j',
    async (bearer) => expectRefused(bearer, 'malformed'),
  );

  test('with any other text, without an error of another kind', async () => {
    const part = fc.oneof(
      fc.string(),
      fc.base64String(),
      fc.json().map((text) => Buffer.from(text).toString('base64url')),
      fc.constant(encode({ alg: 'HS256' })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 5 }), async (parts) => {
        await expect(verifier().verify(parts.join('.'), NOW)).rejects.toBeInstanceOf(InvalidTokenError);
      }),
    );
  });

  test.each(['none', 'None', 'NONE', ''])('alg %j, made by hand', async (alg) => {
    const [, claims, signature] = (await token()).split('.');
    for (const last of ['', signature!]) {
      const checking = verifier().verify(`${encode({ alg, typ: 'JWT' })}.${claims}.${last}`, NOW);
      await expect(checking).rejects.toBeInstanceOf(InvalidTokenError);
    }
    await expectRefused(`${encode({ alg: 'none' })}.${claims}.`, 'wrong-algorithm');
  });

  test('another algorithm, with the very same key', async () => {
    await expectRefused(
      await signClaims({}, createSecretKey(Buffer.alloc(64, 1)), 'HS512'),
      'wrong-algorithm',
    );
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await expectRefused(await signClaims({}, privateKey, 'ES256'), 'wrong-algorithm');
  });

  test('the same claims signed with a different key', async () => {
    await expectRefused(await signClaims({}, createSecretKey(randomBytes(32))), 'wrong-signature');
  });

  test('a payload that was swapped', async () => {
    const [header, claims, signature] = (await token()).split('.');
    const raised = encode({ ...decode(claims!), roles: ['approver', 'auditor'] });
    await expectRefused(`${header}.${raised}.${signature}`, 'wrong-signature');
  });

  test('a signature with one bit changed, cut off, or missing', async () => {
    const [header, claims, signature] = (await token()).split('.');
    const bytes = Buffer.from(signature!, 'base64url');
    bytes[0]! ^= 1;
    await expectRefused(`${header}.${claims}.${bytes.toString('base64url')}`, 'wrong-signature');
    await expectRefused(`${header}.${claims}.${signature!.slice(0, 20)}`, 'wrong-signature');
    await expectRefused(`${header}.${claims}.`, 'wrong-signature');
  });

  test('a header that requires an unknown extension', async () => {
    const bearer = await new SignJWT(wholesomeClaims)
      .setProtectedHeader({ alg: 'HS256', crit: ['exp'], exp: 1 })
      .sign(key, { crit: { exp: true } });
    await expectRefused(bearer, 'malformed');
  });

  test.each<[string, Record<string, unknown>, InvalidTokenError['code']]>([
    ['another issuer', { iss: 'https://elsewhere.example' }, 'wrong-issuer'],
    ['no issuer', { iss: undefined }, 'wrong-issuer'],
    ['a list of issuers', { iss: [DEVELOPMENT_ISSUER] }, 'wrong-issuer'],
    ['another audience', { aud: 'urn:other:api' }, 'wrong-audience'],
    ['no audience', { aud: undefined }, 'wrong-audience'],
    ['other audiences', { aud: ['a', 'b'] }, 'wrong-audience'],
    ['no expiry', { exp: undefined }, 'invalid-claim'],
    ['an expiry that is a text', { exp: String(NOW_S + 60) }, 'invalid-claim'],
    ['an expiry of null', { exp: null }, 'invalid-claim'],
    ['an expiry in the past', { exp: NOW_S - 1 }, 'expired'],
    ['a start in the future', { nbf: NOW_S + 1 }, 'not-yet-valid'],
    ['a start that is a text', { nbf: 'now' }, 'invalid-claim'],
    ['no subject', { sub: undefined }, 'invalid-claim'],
    ['a subject that is a number', { sub: 1 }, 'invalid-claim'],
    ['a subject that is absurdly long', { sub: 'x'.repeat(256) }, 'invalid-claim'],
    ['roles that are a text', { roles: 'approver' }, 'invalid-claim'],
    ['roles that are not all texts', { roles: ['approver', 7] }, 'invalid-claim'],
    ['organisations that are null', { organisations: null }, 'invalid-claim'],
    ['a name that is an object', { name: { first: 'A.' } }, 'invalid-claim'],
  ])('%s', async (_, claims, code) => {
    await expectRefused(await signClaims(claims), code);
  });

  test('claims that are not an object', async () => {
    const header = encode({ alg: 'HS256' });
    await expectRefused(`${header}.${encode('claims')}.${'A'.repeat(43)}`, 'wrong-signature');
  });

  test('a token that is absurdly long, unread', async () => {
    const bearer = await signClaims({ note: 'x'.repeat(TOKEN_LENGTH_MAX) });
    await expectRefused(bearer, 'malformed');
  });

  test('with a reason that quotes nothing of the token', async () => {
    const hostile = '"><script>';
    for (const claims of [
      { iss: hostile },
      { aud: hostile },
      { roles: hostile },
      { sub: hostile.repeat(99) },
    ]) {
      const error = await verifier()
        .verify(await signClaims(claims), NOW)
        .catch((reason: unknown) => reason);
      expect((error as Error).message).toMatch(/^[\w ]+$/);
    }
  });
});

describe('the type that a token declares', () => {
  test.each(['JWT', 'jwt', 'at+jwt', 'AT+JWT', 'application/jwt', 'application/at+JWT', undefined])(
    'is accepted as %j',
    async (typ) => {
      expect(await verifier().verify(typed(typ), NOW)).toMatchObject({ subject: 's-1' });
    },
  );

  test.each([
    ...['logout+jwt', 'dpop+jwt', 'id_token+jwt', 'secevent+jwt', 'JWS', 'jwt ', 'text/jwt', 'xat+jwt', ''],
    ...[null, 7, ['JWT'], {}],
  ])('is refused as %j', async (typ) => {
    await expectRefused(typed(typ), 'wrong-type');
  });
});

describe('the accepted tokens', () => {
  test('one audience among several', async () => {
    const bearer = await signClaims({ aud: ['urn:other:api', DEVELOPMENT_AUDIENCE] });
    expect(await verifier().verify(bearer, NOW)).toMatchObject({ subject: 's-1' });
  });

  test('a token from the moment at which it starts', async () => {
    const bearer = await signClaims({ nbf: NOW_S + 1, exp: NOW_S + 60 });
    expect(await verifier().verify(bearer, NOW + 1_000)).toMatchObject({ subject: 's-1' });
  });
});

describe('a verified token', () => {
  test('is verified only once: the next time, the same object is returned', async () => {
    const checking = verifier();
    const bearer = await token();
    expect(checking.verifyCached(bearer, NOW)).toBeNull();
    const identity = await checking.verify(bearer, NOW);
    expect(checking.verifyCached(bearer, NOW + 59_999)).toBe(identity);
    expect(await checking.verify(bearer, NOW)).toBe(identity);
  });

  test('is not remembered beyond its expiry', async () => {
    const checking = verifier();
    const bearer = await token();
    await checking.verify(bearer, NOW);
    expect(checking.verifyCached(bearer, NOW + 60_000)).toBeNull();
    await expect(checking.verify(bearer, NOW + 60_000)).rejects.toMatchObject({ code: 'expired' });
    expect(checking.verifyCached(bearer, NOW)).toBeNull();
  });

  test('is refused before its start if the clock is set back', async () => {
    const checking = verifier();
    const bearer = await signClaims({ nbf: NOW_S + 1 });
    await checking.verify(bearer, NOW + 1_000);
    expect(checking.verifyCached(bearer, NOW)).toBeNull();
    await expect(checking.verify(bearer, NOW)).rejects.toMatchObject({ code: 'not-yet-valid' });
  });

  test('does not count for a token that differs only in its signature', async () => {
    const checking = verifier();
    const bearer = await token();
    await checking.verify(bearer, NOW);
    expect(checking.verifyCached(`${bearer}A`, NOW)).toBeNull();
    expect(checking.verifyCached(bearer.slice(0, -1), NOW)).toBeNull();
  });

  test('is forgotten when more tokens are in use than are remembered, the longest unused first', async () => {
    const checking = verifier(2);
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((subject) => token({ subject })));
    await checking.verify(a!, NOW);
    await checking.verify(b!, NOW);
    checking.verifyCached(a!, NOW);
    await checking.verify(c!, NOW);
    expect(checking.verifyCached(b!, NOW)).toBeNull();
    expect(checking.verifyCached(a!, NOW)).toMatchObject({ subject: 'a' });
    expect(checking.verifyCached(c!, NOW)).toMatchObject({ subject: 'c' });
    expect(await checking.verify(b!, NOW)).toMatchObject({ subject: 'b' });
  });
});
