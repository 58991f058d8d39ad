import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import type { PackCode } from '#audit/pack/findings';
import { NoVerdictError } from '#audit/pack/judge-pack';
import { PACK } from '#audit/pack/pack-names';
import { readTrust, TrustError } from '#audit/pack/read-trust';
import { PACK_EXITS, verifyZip } from '#audit/pack/verify-pack';
import type { PackVerdict, PackVerification } from '#audit/pack/verify-pack';
import type { PackWarning } from '#audit/pack/pack-warnings';
import { zipPack } from '#audit/pack/zip-pack';
import { ADOPTION, letterPack, SECOND_HISTORY, WITNESSES } from './pack-kit.ts';
import type { Altered } from './pack-kit.ts';

/** The packs from which all other packs differ. */
export const BASES = {
  whole: {},
  since: { since: 20 },
  witnessed: {
    cosigned: WITNESSES.slice(0, 2),
    names: { 'ann-inspector': 'Ann Inspector' },
  },
  second: SECOND_HISTORY,
  letter: { ...letterPack(), packMade: (event) => (event.data['adoptions'] = [ADOPTION]) },
} as const satisfies Record<string, Altered>;

/**
 * The content of a file: a text, or base64; large content is compressed (zlib). `{checkpoint}` in a proof is replaced
 * by `data/checkpoint`.
 */
export type Content = string | { readonly base64: string } | { readonly zlib: string };

/** Contents by path; null removes the file. */
export type Delta = Readonly<Record<string, Content | null>>;

/** An edit of a zip: other bytes replace a number of bytes from an offset on. */
export interface ZipEdit {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

/** The verifier's options by name; those that name files have their content. */
export interface VerifierOptions {
  readonly key: readonly string[];
  readonly witness?: readonly string[];
  readonly checkpoint?: string;
  readonly tsa?: string;
}

/** A pack, the options of the verifier, and the expected result. docs/pack-format.md describes the members. */
export interface Vector {
  readonly name: string;
  readonly options: VerifierOptions;
  /** The verdict; null if there is none (exit code 2). */
  readonly verdict: PackVerdict | null;
  readonly code: PackCode | null;
  readonly warnings: readonly PackWarning['code'][];
  readonly exit: 0 | 1 | 2 | 4;
  readonly base: string;
  readonly changes: Delta;
  readonly zip: readonly ZipEdit[];
  /** What the verifier prints with `--json`, without the texts. */
  readonly prints?: unknown;
}

/** A verifier's result; without a verdict, only the exit code. */
export type Verified = Partial<PackVerification> & { readonly exit: Vector['exit'] };

/** A zipped pack, with the verifier's options. */
export interface Zipped {
  readonly name: string;
  readonly options: VerifierOptions;
  readonly zipped: Uint8Array;
}

const bytesIn = (text: string | undefined): Uint8Array | null =>
  text === undefined ? null : Buffer.from(text);

/** Returns the result of `docket verify` for a pack. */
export function verified({ options, zipped }: Zipped): Verified {
  try {
    const trust = readTrust({
      keys: options.key,
      witnesses: options.witness ?? [],
      authority: bytesIn(options.tsa),
      kept: bytesIn(options.checkpoint),
    });
    const { verification } = verifyZip(zipped, trust);
    return { ...verification, exit: PACK_EXITS[verification.verdict] };
  } catch (error) {
    if (error instanceof TrustError || error instanceof NoVerdictError) return { exit: 2 };
    throw error;
  }
}

/** Returns a result without texts that verifiers may phrase differently. */
export function withoutWords({ exit: _, ...result }: Verified): unknown {
  return JSON.parse(
    JSON.stringify(result, (name, value: unknown) => (name === 'detail' ? undefined : value)),
  );
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./vectors/${name}`, import.meta.url), 'utf8'));

/** A vector with its pack as a zip. */
export interface ZippedVector extends Vector {
  readonly zipped: Uint8Array;
}

export function readVectors(): ZippedVector[] {
  const bases = read('bases.json') as Record<string, Delta>;
  return (read('vectors.json') as Vector[]).map((vector) => ({
    ...vector,
    zipped: zipped({ ...bases[vector.base], ...vector.changes }, vector.zip),
  }));
}

const INSTANT = Date.UTC(2026, 10, 26, 12);

function zipped(contents: Delta, edits: readonly ZipEdit[]): Uint8Array {
  const checkpoint = contents[PACK.checkpoint];
  const files = new Map<string, Uint8Array>();
  for (const [path, content] of Object.entries(contents)) {
    if (content === null) continue;
    files.set(path, bytesOf(content, typeof checkpoint === 'string' ? checkpoint : ''));
  }
  return edited(zipOf(files), edits);
}

function bytesOf(content: Content, checkpoint: string): Buffer {
  if (typeof content === 'string') return Buffer.from(content.replace('{checkpoint}', () => checkpoint));
  if ('base64' in content) return Buffer.from(content.base64, 'base64');
  return inflateSync(Buffer.from(content.zlib, 'base64'));
}

export const zipOf = (files: ReadonlyMap<string, Uint8Array>): Buffer =>
  Buffer.concat([...zipPack(files, 'pack', INSTANT)]);

/** Returns the bytes after edits, whose offsets refer to the bytes after the previous edits. */
const edited = (bytes: Buffer, edits: readonly ZipEdit[]): Buffer =>
  edits.reduce(
    (now, { at, remove, insert }) =>
      Buffer.concat([now.subarray(0, at), Buffer.from(insert, 'hex'), now.subarray(at + remove)]),
    bytes,
  );
