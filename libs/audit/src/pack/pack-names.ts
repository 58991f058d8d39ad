/** The paths of an evidence pack; docs/pack-format.md describes the files. */
export const PACK = {
  bagit: 'bagit.txt',
  info: 'bag-info.txt',
  manifest: 'manifest-sha256.txt',
  tagManifest: 'tagmanifest-sha256.txt',
  html: 'verify.html',
  python: 'verify.py',
  statement: 'statement',
  checkpoint: 'data/checkpoint',
  timestamp: 'data/checkpoint.tsr',
  previous: 'data/previous-checkpoint',
  consistency: 'data/consistency',
  packMade: 'data/pack-made.json',
  packMadeProof: 'data/pack-made.tlog-proof',
  withheld: 'data/withheld.json',
  names: 'data/names.json',
  recordHtml: 'data/record.html',
  recordText: 'data/record.txt',
  chart: 'data/statechart.svg',
} as const;

const paddedNumber = (version: number): string => String(version).padStart(6, '0');
export const eventPath = (version: number): string => `data/events/${paddedNumber(version)}.json`;
export const proofPath = (version: number): string => `data/proofs/${paddedNumber(version)}.tlog-proof`;
export const lifecyclePath = (digest: string): string => `data/lifecycles/${digest}.json`;

/** The content of `bagit.txt` (RFC 8493, 2.1.1). */
export const BAGIT = 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n';

/** The first line of a statement. No log's origin may begin with it. */
export const STATEMENT_FORM = 'docket-pack/v1';

/** Limits in bytes: of a whole pack, and of one file in it. */
export const PACK_BYTES_MAX = 1024 ** 3;
export const FILE_BYTES_MAX = 64 * 1024 ** 2;

export type PackFiles = ReadonlyMap<string, Uint8Array>;

/** Reports whether a path belongs to the bag's payload. */
export const isPayload = (path: string): boolean => path.startsWith('data/');

/** Compares paths by byte. They are ASCII. */
export const byPath = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
