// Regenerates the shared vectors: `node test/audit/make-vectors.ts`. Keys, salts and nonces are fixed, so that only
// changed cases differ.
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { PACK } from '#audit/pack/pack-names';
import type { PackFiles } from '#audit/pack/pack-names';
import { Authority, RECORDED_STAMP, recordedStamp } from './time-stamps.ts';
import type { Case } from './vector-cases.ts';
import { PACK_EXITS } from '#audit/pack/verify-pack';
import { BASES, verified, withoutWords, zipOf } from './vectors.ts';
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

// A time-stamp cannot be made again with the same bytes, so a new one is made only for another checkpoint.
const content = Buffer.from(makePack().get(PACK.checkpoint)!).toString();
if (!existsSync(RECORDED_STAMP) || recordedStamp().content !== content) {
  const authority = new Authority(mkdtempSync(join(tmpdir(), 'docket-authority-')), { isIssued: true });
  const response = authority.stamp(content).toString('base64');
  await write('time-stamp.json', { content, response, certificate: authority.certificate });
}
// They read the time-stamp.
const { BAD, GOOD } = await import('./vector-cases.ts');
const { LETTERS } = await import('./letter-cases.ts');
const bases = Object.fromEntries(Object.entries(BASES).map(([name, altered]) => [name, makePack(altered)]));
const nothing: PackFiles = new Map();
await write(
  'bases.json',
  Object.fromEntries(Object.entries(bases).map(([name, files]) => [name, deltaOf(nothing, files)])),
);
const filesOf = ({ base = 'whole', pack = (files) => files }: Case): PackFiles => pack(new Map(bases[base]));
const vectors: Vector[] = [...GOOD, ...BAD, ...LETTERS].map((made) => {
  const { pack: _, base = 'whole', zip = [], warnings = [], prints, ...said } = made;
  const files = filesOf(made);
  return {
    ...said,
    warnings,
    exit: made.verdict === null ? 2 : PACK_EXITS[made.verdict],
    base,
    changes: deltaOf(bases[base]!, files),
    zip,
    ...(prints && { prints: withoutWords(verified({ ...made, zipped: zipOf(files) })) }),
  };
});
await write('vectors.json', vectors);
