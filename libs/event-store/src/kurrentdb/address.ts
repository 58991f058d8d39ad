/** Where a KurrentDB store is. */
export interface KurrentdbAddress {
  /** What the client connects with, password included: never to be printed. */
  readonly connectionString: string;
  /** The same login for calls that name it: the client's reads take a password with % codes as it stands. */
  readonly login: { readonly username: string; readonly password: string } | null;
  /** A node each, with its port. */
  readonly hosts: readonly string[];
  /** The beginning of the names of the store's streams: several stores may share a cluster. */
  readonly prefix: string;
  /** The address as people may see it. */
  readonly shown: string;
}

const DEFAULT_PORT = 2113;
const DEFAULT_PREFIX = 'docket';
const PREFIX = /^[a-z][a-z0-9_]{0,39}$/;
const SCHEME = /^(?:kurrentdb|kurrent|kdb|esdb)(?:\+discover)?:\/\//;
/** Scheme, what stands before the last @, hosts, and what stands behind the ?. */
const ADDRESS = /^([a-z+]+):\/\/(?:([^/?]*)@)?([^@/?]+)\/?(?:\?(.*))?$/;
const HOSTS = /^[\w.-]+(?::\d{1,5})?(?:,[\w.-]+(?::\d{1,5})?)*$/;
/** What the client takes behind the ?; it passes over anything else with a warning of its own. */
const PARAMETERS = new Map(
  [
    'userCertFile',
    'userKeyFile',
    'maxDiscoverAttempts',
    'connectionName',
    'defaultDeadline',
    'discoveryInterval',
    'gossipTimeout',
    'nodePreference',
    'tls',
    'tlsVerifyCert',
    'tlsCAFile',
    'keepAliveInterval',
    'keepAliveTimeout',
  ].map((name) => [name.toLowerCase(), name]),
);
/** How often the leader is looked for, and how many times: the client's reads never find it at the first. */
const DISCOVERY = { discoveryInterval: 50, maxDiscoverAttempts: 40 };
/** What the values of the other parameters are: the client's own error would carry the whole address. */
const VALUES: Readonly<Record<string, RegExp>> = {
  tls: /^(?:true|false)$/,
  tlsVerifyCert: /^(?:true|false)$/,
  nodePreference: /^(?:leader|follower|random|readOnlyReplica)$/,
  maxDiscoverAttempts: /^\d{1,9}$/,
  defaultDeadline: /^[1-9]\d{0,8}$/,
  discoveryInterval: /^\d{1,9}$/,
  gossipTimeout: /^\d{1,9}$/,
  keepAliveInterval: /^(?:-1|\d{1,9})$/,
  keepAliveTimeout: /^(?:-1|\d{1,9})$/,
};
const FORM = 'it takes kurrentdb://USER:PASSWORD@HOST:PORT,HOST:PORT?tls=true&prefix=NAME';

/** Whether an address names a KurrentDB server at all. */
export const isKurrentdbAddress = (address: string): boolean => SCHEME.test(address);

/**
 * `kurrentdb://USER:PASSWORD@HOST:PORT?prefix=NAME`, one host or a cluster's gossip seeds, or `kurrentdb+discover://` with
 * a name in DNS; the client's parameters (`tls`, `tlsCAFile`, `nodePreference`, …) beside `prefix`.
 * @throws RangeError for an address of another form; its message holds no password.
 */
export function parseKurrentdbAddress(address: string): KurrentdbAddress {
  const [, scheme, login, hosts, query] = ADDRESS.exec(address.trim()) ?? [];
  if (scheme === undefined || hosts === undefined || !SCHEME.test(address) || !HOSTS.test(hosts)) {
    throw new RangeError(`${FORM}, with % codes for what addresses reserve`);
  }
  if (login !== undefined && !/^[^:@]+:[^:@]+$/.test(login)) {
    throw new RangeError('USER:PASSWORD stands before the @, with % codes for : and @ in either');
  }
  const parameters = [...new URLSearchParams(query)];
  const prefix = parameters.find(([name]) => name === 'prefix')?.[1] ?? DEFAULT_PREFIX;
  if (!PREFIX.test(prefix)) {
    throw new RangeError(`the prefix "${prefix}" is no name of at most 40 small letters, digits and _`);
  }
  const passedOn = parameters.filter(([name]) => name !== 'prefix').map(parameterFor);
  for (const [name, value] of Object.entries(DISCOVERY)) {
    if (!passedOn.some((parameter) => parameter.startsWith(`${name}=`))) passedOn.push(`${name}=${value}`);
  }
  const own = scheme.replace(/^(?:kurrent|kdb|esdb)(?=\+|$)/, 'kurrentdb');
  return {
    connectionString: `${own}://${login === undefined ? '' : `${login}@`}${hosts}?${passedOn.join('&')}`,
    login: login === undefined ? null : loginOf(login),
    hosts: hosts.split(',').map((host) => (host.includes(':') ? host : `${host}:${DEFAULT_PORT}`)),
    prefix,
    shown: `${own}://${login === undefined ? '' : `${login.split(':')[0]}@`}${hosts}?prefix=${prefix}`,
  };
}

function loginOf(login: string): { username: string; password: string } {
  const [username = '', password = ''] = login.split(':').map(decodedPart);
  return { username, password };
}

function decodedPart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new RangeError('USER:PASSWORD holds a % that begins no code; write %25 for it');
  }
}

function parameterFor([name, value]: readonly [string, string]): string {
  const known = PARAMETERS.get(name.replaceAll(/[_-]/g, '').toLowerCase());
  if (known === undefined) {
    throw new RangeError(
      `"${name}" is no parameter; there are prefix, ${[...PARAMETERS.values()].join(', ')}`,
    );
  }
  const form = VALUES[known] ?? /./s;
  if (!form.test(value)) throw new RangeError(`${known} cannot be "${value}"; it takes ${form.source}`);
  return `${known}=${encodeURIComponent(value)}`;
}
