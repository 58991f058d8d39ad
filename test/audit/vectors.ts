import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { PACK } from '#audit/pack/pack-names';
import type { PackCode } from '#audit/pack/findings';
import { COMPARISON_EXITS, comparePacks } from '#audit/pack/compare-packs';
import type { ComparisonOutcome, PackComparison } from '#audit/pack/compare-packs';
import type { PackTrust, PackVerdict, RequiredVerdict, UnmetCondition } from '#audit/pack/judge-pack';
import type { PackWarning } from '#audit/pack/pack-anchors';
import { readTrust, TrustError } from '#audit/pack/read-trust';
import { outcomeOf, PACK_EXITS, verifyZip } from '#audit/pack/verify-pack';
import type { PackVerification } from '#audit/pack/verify-pack';
import { zipPack } from '#audit/pack/zip-pack';
import { BEGUN_ANEW, EXAMINERS, letterPack, SECOND_HISTORY, WITNESSES } from './pack-kit.ts';
import type { Altered } from './pack-kit.ts';

/** The packs from which all other packs differ. */
export const BASES = {
  whole: {},
  since: { since: 20 },
  witnessed: { cosigned: WITNESSES.slice(0, 2), names: { 'ann-inspector': 'Ann Inspector' } },
  second: SECOND_HISTORY,
  anew: { begun: [BEGUN_ANEW] },
  letter: letterPack(),
  examined: { cosigned: WITNESSES.slice(0, 2), examined: { size: 42, by: EXAMINERS } },
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

export interface VerifierInput {
  readonly keys: readonly string[];
  readonly policy: string | null;
  readonly kept: string | null;
  readonly require: RequiredVerdict | null;
  readonly lifecycles?: readonly string[];
  readonly challenge?: string | null;
}

/** The result if the caller's input cannot be read, so that nothing is known about the pack. */
export const CALLED_WRONGLY = 'called-wrongly';

/** A pack, the input of the verifier, and the expected result: a verdict, and the code of the finding. */
export interface Vector {
  readonly name: string;
  readonly input: VerifierInput;
  readonly verdict: PackVerdict | typeof CALLED_WRONGLY;
  readonly code: PackCode | null;
  /** The codes of unmet conditions, and the codes of warnings, each in printed order. */
  readonly unmet: readonly UnmetCondition['code'][];
  readonly warnings: readonly PackWarning['code'][];
  /** The exit code of `docket verify --pack` and of verify.py. */
  readonly exit: 0 | 1 | 2 | 4;
  readonly base: keyof typeof BASES;
  readonly changes: Delta;
  readonly zip: readonly ZipEdit[];
  /** Another pack to compare with, and the result; `exit` is then that of the comparison. */
  readonly against?: { readonly base: keyof typeof BASES; readonly changes: Delta };
  readonly comparison?: ComparisonOutcome;
  /** The names under which logs were restarted, which the comparison lists. */
  readonly begun?: readonly string[];
  /** The printed JSON; absent if the vector does not contain it. */
  readonly prints?: unknown;
}

/** A pack, the input of the verifier, and the other pack of a comparison. */
export interface Zipped {
  readonly name: string;
  readonly input: VerifierInput;
  readonly zipped: Uint8Array;
  readonly zippedAgainst?: Uint8Array | null;
}

/** The result of a verifier, or that it could not read its input. */
export type Verified = (PackVerification | typeof NOTHING) & {
  readonly exit: Vector['exit'];
  readonly comparison?: PackComparison;
};
export const NOTHING = { verdict: CALLED_WRONGLY, divergences: [], unmet: [], warnings: [] } as const;

export const textBytes = (text: string | null): Uint8Array | null =>
  text === null ? null : Buffer.from(text);

const trustOf = ({ keys, policy, kept, require, lifecycles, challenge = null }: VerifierInput): PackTrust =>
  readTrust({
    keys,
    policy: textBytes(policy),
    kept: textBytes(kept),
    required: require,
    challenge,
    ...(lifecycles && { lifecycles }),
  });

export function verified({ zipped, zippedAgainst = null, input }: Zipped): Verified {
  let trust: PackTrust;
  try {
    trust = trustOf(input);
  } catch (error) {
    if (error instanceof TrustError) return { ...NOTHING, exit: 2 };
    throw error;
  }
  const pack = verifyZip(zipped, trust);
  const { verification } = pack;
  if (zippedAgainst === null) return { ...verification, exit: PACK_EXITS[outcomeOf(verification)] };
  const comparison = comparePacks(pack, verifyZip(zippedAgainst, { ...trust, kept: null }));
  return { ...verification, comparison, exit: COMPARISON_EXITS[comparison.outcome] };
}

/** Returns a value without the texts `detail`, which differ between verifiers. */
export const withoutWords = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (name, member: unknown) => (name === 'detail' ? undefined : member)));

/** Returns a verifier's `--json` output without its own texts; for two packs only the comparison. */
export const printedOf = ({ exit: _, comparison, ...verification }: Verified): unknown =>
  withoutWords(comparison ?? verification);

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./vectors/${name}`, import.meta.url), 'utf8'));

/** A vector with its packs as zips. */
export interface ZippedVector extends Vector {
  readonly zipped: Uint8Array;
  readonly zippedAgainst: Uint8Array | null;
}

export function readVectors(): ZippedVector[] {
  const bases = read('bases.json') as Record<string, Delta>;
  const packOf = ({ base, changes }: Pick<Vector, 'base' | 'changes'>, zip: readonly ZipEdit[] = []) =>
    zipped({ ...bases[base], ...changes }, zip);
  return (read('vectors.json') as Vector[]).map((vector) => ({
    ...vector,
    zipped: packOf(vector, vector.zip),
    zippedAgainst: vector.against === undefined ? null : packOf(vector.against),
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

/** Returns the bytes after edits, whose offsets refer to the original bytes. */
const edited = (bytes: Buffer, edits: readonly ZipEdit[]): Buffer =>
  edits.reduce(
    (now, { at, remove, insert }) =>
      Buffer.concat([now.subarray(0, at), Buffer.from(insert, 'hex'), now.subarray(at + remove)]),
    bytes,
  );
