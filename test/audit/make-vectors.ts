// Regenerates the shared vectors: `node test/audit/make-vectors.ts`. Keys, salts and nonces are fixed, so that only
// changed cases differ.
import { writeFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { PACK } from '#audit/pack/pack-names';
import type { PackFiles } from '#audit/pack/pack-names';
import { BEGUN } from './begun-cases.ts';
import { COMPARED } from './compared-cases.ts';
import { EXAMINED } from './examined-cases.ts';
import { LETTERS } from './letter-cases.ts';
import { BAD, GOOD } from './vector-cases.ts';
import type { Case } from './vector-cases.ts';
import { BASES, CALLED_WRONGLY, printedOf, verified, zipOf } from './vectors.ts';
import type { Content, Delta, Vector } from './vectors.ts';
import { formatFile } from '../support/format-file.ts';
import { makePack } from './pack-kit.ts';

const FOLDER = new URL('./vectors/', import.meta.url);

/** The size in bytes above which content is compressed. */
const LARGE = 100_000;

const contentOf = (bytes: Uint8Array): Content => {
  if (bytes.length > LARGE) return { zlib: deflateSync(bytes).toString('base64') };
  const text = Buffer.from(bytes).toString();
  return Buffer.from(text).equals(bytes) ? text : { base64: Buffer.from(bytes).toString('base64') };
};

/** The placeholder for the checkpoint, which every proof contains, so that it is written only once. */
const CHECKPOINT = '{checkpoint}';

function deltaOf(base: PackFiles, files: PackFiles): Delta {
  const checkpoint = Buffer.from(files.get(PACK.checkpoint) ?? '').toString();
  const delta: Record<string, Delta[string]> = {};
  for (const path of base.keys()) if (!files.has(path)) delta[path] = null;
  for (const [path, bytes] of files) {
    const before = base.get(path);
    if (before !== undefined && Buffer.compare(before, bytes) === 0) continue;
    const text = contentOf(bytes);
    const isProof = typeof text === 'string' && path.endsWith('.tlog-proof') && checkpoint !== '';
    delta[path] = isProof ? text.replace(checkpoint, CHECKPOINT) : text;
  }
  return delta;
}

async function write(name: string, value: unknown): Promise<void> {
  const file = new URL(name, FOLDER);
  writeFileSync(file, await formatFile(name, JSON.stringify(value)));
}

const bases = Object.fromEntries(Object.entries(BASES).map(([name, altered]) => [name, makePack(altered)]));
const nothing: PackFiles = new Map();
await write(
  'bases.json',
  Object.fromEntries(Object.entries(bases).map(([name, files]) => [name, deltaOf(nothing, files)])),
);
type Packed = Partial<NonNullable<Case['against']>>;
const filesOf = ({ base = 'whole', pack = (files) => files }: Packed): PackFiles =>
  pack(new Map(bases[base]));
const changesOf = (packed: Packed): Delta => deltaOf(bases[packed.base ?? 'whole']!, filesOf(packed));
const printsOf = (made: Case): unknown =>
  printedOf(
    verified({
      ...made,
      zipped: zipOf(filesOf(made)),
      zippedAgainst: made.against ? zipOf(filesOf(made.against)) : null,
    }),
  );
const exitOf = ({ verdict, unmet = [], exit }: Case): Vector['exit'] => {
  if (exit !== undefined) return exit;
  if (verdict === CALLED_WRONGLY) return 2;
  if (verdict === 'does-not-hold' || unmet.length > 0) return 1;
  return verdict === 'unanchored' ? 4 : 0;
};
const vectors: Vector[] = [...GOOD, ...BAD, ...COMPARED, ...EXAMINED, ...BEGUN, ...LETTERS].map((made) => {
  const {
    pack: _,
    base = 'whole',
    zip = [],
    against,
    unmet = [],
    warnings = [],
    comparison,
    begun,
    prints,
    ...said
  } = made;
  return {
    ...said,
    unmet,
    warnings,
    exit: exitOf(made),
    base,
    changes: changesOf(made),
    zip,
    ...(comparison && { comparison }),
    ...(begun && { begun }),
    ...(against && { against: { base: against.base, changes: changesOf(against) } }),
    ...(prints && { prints: printsOf(made) }),
  };
});
await write('vectors.json', vectors);
