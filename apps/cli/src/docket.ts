import { Command, CommanderError } from 'commander';
import { hasCode } from '#event-sourcing/errors';
import { EXIT, exitCodeOf } from '#platform/exit-codes';
import { VERSION } from '#platform/package-json';
import { Terminal } from './terminal.ts';
import { toldLine, toldOf } from './told-of.ts';
import { addBackup } from './verbs/backup.ts';
import { addCopy } from './verbs/copy.ts';
import { addExport } from './verbs/export.ts';
import { addImport } from './verbs/import.ts';
import { addLifecycle } from './verbs/lifecycle.ts';
import { addOutbox } from './verbs/outbox.ts';
import { addRebuild } from './verbs/rebuild.ts';
import { addReplay } from './verbs/replay.ts';
import { addRestore } from './verbs/restore.ts';
import { addStatus } from './verbs/status.ts';
import { addSweep } from './verbs/sweep.ts';
import { addToken } from './verbs/token.ts';
import { addVerify } from './verbs/verify.ts';
import { UsageError, warningsOf } from './verb-context.ts';
import type { Verb } from './verb-context.ts';

const VERBS: readonly Verb[] = [
  addImport,
  addExport,
  addReplay,
  addVerify,
  addBackup,
  addRestore,
  addCopy,
  addSweep,
  addOutbox,
  addRebuild,
  addStatus,
  addToken,
  addLifecycle,
];

const ENVIRONMENT = `
Settings from the environment:
  DOCKET_STORE            the event store: sqlite:PATH (default sqlite:data/docket.sqlite),
                          postgresql://USER:PASSWORD@HOST:PORT/DATABASE?schema=NAME, or
                          kurrentdb://USER:PASSWORD@HOST:PORT,...?tls=true&prefix=NAME
  DOCKET_COPY_TO          the store that docket copy writes, where --to is not given
  DOCKET_READ_MODELS      the read models: sqlite:PATH or postgresql://... (default: beside
                          the store; sqlite:data/read-models.sqlite for KurrentDB)
  DOCKET_OUTBOX           what people are told: sqlite:PATH, postgresql://... or off (default:
                          beside the store; sqlite:data/outbox.sqlite for KurrentDB)
  DOCKET_DEVELOPMENT_KEY  the key of development tokens (default data/development-key.jwk)

Exit codes: 0 done and holds, 1 refused or does not hold, 2 wrong usage, 3 the store cannot be reached.`;

/** Runs one command line, and says with which code the process should end. */
export async function runDocket(words: readonly string[], terminal = new Terminal()): Promise<number> {
  let exitCode: number = EXIT.done;
  const program = new Command('docket')
    .description('The review lifecycle of inspection recommendations: import, replay, verify, export.')
    .option('--store <address>', 'the event store, instead of DOCKET_STORE')
    .option('--as <subject>', 'who acts, on record as cli:<subject> (default: cli:<user>)')
    .showHelpAfterError('(docket --help and docket VERB --help say more)')
    .addHelpText('after', ENVIRONMENT)
    .configureOutput({
      writeOut: (text) => {
        terminal.write(text);
      },
      writeErr: (text) => {
        terminal.error(text.trimEnd());
      },
    })
    .version(VERSION, '-V, --version', 'print the version, and nothing else')
    .hook('preAction', () => {
      for (const warning of warningsOf(program)) terminal.warn(warning);
    })
    .exitOverride();
  for (const add of VERBS) {
    add(program, terminal, (code) => {
      exitCode = code;
    });
  }
  for (const verb of program.commands) verb.configureOutput(program.configureOutput()).exitOverride();
  try {
    await program.parseAsync(words, { from: 'user' });
    return exitCode;
  } catch (error) {
    // commander has told help and wrong usage already; help asked for is no error.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    terminal.error(`docket: ${toldLine(toldOf(error))}`);
    if (hasCode(error, 'store-missing')) {
      terminal.error(
        '(docket import, docket restore and the server make one; --store or DOCKET_STORE names another)',
      );
    }
    if (error instanceof UsageError) terminal.error('(docket --help and docket VERB --help say more)');
    return exitCodeOf(error);
  } finally {
    terminal.endProgress();
  }
}
