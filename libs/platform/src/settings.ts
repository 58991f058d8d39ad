import { Cron } from 'croner';
import { userInfo } from 'node:os';

/** Settings that cannot be used; the message names the setting and what it takes. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** Where events are stored. */
export type StoreAddress = { readonly kind: 'sqlite'; readonly path: string } | { readonly kind: 'memory' };

export interface Settings {
  readonly store: StoreAddress;
  /** The read models' SQLite file; null keeps them in memory, beside a store in memory. */
  readonly readModels: string | null;
  readonly host: string;
  readonly port: number;
  readonly developmentKey: string;
  readonly logLevel: string;
  /** When deadlines are swept: a cron expression in London's time, or null for never. */
  readonly sweep: string | null;
}

export const DEFAULT_STORE = 'sqlite:data/docket.sqlite';
export const DEFAULT_DEVELOPMENT_KEY = 'data/development-key.jwk';
/** A few minutes after the hour, so that a new day's first sweep does not race its beginning. */
const HOURLY = '3 * * * *';
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/**
 * The settings of the environment.
 * @throws SettingsError naming the setting that cannot be used.
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  if (env['DOCKET_OIDC_ISSUER'] !== undefined) {
    // Going on with development tokens would let in whoever can read the local key.
    throw new SettingsError(
      'DOCKET_OIDC_ISSUER is set; this version checks development tokens only, so unset it',
    );
  }
  const store = parseStore(env['DOCKET_STORE'] ?? DEFAULT_STORE, 'DOCKET_STORE');
  return {
    store,
    readModels: parseReadModels(env['DOCKET_READ_MODELS'], store),
    host: loopback(env['HOST'] ?? '127.0.0.1'),
    port: parsePort(env['PORT'] ?? '3000'),
    developmentKey: env['DOCKET_DEVELOPMENT_KEY'] ?? DEFAULT_DEVELOPMENT_KEY,
    logLevel: parseLogLevel(env['DOCKET_LOG_LEVEL'] ?? 'info'),
    sweep: parseSweep(env['DOCKET_SWEEP'] ?? HOURLY),
  };
}

/** @throws SettingsError for an address of another form. */
export function parseStore(address: string, setting: string): StoreAddress {
  if (address === 'memory:') return { kind: 'memory' };
  const [, path] = /^sqlite:(.+)$/.exec(address) ?? [];
  if (path !== undefined) return { kind: 'sqlite', path };
  throw new SettingsError(`${setting} is "${withoutPassword(address)}"; it takes sqlite:PATH or memory:`);
}

/** Read models of a file lie beside it, since they belong to that log. */
function parseReadModels(address: string | undefined, store: StoreAddress): string | null {
  if (address === undefined) {
    return store.kind === 'memory' ? null : `${store.path.replace(/\.(sqlite|db)$/, '')}.read-models.sqlite`;
  }
  const parsed = parseStore(address, 'DOCKET_READ_MODELS');
  if (parsed.kind === 'sqlite' && store.kind === 'memory') {
    throw new SettingsError(
      'DOCKET_READ_MODELS cannot be a file while DOCKET_STORE is memory:, which is gone with the process',
    );
  }
  if (parsed.kind === 'memory' && store.kind !== 'memory') {
    throw new SettingsError(
      'DOCKET_READ_MODELS takes sqlite:PATH; read models in memory go with DOCKET_STORE=memory: only',
    );
  }
  return parsed.kind === 'sqlite' ? parsed.path : null;
}

const withoutPassword = (address: string): string => address.replace(/\/\/[^@/]*@/, '//…@');

/** Development tokens prove nothing to a network: with the development key the service is for this machine only. */
function loopback(host: string): string {
  if (host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)) return host;
  throw new SettingsError(
    `HOST is "${host}"; with the development key the service binds to a loopback address only, such as 127.0.0.1`,
  );
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new SettingsError(`PORT is "${text}"; it takes a whole number from 0 (any free port) to 65535`);
}

function parseSweep(text: string): string | null {
  if (text === 'off') return null;
  try {
    // Paused, it only says whether it can be read.
    if (new Cron(text, { paused: true }).nextRun() !== null) return text;
  } catch {
    // What is wrong is told below.
  }
  throw new SettingsError(
    `DOCKET_SWEEP is "${text}"; it takes a cron expression that comes again, such as "${HOURLY}" (hourly), or off`,
  );
}

function parseLogLevel(level: string): string {
  if (LOG_LEVELS.includes(level)) return level;
  throw new SettingsError(`DOCKET_LOG_LEVEL is "${level}"; it takes one of ${LOG_LEVELS.join(', ')}`);
}

/** Who acts on the command line where nobody is named. */
export function commandLineSubject(): string {
  try {
    return `cli:${userInfo().username}`;
  } catch {
    // A user id without an entry in the password file has no name.
    return 'cli:unknown';
  }
}
