import { systemClock } from '#event-sourcing/clock';
import { systemRandom } from '#event-sourcing/random';
import { NOTE_BYTES_MAX } from '#audit/tlog/signed-note';
import { loadOrCreateNextKey, replaceKey } from '#platform/checkpoints/checkpoint-key';
import { assertOrigin } from '#platform/checkpoints/checkpoint-settings';
import { openSigner } from '#platform/checkpoints/open-signer';
import type { OpenSigner } from '#platform/checkpoints/open-signer';
import { EXIT } from '#platform/exit-codes';
import { readWitnessPolicy } from '#platform/witness/open-witnesses';
import { readTree } from '#read-models/tree/tree-query';
import { CHECKPOINTS_STREAM } from '#state-machines/checkpoint-events';
import { beginCheckpoints } from '#use-cases/audit/make-checkpoint';
import { changeKey, signLog } from '#use-cases/audit/sign-log';
import type { SignedLog, SigningContext } from '#use-cases/audit/sign-log';
import type { CheckpointCall } from '#use-cases/audit/make-checkpoint';
import { addCosignature } from '#use-cases/audit/record-cosignatures';
import { ProblemError } from '#use-cases/problems';
import { readOptionBytes } from '../read-limited.ts';
import type { ExpectedFile } from '../read-limited.ts';
import { UsageError } from '../verb-context.ts';
import { withFoldedTree } from '../with-folded-tree.ts';
import { refuseFork, addWitnessSignatures, witnessesOf } from '../witnessed.ts';
import type { FoldedTree } from '../with-folded-tree.ts';
import type { Terminal } from '../terminal.ts';
import type { CommandLine, Verb } from '../verb-context.ts';

interface CheckpointOptions {
  readonly key?: true;
  readonly adopt?: true;
  readonly rotate?: true;
  readonly begin?: string;
  readonly reason?: string;
  readonly addCosignature?: string;
}

const COSIGNED_FILE: ExpectedFile = {
  option: '--add-cosignature',
  expected: 'a checkpoint with a cosignature, as docket verify --cosign prints it',
  bytesMax: NOTE_BYTES_MAX,
};

const HELP = `
A checkpoint is the log's size and the root of its tree, signed (C2SP tlog-checkpoint). It is recorded in the log and
printed. Send it to someone other than the operator: later, docket verify --checkpoint FILE proves that the log extends it.

Before it signs, the signer compares the log with everything it ever signed, which it stores in a file beside its key. If the log does
not extend all of that, or belongs to a different store, the signer refuses (exit 1). --adopt accepts a store that the signer does not
know, if the log extends the last checkpoint: after a move, or a restore that lost no signed events. If a restore lost some, --begin
continues as a different log and records why: later packs contain the reason.

--rotate signs with a new key from now on, and for 90 days with the old one too, so that verifiers of the log have time to get
the new key. The log stays the same. If --rotate was interrupted, run it again. --key prints every current key.

--add-cosignature records an examiner's cosignature (docket verify --cosign): later packs contain it. List examiners in the policy
(DOCKET_WITNESS_POLICY) so that their signatures are verified first.

If only checkpoints were appended since the last one, docket checkpoint prints the last one again.`;

const REASON_LENGTH_MAX = 2_000;

export const addCheckpoint: Verb = (program) => {
  program
    .command('checkpoint')
    .description('Sign a checkpoint of the log and print it.')
    .option('--key', "print the log's current verifier keys without signing")
    .option('--adopt', 'continue with this store, which the signer does not know')
    .option('--rotate', 'sign with a new key, and for 90 days with the old one too')
    .option('--begin <origin>', 'continue as a different log with this origin')
    .option('--reason <text>', 'the reason to record; with --begin')
    .option('--add-cosignature <file>', 'record the cosignatures of a checkpoint that this log signed')
    .addHelpText('after', HELP)
    .action(async (options: CheckpointOptions) => {
      refuseMixed(options);
      if (options.addCosignature !== undefined) {
        await recordCosignature(program, options.addCosignature);
        return;
      }
      if (options.key) {
        await withSigner(program, ({ verifierKeys }) => {
          for (const key of verifierKeys) program.terminal.line(key);
        });
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

async function withSigner<Result>(
  program: CommandLine,
  action: (signing: OpenSigner) => Result | Promise<Result>,
): Promise<Result> {
  const signing = await openSigner(program.settings.checkpoints, systemClock.now());
  try {
    return await action(signing);
  } finally {
    signing.close();
  }
}

/** @throws UsageError */
function refuseMixed({ key, adopt, rotate, begin, reason, addCosignature: file }: CheckpointOptions): void {
  if (file !== undefined && (key || adopt || rotate || begin !== undefined || reason !== undefined))
    throw new UsageError('--add-cosignature cannot be combined with other options');
  if (key && (adopt || rotate || begin !== undefined))
    throw new UsageError('--key cannot be combined with --adopt, --rotate or --begin');
  if (rotate && (adopt || begin !== undefined))
    throw new UsageError('--rotate cannot be combined with --adopt or --begin');
  if ((begin === undefined) !== (reason === undefined))
    throw new UsageError('--begin ORIGIN and --reason TEXT require each other');
  if (adopt && begin !== undefined)
    throw new UsageError(
      '--adopt and --begin cannot be combined: --adopt continues the same log, --begin a different one',
    );
  if (reason?.trim() === '')
    throw new UsageError(
      '--reason is blank. State the reason, for example --reason "restored from a backup"',
    );
  if (reason !== undefined && reason.length > REASON_LENGTH_MAX)
    throw new UsageError(`--reason has ${reason.length} characters; the maximum is ${REASON_LENGTH_MAX}`);
  try {
    if (begin !== undefined) assertOrigin(begin);
  } catch (error) {
    throw new UsageError(`--begin ${(error as Error).message}`);
  }
}

async function recordCosignature(program: CommandLine, file: string): Promise<void> {
  const bytes = await readOptionBytes(file, COSIGNED_FILE);
  const policy = await readWitnessPolicy(program.settings.witnessPolicy);
  const keys = [...(policy?.witnesses ?? []).map(({ key }) => key), ...(policy?.examiners ?? [])];
  const call = program.callAt(systemClock.now());
  const { note, isNew, unchecked } = await withFoldedTree(program, (tree) =>
    addCosignature(tree, bytes, keys, call),
  );
  program.terminal.write(note);
  for (const name of isNew ? unchecked : [])
    program.terminal.warn(
      `the cosignature of ${name} was not verified: DOCKET_WITNESS_POLICY lists no such witness or examiner`,
    );
  if (!isNew) program.terminal.note('These cosignatures were already recorded.');
}

/** Opens the store before the signer, which creates a missing key, so that a folder without a store gets no key. */
async function signNow(
  program: CommandLine,
  { adopt, rotate, begin, reason = '' }: CheckpointOptions,
): Promise<SignedLog> {
  const { checkpoints } = program.settings;
  if (begin !== undefined && checkpoints.origin !== null && checkpoints.origin !== begin)
    throw new UsageError(
      `DOCKET_LOG_ORIGIN is a different origin, ${checkpoints.origin}; change or unset it`,
    );
  const call = { actor: program.actor, correlationId: systemRandom.uuid(), adopts: adopt === true };
  const signWith = async (tree: FoldedTree, signing: OpenSigner): Promise<SignedLog> => {
    const own = begin === undefined ? signing : signing.asLog(begin);
    if (begin !== undefined) {
      await tree.whenFolded(await tree.store.lastPosition(), 0);
      const signedAs = { origin: signing.signer.origin, remembered: signing.remembered };
      if (
        !(await beginCheckpoints(
          tree,
          { origin: begin, reason, signedAs },
          { ...call, now: systemClock.now() },
        ))
      )
        throw new ProblemError(
          'too-busy',
          'Another node signed at the same time, and nothing was changed. Try again',
        );
      await own.keepOrigin();
    }
    const { signer, memory } = own;
    const now = { ...call, now: systemClock.now() };
    if (adopt) await reportAdopted(program, tree, now);
    const context = { ...tree, signer, memory };
    let signed = await signLog(context, now);
    if (rotate && signed.result !== 'empty')
      signed = await signWithNextKey(context, now, checkpoints.key, program.terminal);
    return addWitnessSignatures(program, tree, signed, now);
  };
  return withFoldedTree(program, (tree) => withSigner(program, (signing) => signWith(tree, signing)));
}

/**
 * Reports the adopted checkpoint, since no memory confirms it, and compares it with what the witnesses remember.
 * @throws ProblemError if a witness saw a different or a longer log, or if no witness responds.
 */
async function reportAdopted(program: CommandLine, tree: FoldedTree, call: CheckpointCall): Promise<void> {
  await tree.whenFolded(await tree.store.lastPosition(), 0);
  const { size, last, signed } = await readTree(tree.database, async (view) => ({
    size: view.size,
    last: view.last,
    signed: await view.checkpoint(),
  }));
  const events = [last, signed && { streamId: CHECKPOINTS_STREAM, version: signed.version }].map(
    async (event) => {
      if (event === null) return undefined;
      const [found] = await tree.store.readStream(event.streamId, { after: event.version - 1, limit: 1 });
      return found?.recordedAt;
    },
  );
  const [recordedAt = 'an unknown time', signedAt] = await Promise.all(events);
  const lastSigned =
    signed === null
      ? 'It was never signed'
      : `It was last signed at ${signedAt ?? 'an unknown time'}, with ${signed.size} events`;
  program.terminal.error(
    `Adopting a log of ${size} events; the last was recorded at ${recordedAt}. ${lastSigned}. If you know of a later checkpoint, restore the newer log instead.`,
  );
  const witnesses = await witnessesOf(program, tree);
  await witnesses?.gather(call, { includesSigned: true });
  refuseFork(witnesses);
  const standing = witnesses?.statuses ?? [];
  if (signed !== null && standing.length > 0 && standing.every(({ failure }) => failure !== null))
    throw new ProblemError(
      'checkpoint-refused',
      'Nothing was signed: no witness could be reached to confirm the size of the log. To adopt the log without witnesses, unset DOCKET_WITNESS_POLICY',
    );
}

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
