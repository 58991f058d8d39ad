import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { leafHash, leafHashOf, MerkleTree } from '#audit/merkle-tree';
import {
  consistencyProof,
  inclusionProofs,
  isConsistent,
  rootFromInclusion,
  rootOf,
} from '#audit/tlog/tree-proofs';
import { onEachDatabase, onEqualDatabases } from '#test/support/read-model-harness';
import { cut, foldInParts } from '#test/support/read-models';
import { treeProjection } from './tree-projection.ts';
import { findLeaves, readTree } from './tree-query.ts';

/** The number of events of three tiles, the last one partial. */
const EVENTS = 2 * 256 + 70;

onEachDatabase('the tree over the log on $name', [treeProjection], (models) => {
  const { log } = models;
  const rootAt = (size: number) => {
    const tree = new MerkleTree();
    for (const { hash } of log.events.slice(0, size)) tree.appendHash(hash);
    return tree.rootHex();
  };
  const hex = (bytes: Uint8Array | null) => bytes && Buffer.from(bytes).toString('hex');
  const append = (count: number) => {
    for (let index = 0; index < count; index += 1)
      log.append('person-ada', 'PersonNamed', { name: `Ada ${index}` });
  };

  test('given no events, then it has no leaf', async () => {
    await models.fold();
    expect(await readTree(models.database, ({ size, last }) => Promise.resolve({ size, last }))).toEqual({
      size: 0n,
      last: null,
    });
  });

  test('given events in batches, then it has the root of each size', async () => {
    append(EVENTS);
    await foldInParts(models.database, cut(log.events, [1, 254, 3, 200, Infinity]));
    await readTree(models.database, async ({ size, last, nodes }) => {
      expect(size).toBe(BigInt(EVENTS));
      expect(last).toEqual({ streamId: 'person-ada', version: EVENTS, hash: log.events.at(-1)?.hash });
      for (const count of [1, 2, 255, 256, 257, 512, 513, EVENTS])
        expect(hex(await rootOf(BigInt(count), nodes))).toBe(rootAt(count));
    });
  });

  test('given hashes of events, then it returns their places, up to a size, and proves them together', async () => {
    append(EVENTS);
    await models.fold();
    const size = BigInt(EVENTS - 1);
    const hashes = [EVENTS - 2, 0, 300, 256, EVENTS - 1].map((index) => log.events[index]!.hash);
    const places = await findLeaves(models.database, [...hashes, '0'.repeat(64)], size);
    expect([...places].sort()).toEqual(
      [0, 256, 300, EVENTS - 2].map((at) => [log.events[at]!.hash, BigInt(at)]).sort(),
    );
    await readTree(models.database, async ({ nodes }) => {
      const indexes = [...places.values()];
      const proofs = await inclusionProofs(indexes, size, nodes);
      for (const [at, index] of indexes.entries()) {
        const leaf = leafHash(Buffer.from(log.events[Number(index)]!.hash, 'hex'));
        expect(hex(rootFromInclusion(leaf, index, size, proofs[at]!))).toBe(rootAt(EVENTS - 1));
      }
    });
  });

  test('given two sizes, then the trees are consistent', async () => {
    append(EVENTS);
    await models.fold();
    await readTree(models.database, async ({ size, nodes }) => {
      for (const old of [1n, 100n, 256n, 300n, 512n, 581n]) {
        const before = { size: old, root: await rootOf(old, nodes) };
        const now = { size, root: await rootOf(size, nodes) };
        expect(isConsistent(before, now, await consistencyProof(old, size, nodes))).toBe(true);
      }
    });
  });

  test('given a tile of leaves, then it has those of its events, and the position after which they begin', async () => {
    append(EVENTS);
    await models.fold();
    const hashesFrom = (from: number, to: number) =>
      log.events.slice(from, to).map(({ hash }) => leafHashOf(hash));
    await readTree(models.database, async (tree) => {
      expect(await tree.leaves(0)).toEqual({ after: '0', hashes: hashesFrom(0, 256) });
      const { position } = models.log.events[511]!;
      expect(await tree.leaves(2)).toEqual({ after: position, hashes: hashesFrom(512, EVENTS) });
      expect((await tree.leaves(3)).hashes).toEqual([]);
    });
  });
});

onEqualDatabases('the tree over the log on $name', [treeProjection], (models) => {
  test('given any batches, then the rows are the same as if folded event by event', async () => {
    for (let index = 0; index < 270; index += 1)
      models.log.append('person-ada', 'PersonNamed', { name: `Ada ${index}` });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 260 }), { maxLength: 4 }), async (sizes) => {
        await models.expectSameRows(models.log, sizes);
      }),
      { numRuns: models.kind.cases(15) },
    );
  });
});
