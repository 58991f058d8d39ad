import { Command } from 'commander';
import { isAbsolute, resolve } from 'node:path';
import type { EventStore } from '#event-sourcing/event-store';
import { systemRandom } from '#event-sourcing/random';
import { subjectOf } from '#identity/identity';
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
import { guardWrites } from '#platform/write-guard';
import type { GuardedStore } from '#platform/write-guard';
import type { Terminal } from './terminal.ts';
import { storedEvents } from '#use-cases/records/record-events';
import { kinds } from '#state-machines/record-streams';
import { streamOf } from '#lifecycle/kind';
import { CommandRefusedError } from '#lifecycle/refused';
import type { RecordReference } from '#lifecycle/kind';
import { ProblemError } from '#use-cases/problems';
import type { ReadEvent } from '#lifecycle/lifecycles';
import { lifecycles } from '#state-machines/lifecycles';
import { recordsNamed } from '#use-cases/records/named-record';

/** The command line is invalid. */
export class UsageError extends SettingsError {
  override readonly name = 'UsageError';
}

/** A verb reports its result by exit code, and an error that prevented it by throwing. */
export type Verb = (program: CommandLine) => void;

/** The program with its global options, the terminal, and what verbs open by those options. */
export class CommandLine extends Command {
  readonly terminal: Terminal;

  constructor(terminal: Terminal) {
    super('docket');
    this.terminal = terminal;
  }

  /** The text of --store. */
  get storeOption(): string | undefined {
    return this.opts<GlobalOptions>().store;
  }

  get storeAddress(): StoreAddress {
    const { storeOption } = this;
    const address =
      storeOption === undefined
        ? parseStore(process.env['DOCKET_STORE'] ?? DEFAULT_STORE, 'DOCKET_STORE')
        : storeFromOption(storeOption, '--store');
    if (outlivesProcess(address)) return address;
    throw new UsageError(
      `an in-memory store exists only inside its process. Use a file, for example ${FILE_ADDRESS}`,
    );
  }

  /** The settings of the environment, with the store of the command line. */
  get settings(): Settings {
    const { storeOption } = this;
    // Parsed first, so that errors name the store as the user did.
    void this.storeAddress;
    const named = storeOption !== undefined && { DOCKET_STORE: storeHere(storeOption) };
    return readSettings({ ...process.env, ...named });
  }

  /** The actor, in the command line's operator role. @throws UsageError if --as is blank or could not be a token's subject. */
  get actor() {
    const named = this.opts<GlobalOptions>().as;
    const subject = subjectOf(commandLineSubject(named));
    if (named !== undefined && isBlank(named.replace(COMMAND_LINE_PREFIX, '')))
      throw new UsageError('--as is blank. Name the actor, for example --as ann');
    if (subject === null || !subject.isWellFormed())
      throw new UsageError(
        '--as must be one line, without outer white space, invisible or bidirectional formatting characters',
      );
    return { subject, roles: ['administrator'] };
  }

  /** Returns what identifies the events of a change. */
  callAt(now: number) {
    return { actor: this.actor, correlationId: systemRandom.uuid(), now };
  }

  withStoreToAppend<Result>(action: (store: EventStore) => Promise<Result>): Promise<Result> {
    return this.withStore(action, { readOnly: false });
  }

  /** Opens the store for the duration of an action. @param readOnly whether the action appends nothing; the default */
  async withStore<Result>(
    action: (store: EventStore) => Promise<Result>,
    { readOnly = true } = {},
  ): Promise<Result> {
    const store = await openStore(this.storeAddress, { create: false, readOnly });
    try {
      return await action(store);
    } finally {
      await store.close();
    }
  }

  /**
   * Opens the store for an action that discloses its content. Refuses if read models have seen more, which may be redactions.
   * @throws ReadModelsAheadError
   */
  withStoreToDisclose<Result>(action: (store: EventStore) => Promise<Result>): Promise<Result> {
    return this.withStore(async (store) => {
      await this.#refuseOther(store);
      return action(store);
    });
  }

  /** Returns a store to append to, with the checks of its integrity. */
  guardStore(store: EventStore): Promise<GuardedStore> {
    const onWarning = this.terminal.warn.bind(this.terminal);
    // A refusal is reported with its error.
    return guardWrites(store, this.settings, { onError: () => undefined, onWarning });
  }

  /**
   * Returns a store to append to, with the checks of its integrity, and verifies that the read models have seen no more than it contains.
   * @throws ReadModelsAheadError
   */
  async guardSameLog(opened: EventStore): Promise<GuardedStore> {
    const guardedStore = await this.guardStore(opened);
    await this.#refuseOther(guardedStore.store);
    return guardedStore;
  }

  async #refuseOther(store: EventStore): Promise<void> {
    // Loaded on use: verbs that need no such check do not load the read models' libraries.
    const { refuseOtherLog } = await import('./refuse-other-log.ts');
    await refuseOtherLog(this.terminal, this.storeAddress, process.env['DOCKET_READ_MODELS'], store);
  }
}

interface GlobalOptions {
  readonly store?: string;
  readonly as?: string;
}

/** Returns a store from the command line. A file's path is relative to the user's directory, as for every FILE. */
export const storeFromOption = (store: string, option: string): StoreAddress =>
  parseStore(storeHere(store), option);

/** Returns the text of a store from the command line, with a file's path resolved from the user's directory. */
export const storeHere = (store: string): string =>
  Object.values(STORES).reduce((text, { files }) => files?.resolved(text, userPath) ?? text, store);

/**
 * Returns the result of a check of arguments.
 * @throws UsageError for an invalid payload.
 */
export function checkUsage<Checked>(check: () => Checked, prefix = ''): Checked {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof CommandRefusedError) || error.details.errors === undefined) throw error;
    throw new UsageError(
      error.details.errors.map(({ pointer, detail }) => `${prefix}${pointer.slice(1)} ${detail}`).join('; '),
    );
  }
}

export const isBlank = (subject: string): boolean => subject.trim() === '';

/** How the help describes names of records. */
export const NAME_OF_RECORD = `its id, or its kind and id as in ${kinds.all.map((kind) => streamOf({ kind, id: '730' })).join(' or ')}`;

/**
 * Returns the record with a name. If several records share an id, it is the first kind's; a warning names the others.
 * @throws ProblemError `not-found`; UnknownLifecycleError
 */
export async function recordNamed(
  store: EventStore,
  terminal: Terminal,
  name: string,
): Promise<RecordReference> {
  const [record, ...others] = await recordsNamed(store, kinds, name);
  if (record === undefined) {
    // The stream may be of a kind that this build lacks.
    const [event] = await store.readStream(name, { limit: 1 });
    if (event?.lifecycle) lifecycles.of(event);
    throw new ProblemError('not-found', `there is no record ${name}`);
  }
  if (others.length > 0)
    terminal.warn(
      `several records have the id ${name}: this is ${streamOf(record)}. For another, use ${others.map(streamOf).join(' or ')}`,
    );
  return record;
}

/** Returns a record's whole stream. */
export const recordEvents = async (
  store: EventStore,
  terminal: Terminal,
  name: string,
): Promise<readonly ReadEvent[]> =>
  lifecycles.readAll(await storedEvents(store, await recordNamed(store, terminal, name)));

/** Resolves a path from the user's directory: npm changes the working directory and stores the original in a variable. */
export const userPath = (path: string): string =>
  isAbsolute(path) ? path : resolve(process.env['INIT_CWD'] ?? process.cwd(), path);
