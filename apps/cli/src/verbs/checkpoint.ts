import { systemClock } from '#event-sourcing/clock';
import { loadOrCreateNextKey, replaceKey } from '#platform/checkpoints/checkpoint-key';
import { EXIT } from '#platform/exit-codes';
import { readTree } from '#read-models/tree/tree-query';
import { adoptStore } from '#use-cases/audit/make-checkpoint';
import { changeKey, signLog } from '#use-cases/audit/sign-log';
import type { SignedLog, SigningContext } from '#use-cases/audit/sign-log';
import type { CheckpointCall } from '#use-cases/audit/make-checkpoint';
import { UsageError } from '../verb-context.ts';
import { withFoldedTree } from '../with-folded-tree.ts';
import { addSignatures, gatherSignatures, withSigner } from '../signing.ts';
import type { Terminal } from '../terminal.ts';
import type { CommandLine, Verb } from '../verb-context.ts';

interface CheckpointOptions {
  readonly key?: true;
  readonly adopt?: string;
  readonly rotate?: true;
}

const HELP = `
A checkpoint is the log's size and the root of its tree, signed (C2SP tlog-checkpoint). It is recorded in the log and
printed. Send it to someone other than the operator: later, docket verify --checkpoint FILE proves that the log extends it.

Before it signs, the signer compares the log with everything it ever signed, which it stores in a file beside its key. If the log does
not extend all of that, or belongs to a different store, the signer refuses (exit 1). --adopt continues with a store that the signer
does not know, such as a restored backup, and records the reason and the size and root of what the store lost. Later packs contain them.
Witnesses that signed what was lost sign nothing more of this log: set DOCKET_LOG_ORIGIN to a new origin before you adopt the store.

--rotate signs with a new key from now on, and for 90 days with the old one too, so that verifiers of the log have time to get
the new key. The log stays the same. If --rotate was interrupted, run it again. --key prints every current key.

If only checkpoints were appended since the last one, docket checkpoint prints the last one again.`;

const REASON_LENGTH_MAX = 2_000;

export const addCheckpoint: Verb = (program) => {
  program
    .command('checkpoint')
    .description('Sign a checkpoint of the log and print it.')
    .option('--key', "print the log's current verifier keys without signing")
    .option('--adopt <reason>', 'continue with this store, which the signer does not know, and record why')
    .option('--rotate', 'sign with a new key, and for 90 days with the old one too')
    .addHelpText('after', HELP)
    .action(async (options: CheckpointOptions) => {
      refuseInvalid(options);
      if (options.key) {
        await program.withStore(() =>
          withSigner(program, ({ verifierKeys }) => {
            for (const key of verifierKeys) program.terminal.line(key);
          }),
        );
        return;
      }
      const outcome = await signNow(program, options);
      if (outcome.result !== 'empty') {
        program.terminal.write(outcome.note);
        return;
      }
      program.terminal.error('docket: the log is empty, so there is nothing to sign');
      program.terminal.exitCode = EXIT.refused;
    });
};

/** @throws UsageError */
function refuseInvalid({ key, adopt, rotate }: CheckpointOptions): void {
  if ([key, adopt, rotate].filter((option) => option !== undefined).length > 1)
    throw new UsageError('--key, --adopt and --rotate cannot be combined');
  if (adopt?.trim() === '')
    throw new UsageError('--adopt is blank. State the reason, for example --adopt "restored from a backup"');
  if (adopt !== undefined && adopt.length > REASON_LENGTH_MAX)
    throw new UsageError(`--adopt has ${adopt.length} characters; the maximum is ${REASON_LENGTH_MAX}`);
}

const signNow = (program: CommandLine, { adopt, rotate }: CheckpointOptions): Promise<SignedLog> =>
  withFoldedTree(program, (tree) =>
    withSigner(program, async ({ signer, memory, remembered }) => {
      const call = program.callAt(systemClock.now());
      const context = { ...tree, signer, memory };
      await tree.whenFolded(await tree.store.lastPosition(), 0);
      const newest = await readTree(tree.database, (view) => view.checkpoint());
      if (adopt !== undefined) {
        // Witnesses may remember a larger log than the signer.
        if (newest?.origin === signer.origin)
          await gatherSignatures(program, tree, signer, call, { includesSigned: true });
        await adoptStore(context, { reason: adopt, remembered }, call);
      }
      let signed = await signLog(context, call);
      if (rotate && signed.result !== 'empty')
        signed = await signWithNextKey(context, call, program.settings.checkpoints.key, program.terminal);
      return addSignatures(program, tree, signer, signed, call);
    }),
  );

/** Signs with a new key and the previous one, after verifying that the log extends what the previous key signed. */
async function signWithNextKey(
  context: SigningContext,
  call: CheckpointCall,
  path: string,
  terminal: Terminal,
): Promise<SignedLog> {
  const { signer } = context;
  const next = await loadOrCreateNextKey(path, signer.key);
  const bothUntil = await changeKey(context, next, call);
  const both = { origin: signer.origin, key: next, others: [signer.key, ...signer.others] };
  const signed = await signLog({ ...context, signer: both }, call);
  // This step is last, so that the same command can resume an interrupted change.
  const aside = await replaceKey(path, { before: signer.key, next }, bothUntil);
  terminal.error(`Both keys sign until ${bothUntil}. After that day you can delete ${aside}.`);
  return signed;
}
