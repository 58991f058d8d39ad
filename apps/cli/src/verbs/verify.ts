import { checkpointOfNote } from '#audit/tlog/checkpoint';
import { MalformedNoteError } from '#audit/tlog/signed-note';
import { systemClock } from '#event-sourcing/clock';
import { headOf } from '#use-cases/log/log-statements';
import type { LogHead } from '#use-cases/log/log-statements';
import { verifyStore } from '#use-cases/log/verify-store';
import type { Verification } from '#use-cases/log/verify-store';
import { EXIT } from '#platform/exit-codes';
import { SignedEnd } from '#platform/checkpoints/signed-end';
import { CHECKPOINT_FILE, readOptionText } from '../read-limited.ts';
import { NAME_OF_RECORD, UsageError } from '../verb-context.ts';
import type { CommandLine, Verb } from '../verb-context.ts';
import { printVerification } from './print-verification.ts';
import type { PackOptions } from './verify-pack.ts';
import { lifecycles } from '#state-machines/lifecycles';

interface VerifyOptions extends PackOptions {
  readonly pack?: string;
  readonly json?: true;
  readonly readModels?: true;
}

/** Collects the values of a repeatable option. */
const collect = (value: string, values: readonly string[] | undefined) => [...(values ?? []), value];

const HELP = `
Verification reads the whole store and continues after a divergence. It checks every hash and hash chain, that the statechart
allows each event and produces its state, that no event occurs twice, and every column and index that reads use. It computes the
root hash at each checkpoint again, and compares each evidence pack that was made with the record as it was then.

A store alone cannot show that its end was cut off or that all of it was rewritten. Keep a signed checkpoint (docket checkpoint) with
someone else, and pass it to --checkpoint later: the log must extend it.

--pack verifies an evidence pack (a folder or a zip) without a store or a network. Without a key, it can only be consistent with itself.
--key is the log's key, --witness the key of a witness, of which more than half must have signed, --tsa the certificate of a
time-stamping authority or of who issued it, and --checkpoint a checkpoint that you kept. Exit codes: 0 signed or witnessed; 1 does not
hold, also if something that you supplied does not fit; 2 no verdict, because the pack cannot be checked against it; 4 consistent.

--read-models compares each read model, row by row, with a fresh fold of the log. The service can keep running.

--json (without --pack) prints {ok, streams, events, firstDivergence, divergences, divergenceCount, checkpoint}, with the first 100
divergences as {position, streamId, version, code, detail}, and the size of the last checkpoint. It adds warnings, as the text does,
if a clock was wrong, or if an event was recorded before a checkpoint that precedes it.`;

export const addVerify: Verb = (program) => {
  program
    .command('verify')
    .argument('[id...]', `records, each by ${NAME_OF_RECORD} (default: the whole log)`)
    .description('Verify that the history was not altered and that reads find all of it.')
    .option('--checkpoint <file>', "a kept checkpoint, as printed by 'docket checkpoint'")
    .option('--pack <path>', 'an evidence pack, a folder or a zip, without a store')
    .option('--key <vkey>', "with --pack: the log's verifier key; can be repeated", collect)
    .option('--witness <vkey>', "with --pack: a witness's verifier key; can be repeated", collect)
    .option('--tsa <file>', 'with --pack: the certificate of a time-stamping authority (PEM or DER)')
    .option('--read-models', 'compare the read models with a fresh fold of the log instead')
    .option('--json', 'one JSON value on standard output')
    .addHelpText('after', HELP)
    .action((ids: string[], options: VerifyOptions) => verifyByOptions(program, ids, options));
};

/** Verifies what the options name. */
async function verifyByOptions(
  program: CommandLine,
  ids: readonly string[],
  options: VerifyOptions,
): Promise<void> {
  const { pack, checkpoint, readModels, json } = options;
  if (pack !== undefined) {
    if (ids.length > 0 || readModels)
      throw new UsageError('--pack cannot be combined with records or --read-models');
    const { verifyPackAt } = await import('./verify-pack.ts');
    await verifyPackAt(program.terminal, pack, options);
    return;
  }
  if (PACK_OPTIONS.some((name) => options[name] !== undefined))
    throw new UsageError(`${PACK_OPTIONS.map((name) => `--${name}`).join(', ')} require --pack`);
  if (readModels) {
    if (ids.length > 0 || checkpoint !== undefined)
      throw new UsageError('--read-models cannot be combined with records or --checkpoint');
    // Loading these libraries is slower than verifying a short log.
    const { verifyReadModels } = await import('./verify-read-models.ts');
    await verifyReadModels(program, json === true);
    return;
  }
  const verified = await verifyHere(program, ids, checkpoint);
  if (!verified.ok) program.terminal.exitCode = EXIT.refused;
  if (json) program.terminal.json(verified);
  else printVerification(program.terminal, verified, checkpoint !== undefined);
}

const PACK_OPTIONS = ['key', 'witness', 'tsa'] as const;

async function verifyHere(
  program: CommandLine,
  ids: readonly string[],
  checkpoint: string | undefined,
): Promise<Verification> {
  const isWhole = ids.length === 0;
  if (checkpoint !== undefined && !isWhole)
    throw new UsageError('--checkpoint applies to the whole log and cannot be combined with records');
  const kept = checkpoint === undefined ? null : await readKept(checkpoint);
  return program.withStore(async (store) => {
    const verified = await verifyStore(store, lifecycles, ids, {
      kept,
      now: systemClock.now(),
      ...(isWhole && {
        lost: await new SignedEnd(store, program.settings).lost(),
        onProgress(events: number, total: number) {
          program.terminal.progress(events, total, 'events');
        },
      }),
    });
    program.terminal.endProgress();
    return verified;
  });
}

/** Reads a kept checkpoint. The user knows where it is from. */
async function readKept(file: string): Promise<LogHead> {
  const text = await readOptionText(file, CHECKPOINT_FILE);
  try {
    return headOf(checkpointOfNote(text));
  } catch (error) {
    if (!(error instanceof MalformedNoteError)) throw error;
    throw new UsageError(`--checkpoint ${file}: it ${error.message}. Expected ${CHECKPOINT_FILE.expected}`);
  }
}
