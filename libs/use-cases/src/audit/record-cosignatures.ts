import { parseCheckpoint } from '#audit/tlog/checkpoint';
import { cosignersOf, isCosignature } from '#audit/tlog/cosignature';
import {
  keyOf,
  MalformedNoteError,
  parseNote,
  parseSignatureLine,
  printSignatureLine,
} from '#audit/tlog/signed-note';
import type { NoteSignature, SignedNote, VerifierKey } from '#audit/tlog/signed-note';
import { readTree } from '#read-models/tree/tree-query';
import { checkpointDraft } from '#state-machines/checkpoint-events';
import { londonDate } from '#state-machines/london';
import { ProblemError } from '../problems.ts';
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
  { examined }: { readonly examined?: true } = {},
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
    const data = { ...head, signatures, ...(examined && { examined }) };
    const event = checkpointDraft('CheckpointCosigned', data, londonDate(call.now));
    const isRecorded = await appendSigned({ store, random }, lastEvent?.version ?? 0, event, call);
    await whenFolded(await store.lastPosition(), FOLD_MS_MAX);
    if (isRecorded) return 'recorded';
  }
  return 'too-busy';
}

const isThere = (there: readonly NoteSignature[], { name, keyId }: NoteSignature): boolean =>
  there.some((other) => other.name === name && other.keyId === keyId);

interface AddedCosignature {
  /** The checkpoint with all its signatures. */
  readonly note: string;
  readonly isNew: boolean;
  /** Names of cosigners whose keys are unknown here, so that their signatures were not verified. */
  readonly unchecked: readonly string[];
}

/**
 * Records the cosignatures in a checkpoint's file, as an examiner printed it.
 * @param keys the keys of known cosigners: their signatures must be valid.
 * @throws CosignatureRefusedError if the log did not sign that checkpoint or it has no valid cosignature; ProblemError `too-busy`.
 */
export async function addCosignature(
  context: Context,
  file: Uint8Array,
  keys: readonly VerifierKey[],
  call: CheckpointCall,
): Promise<AddedCosignature> {
  const note = noteIn(file);
  const { size } = parseCheckpoint(note.text);
  await context.whenFolded(await context.store.lastPosition(), 0);
  const find = () => readTree(context.database, (tree) => tree.checkpoint(size));
  const stored = await find();
  if (stored === null || parseNote(Buffer.from(stored.signed)).text !== note.text)
    throw refusal('this log did not sign that checkpoint');
  const cosignatures = note.signatures.filter(isCosignature);
  for (const signature of cosignatures) {
    const key = keyOf(keys, signature);
    if (key !== undefined && cosignersOf({ ...note, signatures: [signature] }, [key]).length === 0)
      throw refusal(`the signature of ${signature.name} is not valid`);
  }
  if (cosignatures.length === 0) throw refusal('it has no cosignature');
  const outcome = await recordCosignatures(context, note, cosignatures.map(printSignatureLine), call, {
    examined: true,
  });
  if (outcome === 'too-busy')
    throw new ProblemError('too-busy', 'Other nodes signed at the same time. Try again');
  const unchecked = cosignatures.filter((signature) => keyOf(keys, signature) === undefined);
  return {
    note: (await find())?.note ?? stored.note,
    isNew: outcome === 'recorded',
    unchecked: unchecked.map(({ name }) => name),
  };
}

/** A submitted checkpoint was not recorded; the message says why. */
class CosignatureRefusedError extends Error {
  override readonly name = 'CosignatureRefusedError';
  readonly code = 'cosignature-refused';
}

const refusal = (why: string): CosignatureRefusedError =>
  new CosignatureRefusedError(`The cosignature was not recorded: ${why}`);

function noteIn(file: Uint8Array): SignedNote {
  try {
    const note = parseNote(file);
    parseCheckpoint(note.text);
    return note;
  } catch (error) {
    if (!(error instanceof MalformedNoteError)) throw error;
    throw refusal(`the file ${error.message}`);
  }
}
