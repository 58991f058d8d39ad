import type { Command } from 'commander';
import { randomUUID } from 'node:crypto';
import { assertOrigin } from '#platform/checkpoints/checkpoint-settings';
import { openSigner, storeName } from '#platform/checkpoints/open-signer';
import type { OpenSigner } from '#platform/checkpoints/open-signer';
import { EXIT } from '#platform/exit-codes';
import { openReadModels } from '#projections/open-read-models';
import { ProjectionRunner } from '#projections/runner';
import { assertSameLog } from '#projections/same-log';
import { treeProjection } from '#read-models/tree/tree-projection';
import { beginCheckpoints } from '#use-cases/audit/make-checkpoint';
import { signLog } from '#use-cases/audit/sign-log';
import type { SignedLog } from '#use-cases/audit/sign-log';
import { ProblemError } from '#use-cases/problems';
import { actorOf, settingsOf, storeAddress, UsageError, withStore } from '../verb-context.ts';
import type { Verb } from '../verb-context.ts';

interface CheckpointOptions {
  readonly key?: true;
  readonly adopt?: true;
  readonly begin?: string;
  readonly reason?: string;
}

const HELP = `
A checkpoint says how many events the log has and what its tree's root is, signed (C2SP tlog-checkpoint). It is recorded in the log, and
printed. Give it to somebody who is not the operator: docket verify --checkpoint FILE shows later that the log leads on from it.

Before it signs, the signer compares the log with all that it ever signed, which it remembers in a file beside its key. Where the log does
not lead on, or is another store's, it refuses (exit 1). --adopt goes on with a store that the memory does not know, if it leads on from what
was signed last: after a restore, or a move. --begin goes on as another log, and records why.

Nothing is signed twice: where only checkpoints were appended since the last one, that one is printed.`;

const REASON_LENGTH_MAX = 2_000;

export const addCheckpoint: Verb = (program, terminal, end) => {
  program
    .command('checkpoint')
    .description('Sign how far the log has come, and print that.')
    .option('--key', "print the log's verifier key, and sign nothing")
    .option('--adopt', 'go on with this store, which the signer does not know')
    .option('--begin <origin>', 'go on as another log, of this name')
    .option('--reason <text>', 'why, on record; with --begin')
    .addHelpText('after', HELP)
    .action(async (options: CheckpointOptions) => {
      refuseMixed(options);
      const signing = await openSigner(settingsOf(program).checkpoints);
      try {
        if (options.key) {
          terminal.line(signing.verifierKey);
          return;
        }
        const outcome = await signedNow(program, signing, options);
        if (outcome.result !== 'empty') {
          terminal.write(outcome.note);
          return;
        }
        terminal.error('docket: the log is empty; there is nothing to sign');
        end(EXIT.refused);
      } finally {
        signing.close();
      }
    });
};

/** @throws UsageError */
function refuseMixed({ key, adopt, begin, reason }: CheckpointOptions): void {
  if (key && (adopt || begin !== undefined))
    throw new UsageError('--key signs nothing; give nothing else with it');
  if ((begin === undefined) !== (reason === undefined))
    throw new UsageError('--begin ORIGIN and --reason TEXT go together');
  if (adopt && begin !== undefined) throw new UsageError('--adopt goes on as the same log; --begin does not');
  if (reason?.trim() === '') throw new UsageError('--reason says nothing');
  if (reason !== undefined && reason.length > REASON_LENGTH_MAX)
    throw new UsageError(`--reason has ${reason.length} characters; ${REASON_LENGTH_MAX} are enough`);
  try {
    if (begin !== undefined) assertOrigin(begin);
  } catch (error) {
    throw new UsageError(`--begin ${(error as Error).message}`);
  }
}

async function signedNow(
  program: Command,
  signing: OpenSigner,
  { adopt, begin, reason = '' }: CheckpointOptions,
): Promise<SignedLog> {
  const { readModels, checkpoints } = settingsOf(program);
  if (begin !== undefined && checkpoints.origin !== null && checkpoints.origin !== begin)
    throw new UsageError(`DOCKET_LOG_ORIGIN names another log, ${checkpoints.origin}`);
  if (readModels.kind === 'memory') throw new UsageError('a store in memory is gone with its process');
  const call = { actor: actorOf(program), correlationId: randomUUID(), adopts: adopt === true };
  return withStore(
    program,
    async (store) => {
      const database = await openReadModels(readModels);
      try {
        await assertSameLog(store, database);
        const fold = () => new ProjectionRunner({ store, database, projections: [treeProjection] }).catchUp();
        const here = { store, database, storeName: storeName(storeAddress(program)) };
        const own = begin === undefined ? signing : signing.asLog(begin);
        if (begin !== undefined) {
          await fold();
          if (!(await beginCheckpoints(here, { origin: begin, reason }, { ...call, now: Date.now() })))
            throw new ProblemError('too-busy', 'Another node signed meanwhile; nothing was begun, try again');
          own.keepOrigin();
        }
        const whenFolded = () => fold().then(() => true);
        const { signer, memory } = own;
        return await signLog({ ...here, signer, memory, whenFolded }, { ...call, now: Date.now() });
      } finally {
        await database.close();
      }
    },
    { create: false, readOnly: false },
  );
}
