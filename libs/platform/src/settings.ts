import { Cron } from 'croner';
import { userInfo } from 'node:os';
import type { Beside } from '#event-store/store-entry';
import { issuerOf, ProviderAddressError } from '#identity/provider-address';
import type { SignInSettings } from '#identity/provider-sign-in';
import { readSignIn } from './sign-in-settings.ts';
import { readCheckpointSettings } from './checkpoints/checkpoint-settings.ts';
import type { CheckpointSettings } from './checkpoints/checkpoint-settings.ts';
import { SLUG } from '#lifecycle/text-rules';
import { eitherOf } from '#lifecycle/words';
import type { SmtpSettings } from '#notifications/email';
import { ReceiverNetworks } from '#notifications/receiver-networks';
import { parseSmtp } from '#notifications/email';
import { isDatabase, isDatabaseKind } from '#projections/database-address';
import type { DatabaseAddress } from '#projections/database-address';
import type { ProviderSettings } from '#identity/openid-provider';
import {
  besideStore,
  nameBeside,
  DEFAULT_STORE,
  outlivesProcess,
  shownStore,
  STORE_KINDS,
  storeOf,
  STORES,
} from './stores.ts';
import type { StoreAddress } from './stores.ts';

/** Settings that cannot be used. The message names the setting and what it accepts. */
export class SettingsError extends Error {
  override readonly name: string = 'SettingsError';
}

export interface Settings {
  readonly store: StoreAddress;
  readonly readModels: DatabaseAddress;
  readonly host: string;
  readonly port: number;
  readonly developmentKey: string;
  /** The file of the key that seals page sessions if a provider is configured. All nodes need the same key. */
  readonly sessionKey: string;
  /** The provider whose tokens replace those of the development key; null if there is none. */
  readonly provider: ProviderSettings | null;
  /** How people sign in to the pages; null if they cannot. */
  readonly signIn: SignInSettings | null;
  /** The organisations of the inspectorate's own people. */
  readonly ownOrganisations: readonly string[];
  /** The maximum number of requests per second and subject; null for no limit. */
  readonly rateLimit: number | null;
  readonly logLevel: string;
  /** When to sweep deadlines: a cron expression in London's time; null for never. */
  readonly sweep: string | null;
  /** The mail server; null if no mail is sent. */
  readonly smtp: SmtpSettings | null;
  /** The networks to which webhooks may be sent. */
  readonly webhookNetworks: ReceiverNetworks;
  /** The outbox of messages and their delivery states, beside the store. */
  readonly outbox: DatabaseAddress;
  /** The start of published addresses, without a trailing slash; null if not configured. */
  readonly publicUrl: string | null;
  readonly checkpoints: CheckpointSettings;
  /** When the log is signed: a cron expression in London's time; null for never. */
  readonly checkpointSchedule: string | null;
  /** The time-stamping authority of checkpoints; null if there is none. */
  readonly timestampUrl: string | null;
}

const DEFAULT_SESSION_KEY = 'data/session-key.jwk';
/** With the development key, everything is on one machine, including receivers of webhooks. */
const LOOPBACK = '127.0.0.0/8,::1/128';
/** A few minutes past the hour, so that a new day's first sweep does not race with the change of day. */
export const HOURLY = '3 * * * *';
/** One checkpoint for each minute with new events. */
const EACH_MINUTE = '* * * * *';
/** More than a person with a page needs per second, and far below the service's capacity. */
const RATE_LIMIT_DEFAULT = 50;
const RATE_LIMIT_MAX = 100_000;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/**
 * Reads the settings from the environment.
 * @throws SettingsError that names the invalid setting
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const store = parseStore(env['DOCKET_STORE'] ?? DEFAULT_STORE, 'DOCKET_STORE');
  const provider = parseProvider(env['DOCKET_OIDC_ISSUER'], env['DOCKET_OIDC_AUDIENCE']);
  const readModels = parseReadModels(env['DOCKET_READ_MODELS'], store);
  const host = env['HOST'] ?? '127.0.0.1';
  const publicUrl = parsePublicUrl(env['DOCKET_PUBLIC_URL']);
  const has = { hasProvider: provider !== null, hasPublicUrl: publicUrl !== null };
  return {
    store,
    readModels,
    host: provider === null ? loopback(host) : anyHost(host),
    port: parsePort(env['PORT'] ?? '3000'),
    developmentKey: env['DOCKET_DEVELOPMENT_KEY'] ?? besideStore(store, 'development-key.jwk'),
    sessionKey: env['DOCKET_SESSION_KEY'] ?? DEFAULT_SESSION_KEY,
    provider,
    signIn: withSettingsError(() => readSignIn(env, has)),
    ownOrganisations: parseOrganisations(env['DOCKET_OWN_ORGANISATIONS'] ?? ''),
    rateLimit: parseRateLimit(env['DOCKET_RATE_LIMIT'], provider === null ? null : RATE_LIMIT_DEFAULT),
    logLevel: parseLogLevel(env['DOCKET_LOG_LEVEL'] ?? 'info'),
    sweep: parseSchedule('DOCKET_SWEEP', env['DOCKET_SWEEP'] ?? HOURLY),
    smtp: parseMail(env['DOCKET_SMTP'], publicUrl),
    webhookNetworks: parseNetworks(env['DOCKET_WEBHOOK_NETWORKS'] ?? (provider === null ? LOOPBACK : '')),
    // Not in the read models' database, which may be deleted.
    outbox: parseBeside(undefined, 'DOCKET_STORE', isDatabase(store) ? store : readModels, 'outbox'),
    publicUrl,
    checkpoints: withSettingsError(() =>
      readCheckpointSettings(env, {
        key: besideStore(store, 'checkpoint-key.pem'),
        memory: besideStore(store, `${nameBeside(store)}checkpoint-memory.sqlite`),
      }),
    ),
    checkpointSchedule: parseSchedule('DOCKET_CHECKPOINTS', env['DOCKET_CHECKPOINTS'] ?? EACH_MINUTE),
    timestampUrl: parseTimestampUrl(env['DOCKET_TIMESTAMP_URL']),
  };
}

/** Returns a description of the accepted addresses: of stores, or of files beside one. */
function acceptedAddresses(beside?: Beside): string {
  const kinds = beside === undefined ? STORE_KINDS : STORE_KINDS.filter(isDatabaseKind);
  const forms = kinds.map((kind) => STORES[kind]).filter((each) => !beside || each.outlivesProcess);
  return eitherOf(forms.map((each) => each.addressForm));
}

/** Parses the address of a store. @throws SettingsError for an invalid address */
export function parseStore(text: string, setting: string, beside?: Beside): StoreAddress {
  try {
    for (const entry of Object.values(STORES)) {
      const address = entry.parse(text, beside);
      if (address !== null) return address;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SettingsError(`${setting} is "${withoutPassword(text)}"; ${error.message}`);
  }
  throw new SettingsError(`${setting} is "${withoutPassword(text)}"; set it to ${acceptedAddresses(beside)}`);
}

/** Returns the address of data that belongs to a log. By default, it is beside the store. */
function parseBeside(
  text: string | undefined,
  setting: string,
  store: StoreAddress,
  beside: Beside,
): DatabaseAddress {
  const address = parseStore(text ?? storeOf(store).beside(store, beside), setting, beside);
  if (isDatabase(address)) return address;
  throw new SettingsError(`${setting} is "${shownStore(address)}"; set it to ${acceptedAddresses(beside)}`);
}

/**
 * Parses the address of read models. By default they are beside the store, because they belong to its log.
 * All nodes share those on a server.
 */
export function parseReadModels(text: string | undefined, store: StoreAddress): DatabaseAddress {
  const address = parseBeside(text, 'DOCKET_READ_MODELS', store, 'read_models');
  const [isLasting, isStoreLasting] = [outlivesProcess(address), outlivesProcess(store)];
  if (isLasting && !isStoreLasting) {
    throw new SettingsError(
      `DOCKET_STORE is ${shownStore(store)}, so the read models must be in memory too; unset DOCKET_READ_MODELS`,
    );
  }
  if (!isLasting && isStoreLasting) {
    throw new SettingsError(
      `Set DOCKET_READ_MODELS to ${acceptedAddresses('read_models')}; read models in memory require DOCKET_STORE=${shownStore(address)}`,
    );
  }
  return address;
}

/**
 * Returns an address without everything before the last @, because a mistyped address may contain a password
 * anywhere there, and without everything after the ?, which may contain an @ too.
 */
const withoutPassword = (address: string): string =>
  address.replace(/^([a-z+]+:\/\/)?(?:.*\?.*@.*|.*@)/s, '$1…@').replace(/\?.*$/s, '?…');

/**
 * Requires both settings or neither: without an issuer, the service would accept development tokens; without
 * an audience, tokens for other services.
 */
function parseProvider(issuer: string | undefined, audience: string | undefined): ProviderSettings | null {
  if (issuer === undefined) {
    if (audience === undefined) return null;
    throw new SettingsError('DOCKET_OIDC_AUDIENCE is set without DOCKET_OIDC_ISSUER; set both, or neither');
  }
  try {
    issuerOf(issuer);
  } catch (error) {
    if (!(error instanceof ProviderAddressError)) throw error;
    throw new SettingsError(`DOCKET_OIDC_ISSUER is "${withoutPassword(issuer)}", which ${error.message}`);
  }
  if (audience === undefined || audience.trim() === '') {
    throw new SettingsError(
      "DOCKET_OIDC_ISSUER requires DOCKET_OIDC_AUDIENCE; set it to the audience in the provider's tokens for this service",
    );
  }
  return { issuer, audience };
}

/** Returns the items of a list with commas. */
const itemsOf = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

function parseNetworks(text: string): ReceiverNetworks {
  try {
    return new ReceiverNetworks(text === '' ? [] : text.split(',').map((network) => network.trim()));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SettingsError(
      `DOCKET_WEBHOOK_NETWORKS is "${text}", and ${error.message}; set it to networks separated by commas`,
    );
  }
}

function anyHost(host: string): string {
  if (host.trim() !== '') return host;
  throw new SettingsError(
    'HOST is empty; set it to an address to listen on, such as 0.0.0.0 for all interfaces',
  );
}

/** Parses slugs of organisations. @throws SettingsError for a name that no recipient can have */
function parseOrganisations(text: string): string[] {
  const names = itemsOf(text);
  const wrong = names.find((name) => !SLUG.test(name));
  if (wrong === undefined) return names;
  throw new SettingsError(
    `DOCKET_OWN_ORGANISATIONS names "${wrong}"; use comma-separated names of organisations in lower-case letters, digits and hyphens`,
  );
}

function parseRateLimit(text: string | undefined, fallback: number | null): number | null {
  if (text === undefined) return fallback;
  if (text === 'off') return null;
  const limit = Number(text);
  if (/^\d{1,6}$/.test(text) && limit >= 1 && limit <= RATE_LIMIT_MAX) return limit;
  throw new SettingsError(
    `DOCKET_RATE_LIMIT is "${text}"; set it to the number of requests per second for each person, from 1 to ${RATE_LIMIT_MAX}, or off`,
  );
}

/**
 * Returns a loopback address. Development tokens are not secure on a network, so with the development key the
 * service listens only on this machine. @throws SettingsError for any other address
 */
function loopback(host: string): string {
  if (host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)) return host;
  throw new SettingsError(
    `HOST is "${host}"; set it to a loopback address, such as 127.0.0.1, or configure an identity provider (DOCKET_OIDC_ISSUER) to listen on other addresses`,
  );
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new SettingsError(`PORT is "${text}"; set it to a whole number from 0 (any free port) to 65535`);
}

function parseMail(text: string | undefined, publicUrl: string | null): SmtpSettings | null {
  if (text === undefined) return null;
  try {
    const smtp = parseSmtp(text);
    if (publicUrl !== null) return smtp;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SettingsError(`DOCKET_SMTP ${error.message}`);
  }
  throw new SettingsError('DOCKET_SMTP requires DOCKET_PUBLIC_URL, with which the links in mails begin');
}

function parsePublicUrl(text: string | undefined): string | null {
  if (text === undefined) return null;
  const url = URL.parse(text);
  const isPlain = url?.search === '' && url.hash === '' && url.username === '' && url.password === '';
  if (isPlain && /^https?:$/.test(url.protocol)) return url.href.replace(/\/+$/, '');
  throw new SettingsError(
    `DOCKET_PUBLIC_URL is "${withoutPassword(text)}"; set it to the address at which people reach the service, such as https://docket.example`,
  );
}

function parseTimestampUrl(text: string | undefined): string | null {
  if (text === undefined) return null;
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '')
    return url.href;
  throw new SettingsError(
    `DOCKET_TIMESTAMP_URL is "${withoutPassword(text)}"; set it to the address of a time-stamping authority, without a user`,
  );
}

/** Converts a RangeError into a SettingsError. */
function withSettingsError<Read>(read: () => Read): Read {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SettingsError(error.message);
  }
}

function parseSchedule(name: string, text: string): string | null {
  if (text === 'off') return null;
  try {
    // A paused timer only validates the expression.
    if (new Cron(text, { paused: true }).nextRun() !== null) return text;
  } catch {
    // The error is thrown below.
  }
  throw new SettingsError(
    `${name} is "${text}"; set it to a cron expression with a future date, such as "${HOURLY}" (hourly), or off`,
  );
}

function parseLogLevel(level: string): string {
  if (LOG_LEVELS.includes(level)) return level;
  throw new SettingsError(`DOCKET_LOG_LEVEL is "${level}"; set it to one of ${LOG_LEVELS.join(', ')}`);
}

/** The prefix of command-line subjects, so that none is mistaken for a person with a token. */
export const COMMAND_LINE_PREFIX = 'cli:';

/** Returns the subject on the command line: the named one or, without one, the operating system's user. */
export function commandLineSubject(named: string | undefined): string {
  const subject = named ?? userName();
  return subject.startsWith(COMMAND_LINE_PREFIX) ? subject : `${COMMAND_LINE_PREFIX}${subject}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without an entry in the password file has no name.
    return 'unknown';
  }
}
