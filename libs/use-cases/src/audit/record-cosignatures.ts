import { parseCheckpoint } from '#audit/tlog/checkpoint';
import { parseNote, parseSignatureLine } from '#audit/tlog/signed-note';
import type { NoteSignature, SignedNote } from '#audit/tlog/signed-note';
import { readTree } from '#read-models/tree/tree-query';
import { checkpointDraft } from '#state-machines/checkpoint-events';
import { londonDate } from '#state-machines/london';
import { appendSigned } from './make-checkpoint.ts';
import type { CheckpointCall } from './make-checkpoint.ts';
import type { SigningContext } from './sign-log.ts';

type Context = Pick<SigningContext, 'store' | 'random' | 'database' | 'whenFolded'>;

/** The number of attempts. An attempt fails if another node appends first. */
const ATTEMPTS_MAX = 4;
const FOLD_MS_MAX = 5_000;

/**
 * Records cosignatures of a checkpoint that the log signed, unless they are already recorded.
 * @returns `too-busy` if other nodes appended first on every attempt.
 */
export async function recordCosignatures(
  { store, random, database, whenFolded }: Context,
  { text }: SignedNote,
  lines: readonly string[],
  call: CheckpointCall,
): Promise<'recorded' | 'on-record' | 'too-busy'> {
  const { origin, size, root } = parseCheckpoint(text);
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const [stored, lastEvent] = await readTree(database, (tree) =>
      Promise.all([tree.checkpoint(size), tree.lastCheckpointEvent()]),
    );
    const existing = parseNote(Buffer.from(stored?.note ?? '')).signatures;
    const signatures = lines.filter((line) => !isThere(existing, parseSignatureLine(line)));
    if (signatures.length === 0) return 'on-record';
    const head = { origin, size: Number(size), root: Buffer.from(root).toString('base64') };
    const event = checkpointDraft('CheckpointCosigned', { ...head, signatures }, londonDate(call.now));
    const isRecorded = await appendSigned({ store, random }, lastEvent?.version ?? 0, event, call);
    await whenFolded(await store.lastPosition(), FOLD_MS_MAX);
    if (isRecorded) return 'recorded';
  }
  return 'too-busy';
}

const isThere = (there: readonly NoteSignature[], { name, keyId }: NoteSignature): boolean =>
  there.some((other) => other.name === name && other.keyId === keyId);
