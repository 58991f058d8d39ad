import { readFileSync } from 'node:fs';
import { messageOf } from '#event-sourcing/errors';
import type { SignInSettings } from '#identity/provider-sign-in';

const DEFAULT_PARAMETERS = 'scope=openid';

/** Parameters of the protocol, which settings must not change. */
const PROTOCOL = [
  'client_id',
  'redirect_uri',
  'response_type',
  'state',
  'nonce',
  'code_challenge',
  'code_challenge_method',
];
const isProtocolParameter = (name: string): boolean => PROTOCOL.includes(name);

/**
 * Reads the settings of signing in to the pages. Returns null if they are not configured, so that no one can sign in.
 * @throws RangeError that names the invalid setting
 */
export function readSignIn(
  env: NodeJS.ProcessEnv,
  { hasProvider, hasPublicUrl }: { readonly hasProvider: boolean; readonly hasPublicUrl: boolean },
): SignInSettings | null {
  const clientId = env['DOCKET_OIDC_CLIENT_ID'];
  const secretFile = env['DOCKET_OIDC_CLIENT_SECRET_FILE'] ?? null;
  if (clientId === undefined) {
    if (secretFile === null) return null;
    throw new RangeError(
      'DOCKET_OIDC_CLIENT_SECRET_FILE is set without DOCKET_OIDC_CLIENT_ID; set both, or neither',
    );
  }
  if (clientId.trim() === '')
    throw new RangeError('DOCKET_OIDC_CLIENT_ID is empty; set it to the service’s client id at the provider');
  if (!hasProvider)
    throw new RangeError('DOCKET_OIDC_CLIENT_ID is set without DOCKET_OIDC_ISSUER; set both, or neither');
  if (!hasPublicUrl)
    throw new RangeError(
      'DOCKET_OIDC_CLIENT_ID requires DOCKET_PUBLIC_URL; set it to the public address of the service, to which the provider redirects people',
    );
  return {
    clientId,
    clientSecret: secretFile === null ? null : secretIn(secretFile),
    parameters: parametersOf(env['DOCKET_OIDC_PARAMETERS'] ?? DEFAULT_PARAMETERS),
  };
}

/** Returns the secret in a file, without white space around it. */
function secretIn(path: string): string {
  let secret: string;
  try {
    secret = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new RangeError(`DOCKET_OIDC_CLIENT_SECRET_FILE: ${path} cannot be read: ${messageOf(error)}`);
  }
  if (secret !== '') return secret;
  throw new RangeError(
    `DOCKET_OIDC_CLIENT_SECRET_FILE: ${path} is empty; it must contain the client's secret`,
  );
}

function parametersOf(text: string): Readonly<Record<string, string>> {
  const parameters = Object.fromEntries(new URLSearchParams(text));
  const protocolParameter = Object.keys(parameters).find(isProtocolParameter);
  if (protocolParameter !== undefined)
    throw new RangeError(
      `DOCKET_OIDC_PARAMETERS names "${protocolParameter}", which Docket sets itself; remove it`,
    );
  if (parameters['scope']?.split(' ').includes('openid') !== true)
    throw new RangeError(
      `DOCKET_OIDC_PARAMETERS is "${text}"; set it to a query string whose scope includes openid, such as "${DEFAULT_PARAMETERS}"`,
    );
  return parameters;
}
