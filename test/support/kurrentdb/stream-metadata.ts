import type { StoredEvent } from './stored-event.ts';

/** The revision of a tombstone, and the `$tb` of a deleted stream. */
export const DELETED = 2n ** 63n - 1n;

/** The retained events of a stream: from a revision on, and at most this number of last ones. */
export interface StreamMetadata {
  readonly truncateBefore: bigint | null;
  readonly maxCount: bigint | null;
}

const NONE: StreamMetadata = { truncateBefore: null, maxCount: null };

/** The metadata of metadata streams, which retain their last event. */
export const OF_METASTREAMS: StreamMetadata = { ...NONE, maxCount: 1n };

export const isMetastream = (stream: string): boolean => stream.startsWith('$$');
export const metastreamOf = (stream: string): string => `$$${stream}`;
export const originalOf = (metastream: string): string => metastream.slice(2);

/** Returns the metadata in a `$metadata` event. As on the server, an invalid one is ignored. */
export function readMetadata(event: StoredEvent | undefined): StreamMetadata {
  if (event === undefined || !event.isJson) return NONE;
  try {
    const found = parseWithWholeNumbers(Buffer.from(event.data).toString('utf8'));
    return {
      truncateBefore: wholeNumber(found['$tb'], 0n),
      maxCount: wholeNumber(found['$maxCount'], 1n),
    };
  } catch {
    return NONE;
  }
}

/** Parses JSON in which whole numbers become bigints, because revisions may exceed JavaScript's safe integers. */
function parseWithWholeNumbers(json: string): Record<string, unknown> {
  const reviver = (_: string, value: unknown, { source }: { source?: string }): unknown =>
    typeof value === 'number' && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
  return JSON.parse(json, reviver as Parameters<typeof JSON.parse>[1]) as Record<string, unknown>;
}

function wholeNumber(value: unknown, least: bigint): bigint | null {
  if (value === undefined) return null;
  if (typeof value !== 'bigint' || value > DELETED) throw new Error('no whole number of 64 bits');
  return value < least ? null : value;
}
