import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { importJWK, SignJWT } from 'jose';
import type { JWK } from 'jose';
import { startNode } from './service-child.ts';

export type Algorithm = 'RS256' | 'PS256' | 'ES256' | 'EdDSA';
export type Claims = Readonly<Record<string, unknown>>;

/** A private key, with the algorithm that it is for. */
export type SigningKey = JWK & { readonly kty: string; readonly kid: string; readonly alg: Algorithm };

/** What the provider's process is told. */
export interface ProviderProgram {
  readonly port: number;
  readonly keys: readonly SigningKey[];
  readonly audience: string;
  /** The claims that go into a person's tokens, beside the subject. */
  readonly people: Readonly<Record<string, Claims>>;
  readonly tokenSeconds: number;
  /** Where people who sign in at pages are sent back to. */
  readonly redirectUris: readonly string[];
  readonly pagesClient: { readonly id: string; readonly secret: string };
}

export const AUDIENCE = 'https://docket.example';

const privateKey = (alg: Algorithm): KeyObject => {
  if (alg === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  if (alg === 'EdDSA') return generateKeyPairSync('ed25519').privateKey;
  return generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey;
};

/** A new key; of another's id where one is given. */
export const signingKey = (alg: Algorithm, kid: string = randomUUID()): SigningKey => ({
  ...(privateKey(alg).export({ format: 'jwk' }) as JWK & { kty: string }),
  kid,
  alg,
  use: 'sig',
});

/** What anybody may know of a key. */
export const publicPart = ({ kty, n, e, crv, x, y, kid, alg, use }: SigningKey): object => ({
  ...{ kty, n, e, crv, x, y, kid, alg, use },
});

/** Signs any claims at all, as the provider would, or wrongly where a journey wants that. */
export const signAs = async (key: SigningKey, claims: Claims, header: object = {}): Promise<string> =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header })
    .sign(await importJWK(key, key.alg));

/** The claims of an access token of an issuer that holds for five minutes. */
export const accessClaims = (issuer: string, more: Claims = {}): Claims => {
  const now = Math.floor(Date.now() / 1_000);
  return { iss: issuer, aud: AUDIENCE, sub: 'ann', roles: ['inspector'], iat: now, exp: now + 300, ...more };
};

export type RunningProvider = Awaited<ReturnType<typeof startProvider>>;

/** A real provider in a process of its own; on a port that is given, it is the one that was there before. */
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
  const script = fileURLToPath(new URL('./run-openid-provider.ts', import.meta.url));
  const started = startNode([script, JSON.stringify(program)], {});
  const [, issuer = ''] = await started.printed(/^Provider is ready at (\S+)$/m);

  /** An access token for a person, as the provider makes it. */
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
  return { issuer, token, port: Number(new URL(issuer).port), stop: () => started.end('SIGKILL') };
}

/** The client that pages sign people in as. */
export const PAGES_CLIENT = { id: 'docket-pages', secret: 'secret of the pages' };

/** The resource whose tokens are signed with an algorithm: this, and its name. */
const AUDIENCE_OF_KEY = 'urn:docket:api:';
