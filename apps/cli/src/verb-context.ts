import type { Command } from 'commander';
import { isAbsolute, resolve } from 'node:path';
import { ONE_LINE } from '#lifecycle/text-rules';
import type { EventStore } from '#event-sourcing/event-store';
import { openStore } from '#platform/open-store';
import {
  COMMAND_LINE_PREFIX,
  commandLineSubject,
  parseStore,
  readSettings,
  SettingsError,
} from '#platform/settings';
import type { Settings } from '#platform/settings';
import { DEFAULT_STORE, FILE_ADDRESS, outlivesProcess, STORES } from '#platform/stores';
import type { StoreAddress } from '#platform/stores';
import { addressWarnings, settingsWarnings } from '#platform/settings-warnings';
import { guardWrites } from '#platform/write-guard';
import type { GuardedStore } from '#platform/write-guard';
import type { Terminal } from './terminal.ts';
import { storedEvents } from '#use-cases/records/record-events';
import { kinds } from '#state-machines/record-streams';
import { withoutRedacted } from '#state-machines/capabilities/redacted';
import { streamOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import { ProblemError } from '#use-cases/problems';
import type { ReadEvent } from '#lifecycle/lifecycles';
import { lifecycles } from '#state-machines/lifecycles';
import { recordsNamed } from '#use-cases/records/named-record';

/** Words that the command line cannot use. */
export class UsageError extends SettingsError {
  override readonly name = 'UsageError';
}

/** A verb says by its exit code how it ended, and by throwing what kept it from its work. */
export type Verb = (program: Command, terminal: Terminal) => void;

interface GlobalOptions {
  readonly store?: string;
  readonly as?: string;
}

export function storeAddress(program: Command): StoreAddress {
  const { store } = program.opts<GlobalOptions>();
  const address =
    store === undefined
      ? parseStore(process.env['DOCKET_STORE'] ?? DEFAULT_STORE, 'DOCKET_STORE')
      : givenStore(store, '--store');
  if (!outlivesProcess(address)) {
    throw new UsageError(`a store in memory is gone with its process; name a file, as ${FILE_ADDRESS}`);
  }
  return address;
}

/** A store that the command line names: a file is where the user means it, as every FILE is. */
export const givenStore = (store: string, option: string): StoreAddress =>
  parseStore(storeHere(store), option);

const storeHere = (store: string): string =>
  Object.values(STORES).reduce((text, { files }) => files?.resolved(text, userPath) ?? text, store);

/** The settings of the environment, with the store of the command line. */
export function settingsOf(program: Command): Settings {
  const { store } = program.opts<GlobalOptions>();
  // Told of by the name under which the user gave it.
  storeAddress(program);
  return readSettings({ ...process.env, ...(store !== undefined && { DOCKET_STORE: storeHere(store) }) });
}

/** What of the environment and of --store has no effect, though it looks as if it should. */
export function warningsOf(program: Command): string[] {
  const { store } = program.opts<GlobalOptions>();
  return [...settingsWarnings(process.env), ...addressWarnings('--store', store ?? '')];
}

/**
 * Who acts, in the role in which the command line runs the service.
 * @throws UsageError where --as names nobody, or could not be the subject of a token.
 */
export function actorOf(program: Command) {
  const named = program.opts<GlobalOptions>().as;
  const subject = commandLineSubject(named);
  if (named !== undefined && isBlank(subject.slice(COMMAND_LINE_PREFIX.length)))
    throw new UsageError('--as names nobody; say who acts, as --as ann');
  if (named !== undefined && !(named.isWellFormed() && ONE_LINE.test(named)))
    throw new UsageError(
      '--as must be one line, without control characters or marks that turn the direction of writing',
    );
  return { subject, roles: ['administrator'] };
}

/** Whether a subject is nobody's. */
export const isBlank = (subject: string): boolean => subject.trim() === '';

/** Opens the store for reading, for as long as an action takes. */
export async function withStore<Result>(
  program: Command,
  action: (store: EventStore) => Promise<Result>,
  options = { create: false, readOnly: true },
): Promise<Result> {
  const store = await openStore(storeAddress(program), options);
  try {
    return await action(store);
  } finally {
    await store.close();
  }
}

/** A store to append to, while what is recorded can be trusted. */
export const guarded = (program: Command, terminal: Terminal, store: EventStore): Promise<GuardedStore> => {
  const onWarning = (message: string): void => {
    terminal.warn(message);
  };
  // What is refused is told with the refusal.
  return guardWrites(store, settingsOf(program), { onError: () => undefined, onWarning });
};

/**
 * Opens the store as `withStore` does, for an action that gives out what is in it: refused where read models have seen more, which may
 * be redactions.
 * @throws ReadModelsAheadError
 */
export const withStoreToTell = <Result>(
  program: Command,
  terminal: Terminal,
  action: (store: EventStore) => Promise<Result>,
): Promise<Result> =>
  withStore(program, async (store) => {
    await refuseOther(program, terminal, store);
    return action(store);
  });

/**
 * A store to append to, while what is recorded can be trusted, and the read models have seen no more than it has.
 * @throws ReadModelsAheadError
 */
export async function toChange(
  program: Command,
  terminal: Terminal,
  opened: EventStore,
): Promise<GuardedStore> {
  const guardedStore = await guarded(program, terminal, opened);
  await refuseOther(program, terminal, guardedStore.store);
  return guardedStore;
}

async function refuseOther(program: Command, terminal: Terminal, store: EventStore): Promise<void> {
  // A verb that only reads does not wait for the read models' libraries to be loaded.
  const { refuseOtherLog } = await import('./refuse-other-log.ts');
  await refuseOtherLog(terminal, storeAddress(program), process.env['DOCKET_READ_MODELS'], store);
}

/** How help tells of names of records. */
export const NAME_OF_RECORD = `its id, or its kind and id as in ${kinds.all.map((kind) => streamOf({ kind, id: '730' })).join(' or ')}`;

/**
 * The record that somebody names. Of several with one id it is that of the first kind; a warning names the others.
 * @throws ProblemError `not-found`; UnknownLifecycleError
 */
export async function recordNamed(
  store: EventStore,
  terminal: Terminal,
  name: string,
): Promise<RecordReference> {
  const [record, ...others] = await recordsNamed(store, kinds, name);
  if (record === undefined) {
    // The stream may be of a kind that this build does not have.
    const [event] = await store.readStream(name, { limit: 1 });
    if (event?.lifecycle) lifecycles.of(event);
    throw new ProblemError('not-found', `there is no record ${name}`);
  }
  if (others.length > 0)
    terminal.warn(
      `${name} is ${streamOf(record)} here; name the other as ${others.map(streamOf).join(' or ')}`,
    );
  return record;
}

/** A record's whole stream without what was redacted, also where that is still to be erased. */
export const recordEvents = async (
  store: EventStore,
  terminal: Terminal,
  name: string,
): Promise<readonly ReadEvent[]> =>
  lifecycles.readAll(withoutRedacted(await storedEvents(store, await recordNamed(store, terminal, name))));

/** A path as the user means it: npm changes the working directory, and says where it was. */
export const userPath = (path: string): string =>
  isAbsolute(path) ? path : resolve(process.env['INIT_CWD'] ?? process.cwd(), path);
