import { hash } from 'node:crypto';
import { printCheckpoint } from '#audit/tlog/checkpoint';
import { printNote } from '#audit/tlog/signed-note';
import type { NoteSignature } from '#audit/tlog/signed-note';
import { consistencyProof, inclusionProofs, rootOf } from '#audit/tlog/tree-proofs';
import type { Envelope } from '#event-sourcing/envelope';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import { treeProjection } from '#read-models/tree/tree-projection';
import { readTree } from '#read-models/tree/tree-query';
import type { TreeView } from '#read-models/tree/tree-query';
import { cut, foldInParts } from '../support/read-models.ts';
import {
  witnessSignature,
  LOG_VKEY,
  NEXT_VKEY,
  ORIGIN,
  logSignature,
  WITNESS_VKEYS,
  WITNESSES,
} from './pack-kit.ts';

/** The size of a tree with two full tiles and a partial one. */
const SIZE = 2 * 256 + 45;
const SIZES = [1, 2, 3, 7, 8, 255, 256, 257, 512, SIZE];

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const idOf = (vkey: string): string => vkey.split('+').slice(0, 2).join('+');
const leafOf = (index: number): string => hash('sha256', `event ${index}`);

/**
 * Returns the signatures and proofs of the log for each size, which are always the same, for the independent
 * implementations in `judges/judge.go`.
 */
export async function judgedCases() {
  const leaves = Array.from({ length: SIZE }, (_, index) => leafOf(index));
  const events = leaves.map((leaf, index): Partial<Envelope> => ({
    hash: leaf,
    streamId: 'person-ada',
    version: index + 1,
    position: String(index + 1),
  }));
  const database = openSqliteReadModels(':memory:', [treeProjection]);
  try {
    await foldInParts(database, cut(events as Envelope[], [200, 100, SIZE]));
    return await readTree(database, async (tree) => ({
      logKeys: [LOG_VKEY, NEXT_VKEY],
      witnessKeys: WITNESS_VKEYS,
      size: SIZE,
      notes: await notesOf(tree),
      ...(await proofsOf(tree)),
    }));
  } finally {
    await database.close();
  }
}

/** Returns checkpoints signed by one key, by two during a key rotation, and with signatures of witnesses. */
function notesOf({ nodes }: TreeView) {
  return Promise.all(
    SIZES.map(async (size, at) => {
      const text = printCheckpoint({
        origin: ORIGIN,
        size: BigInt(size),
        root: await rootOf(BigInt(size), nodes),
      });
      const witnesses = at % 3;
      const seeds = at % 2 === 0 ? (['log'] as const) : (['next', 'log'] as const);
      const signatures: NoteSignature[] = [
        ...seeds.map((seed) => logSignature(text, ORIGIN, seed)),
        ...WITNESSES.slice(0, witnesses).map((name) => witnessSignature(text, name)),
      ];
      const keys = [
        ...seeds.map((seed) => (seed === 'log' ? LOG_VKEY : NEXT_VKEY)),
        ...WITNESS_VKEYS.slice(0, witnesses),
      ];
      return { note: printNote({ text, signatures }), size, signers: keys.map(idOf) };
    }),
  );
}

async function proofsOf({ nodes }: TreeView) {
  const pairs = SIZES.flatMap((size) =>
    SIZES.filter((old) => old < size).map((old) => ({ from: old, to: size })),
  );
  return {
    inclusions: await Promise.all(
      pairs.map(async ({ from: index, to: size }) => {
        const [path = []] = await inclusionProofs([BigInt(index)], BigInt(size), nodes);
        return { index, size, path: path.map(base64) };
      }),
    ),
    consistencies: await Promise.all(
      pairs.map(async ({ from, to }) => {
        const path = await consistencyProof(BigInt(from), BigInt(to), nodes);
        return { from, to, path: path.map(base64) };
      }),
    ),
  };
}
