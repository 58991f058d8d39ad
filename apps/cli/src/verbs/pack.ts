import { writeFile } from 'node:fs/promises';
import { systemClock } from '#event-sourcing/clock';
import { systemRandom } from '#event-sourcing/random';
import type { EventStore } from '#event-sourcing/event-store';
import type { OpenSigner } from '#platform/checkpoints/open-signer';
import { makeFile, makeFolder } from '#platform/new-file';
import { shownBytes } from '#platform/places';
import { verifiers } from '#platform/verifiers';
import { lifecycles } from '#state-machines/lifecycles';
import { makePack, zippedPack } from '#use-cases/audit/make-pack';
import type { Pack } from '#use-cases/audit/make-pack';
import type { CheckpointCall } from '#use-cases/audit/make-checkpoint';
import { signLog } from '#use-cases/audit/sign-log';
import { readWithholding } from '#use-cases/audit/withhold-values';
import type { Withholding } from '#use-cases/audit/withhold-values';
import { ProblemError } from '#use-cases/problems';
import { People } from '#use-cases/people/people';
import { CHECKPOINT_FILE, readOptionText } from '../read-limited.ts';
import { NAME_OF_RECORD, recordNamed, UsageError, userPath } from '../verb-context.ts';
import type { CommandLine, Verb } from '../verb-context.ts';
import { withFoldedTree } from '../with-folded-tree.ts';
import type { FoldedTree } from '../with-folded-tree.ts';
import { addSignatures, withSigner } from '../signing.ts';

interface PackOptions {
  readonly out: string;
  readonly zip?: true;
  readonly since?: string;
  readonly withhold: readonly string[];
  readonly names?: true;
}

const SINCE_FILE = { ...CHECKPOINT_FILE, option: '--since' };

const HELP = `
An evidence pack is a record's whole history in files, with proof that its events are in the signed log. Anyone with it and the log's key
(docket checkpoint --key) can verify it without this store: docket verify --pack PATH, or verify.html and verify.py in it. docket pack
records the pack (PackMade) and signs the log before it writes PATH.

--since proves that the log extends an earlier checkpoint, which somebody kept: docket verify --pack PATH --checkpoint FILE.
--withhold leaves out texts (never events), and everything that redacting those texts would erase: internal for internal comments and the
reasons for redactions, or VERSION:POINTER=CODE for one text of an event, where CODE is the exemption, such as 4:/data/text=FOI.s40.

PATH is written completely or not at all, and never overwrites anything.`;

const collect = (value: string, values: readonly string[]): readonly string[] => [...values, value];

export const addPack: Verb = (program) => {
  program
    .command('pack')
    .argument('<id>', `the record: ${NAME_OF_RECORD}`)
    .description('Make an evidence pack of a record, which others can verify independently.')
    .requiredOption('--out <path>', 'the folder or file to create')
    .option('--zip', 'write one file (the default if the path ends with .zip)')
    .option('--since <file>', 'prove that the log extends this kept checkpoint')
    .option('--withhold <what>', 'the texts to omit from the pack; can be repeated', collect, [])
    .option('--names', 'include the names of actors (not proved)')
    .addHelpText('after', HELP)
    .action(async (id: string, options: PackOptions) => {
      const path = userPath(options.out);
      const pack = await makeRequestedPack(program, id, options);
      const bytes = await write(pack, {
        id,
        path,
        isZip: options.zip === true || path.toLowerCase().endsWith('.zip'),
      });
      const withheld = pack.withheld === 1 ? '1 text' : `${pack.withheld} texts`;
      program.terminal.line(
        `${program.terminal.styled('green', 'Packed')} ${id}, version ${pack.version}, to ${path} (${shownBytes(bytes)}); ${withheld} withheld`,
      );
    });
};

async function makeRequestedPack(
  program: CommandLine,
  id: string,
  { since: file, withhold, names }: PackOptions,
): Promise<Pack> {
  const chosen = withholdingOf(withhold);
  const since = file === undefined ? undefined : { note: await readOptionText(file, SINCE_FILE) };
  const call = program.callAt(systemClock.now());
  return withFoldedTree(program, async ({ store: unguarded, database, ...tree }) => {
    const { store } = await program.guardSameLog(unguarded);
    const making = withSigner(program, async (opened) => {
      const signing = signingOf(program, opened, { store, database, ...tree });
      const context = { store, random: tree.random, readModels: database, lifecycles, verifiers, signing };
      return makePack(context, call, {
        record: await recordNamed(store, program.terminal, id),
        since,
        withholding: () => chosen,
        ...(names && { namesOf: (subjects) => namesOf(store, subjects) }),
        onProgress(done, total) {
          program.terminal.progress(done, total, 'proofs');
        },
      });
    });
    return making.finally(() => {
      program.terminal.endProgress();
    });
  });
}

const signingOf = (program: CommandLine, { signer, memory }: OpenSigner, tree: FoldedTree) => ({
  signer: () => Promise.resolve(signer),
  async sign(call: CheckpointCall) {
    const signed = await signLog({ ...tree, signer, memory }, call);
    return addSignatures(program, tree, signer, signed, call);
  },
});

function withholdingOf(choices: readonly string[]): Withholding {
  try {
    return readWithholding(choices);
  } catch (error) {
    if (error instanceof ProblemError) throw new UsageError(`--${error.message}`);
    throw error;
  }
}

async function namesOf(
  store: EventStore,
  subjects: ReadonlySet<string>,
): Promise<Readonly<Record<string, string>>> {
  const names = await new People(store, systemRandom).readNames(subjects);
  return Object.fromEntries([...names].filter((named): named is [string, string] => named[1] !== null));
}

async function write(
  pack: Pack,
  { id, path, isZip }: { readonly id: string; readonly path: string; readonly isZip: boolean },
): Promise<number> {
  if (isZip) {
    await makeFile(path, (aside) => writeFile(aside, zippedPack(pack, id)));
  } else await makeFolder(path, pack.files);
  return [...pack.files.values()].reduce((sum, { length }) => sum + length, 0);
}
