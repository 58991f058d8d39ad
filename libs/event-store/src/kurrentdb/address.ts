/** The address of a KurrentDB store. */
export interface KurrentdbAddress {
  /** The connection string for the client. It contains the password: never print it. */
  readonly connectionString: string;
  /** The login, for calls that require it: the client's reads do not decode % codes in a password. */
  readonly login: { readonly username: string; readonly password: string } | null;
  /** The nodes, each with its port. */
  readonly hosts: readonly string[];
  /** The prefix of the store's stream names, because several stores may share a cluster. */
  readonly prefix: string;
  /** True if a server older than 25.1 is accepted, although it refuses commands on several streams. */
  readonly acceptsOlder: boolean;
  /** The address for display, without the password. */
  readonly shown: string;
}

const DEFAULT_PORT = 2113;
const DEFAULT_PREFIX = 'docket';
const PREFIX = /^[a-z][a-z0-9_]{0,39}$/;
const SCHEME = /^(?:kurrentdb|kurrent|kdb|esdb)(?:\+discover)?:\/\//;
/** Matches the scheme, the login before the last @, the hosts, and the parameters after the ?. */
const ADDRESS = /^([a-z+]+):\/\/(?:([^/?]*)@)?([^@/?]+)\/?(?:\?(.*))?$/;
const HOSTS = /^[\w.-]+(?::\d{1,5})?(?:,[\w.-]+(?::\d{1,5})?)*$/;
/** The interval and number of attempts to find the leader. The client's reads never find it at the first attempt. */
const DISCOVERY = { discoveryInterval: 50, maxDiscoverAttempts: 40 };
/** Docket's own parameters, which the client does not receive. */
const OWN = ['prefix', 'acceptOlder'] as const;
const YES_OR_NO = [/^(?:true|false)$/, 'true or false'] as const;
const WHOLE = [/^\d{1,9}$/, 'a whole number'] as const;
const INTERVAL = [/^(?:-1|\d{1,9})$/, 'milliseconds, or -1 for never'] as const;
const FILE = [/./s, 'a path'] as const;
/**
 * The valid values of parameters. They are checked here because errors of the client would contain the whole address.
 */
const VALUES: Readonly<Record<string, readonly [RegExp, string]>> = {
  userCertFile: FILE,
  userKeyFile: FILE,
  tlsCAFile: FILE,
  connectionName: [/^[\x20-\x7e]{1,100}$/, 'at most 100 ASCII characters'],
  nodePreference: [
    /^(?:leader|follower|random|readOnlyReplica)$/,
    'leader, follower, random or readOnlyReplica',
  ],
  acceptOlder: YES_OR_NO,
  tls: YES_OR_NO,
  tlsVerifyCert: YES_OR_NO,
  maxDiscoverAttempts: WHOLE,
  defaultDeadline: [/^[1-9]\d{0,8}$/, 'milliseconds from 1'],
  discoveryInterval: WHOLE,
  gossipTimeout: WHOLE,
  keepAliveInterval: INTERVAL,
  keepAliveTimeout: INTERVAL,
};
/** The parameters by their lower-case names. The client ignores others with a warning of its own. */
const PARAMETERS = new Map(
  [...new Set([...OWN, ...Object.keys(VALUES)])].map((name) => [name.toLowerCase(), name]),
);
const PORT_MAX = 65_535;
const FORM = 'the address must be kurrentdb://USER:PASSWORD@HOST:PORT,HOST:PORT?tls=true&prefix=NAME';

export const isKurrentdbAddress = (address: string): boolean => SCHEME.test(address);

/**
 * Returns the parsed address: `kurrentdb://USER:PASSWORD@HOST:PORT?prefix=NAME`, with one host or a cluster's gossip
 * seeds, or `kurrentdb+discover://` with a DNS name. Accepts the client's parameters (`tls`, `tlsCAFile`,
 * `nodePreference`, …), `prefix` and `acceptOlder`.
 * @throws RangeError for an invalid address; its message contains no password.
 */
export function parseKurrentdbAddress(address: string): KurrentdbAddress {
  const [, scheme, login, hosts, query] = ADDRESS.exec(address.trim()) ?? [];
  if (scheme === undefined || hosts === undefined || !SCHEME.test(address) || !HOSTS.test(hosts)) {
    throw new RangeError(`${FORM}, with reserved characters as % codes`);
  }
  if (login !== undefined && !/^[^:@]+:[^:@]+$/.test(login)) {
    throw new RangeError('USER:PASSWORD must precede the @, with % codes for : and @ in either');
  }
  if (hosts.split(',').some((host) => Number(host.split(':')[1] ?? 0) > PORT_MAX)) {
    throw new RangeError(`a port is a number up to ${PORT_MAX}`);
  }
  // The @ may end a password.
  if (query?.includes('@')) throw new RangeError('write an @ after the ? as %40, and a ? before it as %3F');
  const parameters = [...new URLSearchParams(query)].map(([name, value]) => {
    return [PARAMETERS.get(flat(name)) ?? name, value] as const;
  });
  const names = parameters.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new RangeError(`the parameter "${twice}" occurs twice`);
  const { prefix = DEFAULT_PREFIX, acceptOlder = 'false' } = Object.fromEntries(parameters);
  if (!PREFIX.test(prefix)) {
    throw new RangeError(`the prefix "${prefix}" must be at most 40 lower-case letters, digits and _`);
  }
  const written = parameters.map(parameterFor);
  const passedOn = written.filter((parameter) => !OWN.some((name) => parameter.startsWith(`${name}=`)));
  for (const [name, value] of Object.entries(DISCOVERY)) {
    if (!passedOn.some((parameter) => parameter.startsWith(`${name}=`))) passedOn.push(`${name}=${value}`);
  }
  const own = scheme.replace(/^(?:kurrent|kdb|esdb)(?=\+|$)/, 'kurrentdb');
  return {
    connectionString: `${own}://${login === undefined ? '' : `${login}@`}${hosts}?${passedOn.join('&')}`,
    login: login === undefined ? null : loginOf(login),
    hosts: hosts.split(',').map((host) => (host.includes(':') ? host : `${host}:${DEFAULT_PORT}`)),
    prefix,
    acceptsOlder: acceptOlder === 'true',
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
    throw new RangeError('USER:PASSWORD contains a % without a code; write %25 for it');
  }
}

function parameterFor([name, value]: readonly [string, string]): string {
  if (!PARAMETERS.has(flat(name))) {
    throw new RangeError(
      `the parameter "${name}" does not exist; use ${[...PARAMETERS.values()].join(', ')}`,
    );
  }
  const [form, expected] = VALUES[name] ?? FILE;
  if (!form.test(value)) throw new RangeError(`${name} cannot be "${value}"; it must be ${expected}`);
  return `${name}=${encodeURIComponent(value)}`;
}

const flat = (name: string): string => name.replaceAll(/[_-]/g, '').toLowerCase();
