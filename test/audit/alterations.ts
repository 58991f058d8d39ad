import { isPayload, PACK } from '#audit/pack/pack-names';
import type { PackFiles } from '#audit/pack/pack-names';
import { randomOf } from '../support/random.ts';
import { listAnew } from './pack-kit.ts';
import { zipOf } from './vectors.ts';

/**
 * Parts without a proof, which the log's key may list again with other content: others' signatures on earlier
 * checkpoints, because unknown keys are ignored.
 */
const UNPROVED: readonly string[] = [
  PACK.recordHtml,
  PACK.recordText,
  PACK.chart,
  PACK.names,
  PACK.timestamp,
  PACK.previous,
];

/** Returns a zipped pack with one random alteration, with or without updated lists and signatures. */
export function alteredAtRandom(base: PackFiles, seed: number): Uint8Array {
  const random = randomOf(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const isListedAnew = random() < 0.5;
  const paths = [...base.keys()].filter(
    (path) => !isListedAnew || (isPayload(path) && !UNPROVED.includes(path)),
  );
  const [path, other] = [paths[below(paths.length)]!, paths[below(paths.length)]!];
  const files = new Map(base);
  const bytes = Buffer.from(files.get(path)!);
  const at = below(bytes.length);
  switch (below(7)) {
    case 0:
      files.delete(path);
      break;
    case 1:
      files.set(path, bytes.subarray(0, at));
      break;
    case 2:
      files.set(`${path}${below(10)}`, bytes);
      break;
    case 3:
      // Two files are swapped. If both are the same, the file loses its first byte instead.
      files.set(other, path === other ? bytes.subarray(1) : bytes);
      if (path !== other) files.set(path, Buffer.from(base.get(other)!));
      break;
    case 4:
      files.set(path, Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(5))]));
      break;
    case 5:
      files.set(path, Buffer.concat([bytes, bytes.subarray(at)]));
      break;
    default:
      bytes[at]! ^= 1 << below(8);
      files.set(path, bytes);
  }
  const zipped = zipOf(isListedAnew ? new Map(listAnew(files)) : files);
  return random() < 0.1 ? zipped.subarray(0, below(zipped.length)) : zipped;
}
