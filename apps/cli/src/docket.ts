import { CommanderError } from 'commander';
import { hasCode } from '#event-sourcing/errors';
import { HAS_REGISTER } from '#use-cases/register-files/export-formats';
import { EXIT, exitCodeOf } from '#platform/exit-codes';
import { VERSION } from '#platform/package-json';
import { kinds } from '#state-machines/record-streams';
import { Terminal } from './terminal.ts';
import { errorLine, describeError } from './describe-error.ts';
import { settingsWarnings } from '#platform/settings-warnings';
import { CommandLine, UsageError } from './verb-context.ts';
import type { Verb } from './verb-context.ts';

const VERBS: Readonly<Record<string, () => Promise<Verb>>> = {
  serve: async () => (await import('./verbs/programs.ts')).addServe,
  scheduler: async () => (await import('./verbs/programs.ts')).addScheduler,
  demo: async () => (await import('./verbs/programs.ts')).addDemo,
  import: async () => (await import('./verbs/import.ts')).addImport,
  bodies: async () => (await import('./verbs/bodies.ts')).addBodies,
  people: async () => (await import('./verbs/people.ts')).addPeople,
  export: async () => (await import('./verbs/export.ts')).addExport,
  replay: async () => (await import('./verbs/replay.ts')).addReplay,
  verify: async () => (await import('./verbs/verify.ts')).addVerify,
  checkpoint: async () => (await import('./verbs/checkpoint.ts')).addCheckpoint,
  pack: async () => (await import('./verbs/pack.ts')).addPack,
  backup: async () => (await import('./verbs/backup.ts')).addBackup,
  restore: async () => (await import('./verbs/restore.ts')).addRestore,
  copy: async () => (await import('./verbs/copy.ts')).addCopy,
  sweep: async () => (await import('./verbs/sweep.ts')).addSweep,
  rebuild: async () => (await import('./verbs/rebuild.ts')).addRebuild,
  status: async () => (await import('./verbs/status.ts')).addStatus,
  token: async () => (await import('./verbs/token.ts')).addToken,
};

const ENVIRONMENT = `
Settings from the environment:
  DOCKET_STORE            the event store: sqlite:PATH (default sqlite:data/docket.sqlite),
                          postgresql://USER:PASSWORD@HOST:PORT/DATABASE?schema=NAME, or
                          kurrentdb://USER:PASSWORD@HOST:PORT,...?tls=true&prefix=NAME
  DOCKET_READ_MODELS      the read models: sqlite:PATH or postgresql://... (default: beside
                          the store; sqlite:data/read-models.sqlite for KurrentDB)
  DOCKET_DEVELOPMENT_KEY  the key that signs development tokens (default: development-key.jwk
                          beside the store)
  DOCKET_CHECKPOINT_KEY   the key that signs checkpoints (default: checkpoint-key.pem beside the
                          store). What it signed is recorded in a file beside it.
  DOCKET_LOG_ORIGIN       the name under which the log is signed (default: generated)
  DOCKET_WITNESSES        the log's witnesses: VKEY@URL,... (default: none)
  DOCKET_TIMESTAMP_URL    the RFC 3161 time-stamping authority (default: none)

Exit codes: 0 success, 1 refused or verification failed, 2 usage error, 3 store unreachable, 4 pack without a key.`;

/** Runs one command line. Returns the exit code. */
export async function runDocket(words: readonly string[], terminal = new Terminal()): Promise<number> {
  const program = new CommandLine(terminal)
    .description(
      `Keep the history of records (${kinds.all.map(({ noun }) => noun.plural).join(', ')}) in an event store.`,
    )
    .option('--store <address>', 'the event store, instead of DOCKET_STORE')
    .option('--as <subject>', 'the actor, recorded as cli:<subject> (default: cli:<user>)')
    .showHelpAfterError('(See docket --help and docket VERB --help.)')
    .addHelpText('after', ENVIRONMENT)
    .configureOutput({
      writeOut: (text) => {
        terminal.write(text);
      },
      writeErr: (text) => {
        terminal.error(text.trimEnd());
      },
    })
    .version(VERSION, '-V, --version', 'display the version')
    .hook('preAction', () => {
      for (const warning of settingsWarnings(process.env)) terminal.warn(warning);
    })
    .exitOverride();
  for (const add of await verbsFor(words)) add(program);
  for (const verb of program.commands) verb.configureOutput(program.configureOutput()).exitOverride();
  try {
    await program.parseAsync(words, { from: 'user' });
    return terminal.exitCode;
  } catch (error) {
    // commander has already printed help or the usage error; requested help is not an error.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    terminal.error(`docket: ${errorLine(describeError(error))}`);
    if (hasCode(error, 'store-missing')) {
      terminal.error(
        `(${HAS_REGISTER ? 'docket import, ' : ''}docket restore and docket serve create a store. To use a different store, set --store or DOCKET_STORE.)`,
      );
    }
    if (error instanceof UsageError) terminal.error('(See docket --help and docket VERB --help.)');
    return exitCodeOf(error);
  } finally {
    terminal.endProgress();
  }
}

/** Returns the verb that the words start with, after global options, without loading the others; otherwise all verbs, for the help. */
function verbsFor(words: readonly string[]): Promise<Verb[]> {
  let at = 0;
  while (['--store', '--as'].includes(words[at] ?? '')) at += 2;
  const name = words[at] ?? '';
  const wanted = Object.hasOwn(VERBS, name) ? [name] : Object.keys(VERBS);
  return Array.fromAsync(wanted, (verb) => (VERBS[verb] as () => Promise<Verb>)());
}
