import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { tmpdir } from 'node:os';
import { importJWK, SignJWT } from 'jose';
import type { JWK } from 'jose';
import { startWarm } from './service-child.ts';

export type Algorithm = 'RS256' | 'PS256' | 'ES256' | 'EdDSA';
export type Claims = Readonly<Record<string, unknown>>;

/** A private key, with its algorithm. */
export type SigningKey = JWK & { readonly kty: string; readonly kid: string; readonly alg: Algorithm };

/** The settings of the provider's process. */
export interface ProviderProgram {
  readonly port: number;
  readonly keys: readonly SigningKey[];
  readonly audience: string;
  /** The claims in a person's tokens, in addition to the subject. */
  readonly people: Readonly<Record<string, Claims>>;
  readonly tokenSeconds: number;
  /** The addresses to which people return after they sign in at pages. */
  readonly redirectUris: readonly string[];
  readonly pagesClient: { readonly id: string; readonly secret: string };
}

export const AUDIENCE = 'https://docket.example';

const privateKey = (alg: Algorithm): KeyObject => {
  if (alg === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  if (alg === 'EdDSA') return generateKeyPairSync('ed25519').privateKey;
  return generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey;
};

/** Creates a key; with another key's id if `kid` is set. */
export const signingKey = (alg: Algorithm, kid: string = randomUUID()): SigningKey => ({
  ...(privateKey(alg).export({ format: 'jwk' }) as JWK & { kty: string }),
  kid,
  alg,
  use: 'sig',
});

/** Returns the public part of a key. */
export const publicPart = ({ kty, n, e, crv, x, y, kid, alg, use }: SigningKey): object => ({
  ...{ kty, n, e, crv, x, y, kid, alg, use },
});

/** Returns a token with any claims, signed correctly as by the provider, or wrongly. */
export const signAs = async (key: SigningKey, claims: Claims, header: object = {}): Promise<string> =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header })
    .sign(await importJWK(key, key.alg));

/** Returns the claims of an issuer's access token that is valid for five minutes. */
export const accessClaims = (issuer: string, more: Claims = {}): Claims => {
  const now = Math.floor(Date.now() / 1_000);
  return { iss: issuer, aud: AUDIENCE, sub: 'ann', roles: ['inspector'], iat: now, exp: now + 300, ...more };
};

export type RunningProvider = Awaited<ReturnType<typeof startProvider>>;

/** Starts a real provider in its own process. On a fixed port, it replaces an earlier one. */
export async function startProvider({
  keys,
  people,
  port = 0,
  tokenSeconds = 300,
  redirectUris = [],
}: {
  readonly keys: readonly SigningKey[];
  readonly people: ProviderProgram['people'];
  readonly port?: number;
  readonly tokenSeconds?: number;
  readonly redirectUris?: readonly string[];
}) {
  const program: ProviderProgram = {
    port,
    keys,
    people,
    tokenSeconds,
    redirectUris,
    pagesClient: PAGES_CLIENT,
    audience: AUDIENCE,
  };
  const started = startWarm('provider', { OPENID_PROVIDER: JSON.stringify(program) }, tmpdir());
  const [, issuer = ''] = await started.printed(/^Provider is ready at (\S+)$/m);

  /** Requests an access token for a person from the provider. */
  const token = async (person: string, resource = `${AUDIENCE_OF_KEY}${keys[0]?.alg ?? ''}`) => {
    const answer = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${person}:${encodeURIComponent(`secret of ${person}`)}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource }),
    });
    const { access_token } = (await answer.json()) as { access_token?: string };
    if (access_token === undefined) throw new Error(`${person} got no token: ${answer.status}`);
    return access_token;
  };
  return { issuer, token, port: Number(new URL(issuer).port), stop: () => started.end('SIGTERM') };
}

/** The client with which the pages sign people in. */
export const PAGES_CLIENT = { id: 'docket-pages', secret: 'secret of the pages' };

/** The prefix of the resources whose tokens are signed with an algorithm, which is the end of their name. */
const AUDIENCE_OF_KEY = 'urn:docket:api:';
