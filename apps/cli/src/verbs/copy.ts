import { copyBetween } from '#platform/copy-between';
import { EXIT } from '#platform/exit-codes';
import { parseStore } from '#platform/settings';
import { DEFAULT_STORE, FILE_ADDRESS, isSameStore, outlivesProcess, shownStore } from '#platform/stores';
import type { StoreAddress } from '#platform/stores';
import type { CopyOutcome } from '#use-cases/log/copy-store';
import { progressOn } from '../copying.ts';
import type { Terminal } from '../terminal.ts';
import { refuseOtherLog } from '../refuse-other-log.ts';
import { untilSignalled } from '../until-signalled.ts';
import { storeFromOption, UsageError } from '../verb-context.ts';
import type { CommandLine, Verb } from '../verb-context.ts';
import { divergenceLine } from './print-verification.ts';

interface CopyOptions {
  readonly from?: string;
  readonly to: string;
  readonly json?: true;
}

interface Addresses {
  readonly from: StoreAddress;
  readonly to: StoreAddress;
}

const HELP = `
The target gets the same events in the same order, with their ids, times, hashes and command keys. It must be
empty or contain the beginning of the same history: an interrupted or earlier copy is continued. Anything
else is refused and left unchanged. Values that were erased from the source after an earlier copy are erased from the target too. At the end the whole
target is read again and verified.

A service may continue to write to the source. Before you switch to the target, stop it and run docket copy again: it copies
only new events. Read models and the outbox are not copied; see docs/stores.md.

KurrentDB before 25.1 appends stream by stream: an interrupted copy to it can end inside a command. The error says so;
run the same copy again before anything else uses the target.

Anyone who lists processes can see an address on the command line: put passwords into DOCKET_STORE,
PGPASSWORD or .pgpass.

With --json: {from, to, ok, stopped, events, copied, erased, erasedInTarget, firstDivergence}`;

export const addCopy: Verb = (program) => {
  program
    .command('copy')
    .description('Copy all events from one store to another and verify the copy.')
    .option('--from <address>', 'the source store (default: DOCKET_STORE)')
    .requiredOption('--to <address>', 'the target store; created if missing')
    .option('--json', 'one JSON value on standard output')
    .addHelpText('after', HELP)
    .action(async (options: CopyOptions) => {
      const addresses = addressesOf(program, options);
      await refuseOtherLog(program.terminal, addresses.from, readModelsOf(addresses.from));
      const outcome = await untilSignalled((signal) =>
        copyBetween(addresses.from, addresses.to, { signal, onProgress: progressOn(program.terminal) }),
      );
      program.terminal.endProgress();
      if (!outcome.ok) program.terminal.exitCode = EXIT.refused;
      const from = shownStore(addresses.from);
      const to = shownStore(addresses.to);
      if (options.json) program.terminal.json({ from, to, ...outcome });
      else printOutcome(program.terminal, from, to, outcome);
    });
};

function addressesOf(program: CommandLine, options: CopyOptions): Addresses {
  if (options.from !== undefined && program.storeOption !== undefined) {
    throw new UsageError('--store and --from both set the source; use only one of them');
  }
  const from = options.from === undefined ? program.storeAddress : storeFromOption(options.from, '--from');
  const to = storeFromOption(options.to, '--to');
  if (!outlivesProcess(from) || !outlivesProcess(to)) {
    throw new UsageError(
      `an in-memory store exists only inside its process. Use a file, for example ${FILE_ADDRESS}`,
    );
  }
  if (isSameStore(from, to)) {
    throw new UsageError(`--from and --to name the same store, ${shownStore(to)}`);
  }
  return { from, to };
}

/** DOCKET_READ_MODELS belongs to DOCKET_STORE; another store has its read models beside it. */
function readModelsOf(from: StoreAddress): string | undefined {
  const own = parseStore(process.env['DOCKET_STORE'] ?? DEFAULT_STORE, 'DOCKET_STORE');
  return isSameStore(own, from) ? process.env['DOCKET_READ_MODELS'] : undefined;
}

const countWords = (events: number): string => `${events} event${events === 1 ? '' : 's'}`;

function printOutcome(terminal: Terminal, from: string, to: string, outcome: CopyOutcome): void {
  const { stopped, events, copied, erased, erasedInTarget, firstDivergence } = outcome;
  if (firstDivergence !== null) {
    terminal.error(
      `docket: ${to} is not a copy of ${from}: ${divergenceLine(firstDivergence)} (${countWords(copied)} copied)`,
    );
    return;
  }
  if (stopped) {
    terminal.error(`docket: stopped after ${countWords(copied)}. To continue, run the same command again`);
    return;
  }
  terminal.line(`${terminal.styled('green', 'Copied')} ${countWords(copied)} from ${from} to ${to}`);
  terminal.line(`The target has ${countWords(events)}, all verified and compared with the source.`);
  if (erased > 0)
    terminal.line(`Erased values in ${countWords(erased)} of the target that the source had erased.`);
  if (erasedInTarget > 0) {
    terminal.line(
      `Values of ${countWords(erasedInTarget)} were already erased in the target and stay erased; the source still has them.`,
    );
  }
  terminal.line(
    'Before you switch, stop all writers to the source and run docket copy again. It copies only new events.',
  );
}
