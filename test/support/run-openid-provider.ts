/**
 * An OpenID Connect provider for tests, with its settings as JSON in `OPENID_PROVIDER`. Its clients are a journey's
 * people, who get access tokens by the client credentials grant, and the pages, where people sign in with any password.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';
import type { AsymmetricSigningAlgorithm, ClientMetadata, JWK } from 'oidc-provider';
import type { ProviderProgram } from './openid-provider.ts';

/** Returns the client of the pages, which uses the authorisation code flow. */
function pages({ keys, pagesClient, redirectUris }: ProviderProgram): ClientMetadata {
  return {
    client_id: pagesClient.id,
    client_secret: pagesClient.secret,
    token_endpoint_auth_method: 'client_secret_post',
    grant_types: ['authorization_code'],
    response_types: ['code'],
    redirect_uris: [...redirectUris],
    post_logout_redirect_uris: redirectUris.map((uri) => new URL('/signed-out', uri).href),
    id_token_signed_response_alg: keys[0]?.alg ?? 'RS256',
  };
}

function providerAt(issuer: string, program: ProviderProgram): Provider {
  const { keys, audience, people, tokenSeconds, redirectUris } = program;
  return new Provider(issuer, {
    jwks: { keys: [...keys] as JWK[] },
    clients: [
      ...(redirectUris.length === 0 ? [] : [pages(program)]),
      ...Object.keys(people).map((id): ClientMetadata => ({
        client_id: id,
        client_secret: `secret of ${id}`,
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
        id_token_signed_response_alg: keys[0]?.alg ?? 'RS256',
      })),
    ],
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    features: {
      clientCredentials: { enabled: true },
      // The provider's built-in pages for sign-in and consent accept any password.
      devInteractions: { enabled: redirectUris.length > 0 },
      rpInitiatedLogout: { enabled: redirectUris.length > 0 },
      resourceIndicators: {
        enabled: true,
        // The name of the resource contains the algorithm of its tokens, so that a journey can test each.
        getResourceServerInfo: (_, resource) => ({
          scope: '',
          audience,
          accessTokenTTL: tokenSeconds,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: resource.split(':').at(-1) as AsymmetricSigningAlgorithm } },
        }),
      },
    },
    extraTokenClaims: (_, token) => ({
      ...people['accountId' in token ? token.accountId : (token.clientId ?? '')],
    }),
  });
}

/** Runs the provider until a signal. Returns its address. */
export async function serve(): Promise<string> {
  const program = JSON.parse(process.env['OPENID_PROVIDER'] ?? '') as ProviderProgram;
  const server = createServer().listen(program.port, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const answer = providerAt(issuer, program).callback();
  server.on('request', (request, response) => void answer(request, response));
  process.once('SIGTERM', () => {
    server.close(() => process.exit());
    server.closeAllConnections();
  });
  process.stdout.write(`Provider is ready at ${issuer}\n`);
  return issuer;
}
