import { systemRandom } from '#event-sourcing/random';
import { hasCode } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { openOrMakeStore } from '#platform/open-or-make-store';
import { openStore } from '#platform/open-store';
import { FILE_BYTES_MAX, importRecords, divideFile } from '#use-cases/register-files/import-file';
import type { RecordPart, RegisterFile } from '#use-cases/register-files/import-file';
import { importRecord, refuseCall } from '#use-cases/register-files/import-record';
import type { ImportOutcome } from '#use-cases/register-files/import-record';
import type { ImportCall } from '#use-cases/register-files/plan-import';
import { ProblemError } from '#use-cases/problems';
import { EXIT } from '#platform/exit-codes';
import { assertReadable, readLimited } from '../read-limited.ts';
import { isReadModelFailure } from '../refuse-other-log.ts';
import type { Terminal } from '../terminal.ts';
import { errorLine, describeError } from '../describe-error.ts';
import type { ErrorDescription } from '../describe-error.ts';
import type { GuardedStore } from '#platform/write-guard';
import { checkUsage, UsageError, userPath } from '../verb-context.ts';
import type { CommandLine, Verb } from '../verb-context.ts';
import { HAS_REGISTER } from '#use-cases/register-files/export-formats';
import { lifecycles } from '#state-machines/lifecycles';

interface ImportOptions {
  readonly id?: string;
  readonly recipient?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

const WOULD: Readonly<Record<ImportOutcome['outcome'], string>> = {
  created: 'would be created',
  appended: 'would be appended',
  unchanged: 'would be unchanged',
  differs: 'differs: nothing would be imported, because people work on the record',
};

const DID: Readonly<Record<ImportOutcome['outcome'], string>> = {
  created: 'created',
  appended: 'appended',
  unchanged: 'unchanged',
  differs: 'differs: nothing was imported, because people work on the record',
};

/** The number of a file's anomalies printed for people. */
const ANOMALIES_SHOWN = 20;

type Line = {
  readonly file: string;
  /** Where the record begins in a file with several. */
  readonly line?: number;
  readonly title?: string;
  readonly dryRun?: true;
} & (
  | Pick<ImportOutcome, 'id' | 'outcome' | 'events' | 'anomalies' | 'moreAnomalies' | 'differences'>
  | ({
      readonly id: string | null;
      readonly outcome: 'refused';
      readonly events: 0;
      readonly anomalies: readonly [];
    } & ErrorDescription)
);

export const addImport: Verb = (program) => {
  program
    .command('import', { hidden: !HAS_REGISTER })
    .argument('<file...>', 'files of a register as published, with one or more records each')
    .description(
      'Import register records. Importing the same file again has no effect; importing a file with more history appends that history, unless people work on the record. ' +
        'Each record of a file is imported completely or not at all, independently of the others.',
    )
    .option(
      '--id <id>',
      "the record's id (default: the title's reference, else r- and 12 digits of the digest of title and text)",
    )
    .option('--recipient <recipient>', 'the slug of the body that the recommendations are for')
    .option('--dry-run', 'report what would happen, without importing')
    .option('--json', 'one JSON value per record on standard output, each on its own line')
    .action(async (files: string[], options: ImportOptions) => {
      if (!HAS_REGISTER)
        throw new UsageError('this build of Docket has no recommendations, which register files contain');
      if (options.id !== undefined && files.length > 1) {
        throw new UsageError('--id is the id of one record; use it with one file only');
      }
      refuseOptions(program, options);
      for (const file of files) await assertReadable(file);
      const only = await fileWithId(files, options);
      const opened = await storeForImport(program, options.dryRun === true);
      let refused = 0;
      try {
        const { store, clock } = await program.guardSameLog(opened);
        if (!options.dryRun) clock.assertRight();
        for (const [index, file] of files.entries()) {
          for await (const line of importFile(
            { store, clock },
            program,
            file,
            only ?? (await readFile(file)),
            options,
          )) {
            if (line.outcome === 'refused') refused += 1;
            if (options.json) program.terminal.json(line);
            else printLine(program.terminal, line, options.dryRun === true);
          }
          if (files.length > 1) program.terminal.progress(index + 1, files.length, 'files');
        }
      } finally {
        await opened.close();
      }
      if (refused > 0) program.terminal.exitCode = EXIT.refused;
    });
};

/** Options that apply to no record are usage errors, whatever the files contain. */
function refuseOptions(program: CommandLine, options: ImportOptions): void {
  const { id = null, recipient = null } = options;
  checkUsage(() => {
    refuseCall({ id, recipient, actor: program.actor });
  }, '--');
}

/** A dry run creates nothing: without a store, everything is new. */
async function storeForImport(program: CommandLine, dryRun: boolean): Promise<EventStore> {
  const address = program.storeAddress;
  try {
    if (!dryRun) return await openOrMakeStore(program.settings);
    return await openStore(address, { create: false, readOnly: true });
  } catch (error) {
    if (dryRun && hasCode(error, 'store-missing')) return openStore({ kind: 'memory' }, { create: true });
    if (!dryRun && isReadModelFailure(error)) return openStore(address, { create: true });
    throw error;
  }
}

/** Imports a file, and yields the result of each record, or why the whole file is refused. */
async function* importFile(
  { store, clock }: Pick<GuardedStore, 'store' | 'clock'>,
  program: CommandLine,
  name: string,
  read: RegisterFile | ErrorDescription,
  options: ImportOptions,
): AsyncGenerator<Line> {
  const { dryRun, id = null } = options;
  if ('detail' in read) {
    yield { file: name, id, ...REFUSED, ...read };
    return;
  }
  const bring = (part: RecordPart) =>
    importRecord(store, lifecycles, callFor(program, options, part, clock.now()));
  for await (const { line, title, ...outcome } of importRecords(read, bring, id)) {
    const record = { file: name, ...(read.parts.length > 1 && { line, title }) };
    if (outcome.outcome === 'refused') {
      const { id: refused, code, detail } = outcome;
      yield { ...record, id: refused, ...REFUSED, code, detail };
    } else {
      yield { ...record, ...(dryRun && { dryRun }), ...outcomeForScripts(outcome) };
    }
  }
}

const REFUSED = { outcome: 'refused', events: 0, anomalies: [] } as const;

/** Returns a result for scripts, without version and position, which only HTTP clients need. */
function outcomeForScripts<Outcome extends ImportOutcome>({
  version: _,
  position: __,
  ...outcome
}: Outcome): Omit<Outcome, 'version' | 'position'> {
  return outcome;
}

/**
 * Reads the file for an option with an id, before a store is created; null without the option.
 * @throws UsageError if it contains several records.
 */
async function fileWithId(
  [file]: readonly string[],
  { id }: ImportOptions,
): Promise<RegisterFile | ErrorDescription | null> {
  if (id === undefined || file === undefined) return null;
  const read = await readFile(file);
  if (!('detail' in read) && read.parts.length > 1)
    throw new UsageError(`--id is the id of one record; ${file} has ${read.parts.length} records`);
  return read;
}

/** Returns a file split into its records, or why that failed. */
async function readFile(file: string): Promise<RegisterFile | ErrorDescription> {
  const source = await readLimited(userPath(file), FILE_BYTES_MAX);
  try {
    return await divideFile(source);
  } catch (error) {
    if (error instanceof ProblemError) return describeError(error);
    throw error;
  }
}

const callFor = (
  program: CommandLine,
  options: ImportOptions,
  { source, at }: RecordPart,
  now: number,
): ImportCall => ({
  source,
  at,
  id: options.id ?? null,
  recipient: options.recipient ?? null,
  dryRun: options.dryRun === true,
  organisations: [],
  actor: program.actor,
  now,
  commandId: systemRandom.uuid(),
  request: null,
  correlationId: systemRandom.uuid(),
});

function printLine(terminal: Terminal, line: Line, dryRun: boolean): void {
  const file = line.line === undefined ? line.file : `${line.file}:${line.line}`;
  if (line.outcome === 'refused') {
    const which = line.line === undefined ? '' : `${line.id ?? ''} `;
    terminal.error(`${file}: ${which}refused: ${'detail' in line ? errorLine(line) : ''}`);
    return;
  }
  const { id, outcome, events, anomalies, moreAnomalies = 0, differences = [] } = line;
  const counted = events === 0 ? '' : `, ${events} events`;
  terminal.line(`${file}: ${terminal.styled('bold', id)} ${(dryRun ? WOULD : DID)[outcome]}${counted}`);
  for (const { line: at, column, detail } of differences) {
    terminal.line(`  not in the record, at ${at}:${column}: ${detail}`);
  }
  for (const { code, line: at, column, detail } of anomalies.slice(0, ANOMALIES_SHOWN)) {
    terminal.line(`  ${terminal.styled('yellow', code)} at ${at}:${column}: ${detail}`);
  }
  const more = Math.max(0, anomalies.length - ANOMALIES_SHOWN) + moreAnomalies;
  if (more > 0)
    terminal.line(`  and ${more} more; --json lists ${moreAnomalies > 0 ? 'the first of them' : 'them all'}`);
}
