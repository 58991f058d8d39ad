import { describe, expect, test } from '@jest/globals';
import { readTrust } from '#audit/pack/read-trust';
import { verifyZip } from '#audit/pack/verify-pack';
import type { PackTrust } from '#audit/pack/verify-pack';
import { readVectors } from './vectors.ts';
import type { Told } from './vectors.ts';

const bytesOf = (text: string | null): Uint8Array | null => (text === null ? null : Buffer.from(text));

const trustOf = ({ keys, policy, kept, require }: Told): PackTrust =>
  readTrust({ keys, policy: bytesOf(policy), kept: bytesOf(kept), required: require });

const vectors = readVectors();
const GOOD = vectors.filter(({ code }) => code === null);
const BAD = vectors.filter(({ code }) => code !== null);

describe('a pack that holds', () => {
  test.each(GOOD)('$name', ({ zipped, told, verdict }) => {
    const { verification } = verifyZip(zipped, trustOf(told));
    expect(verification).toMatchObject({ verdict, divergences: [] });
  });
});

describe('a pack that does not hold', () => {
  test.each(BAD)('$name', ({ zipped, told, code }) => {
    const { verification } = verifyZip(zipped, trustOf(told));
    expect(verification.verdict).toBe('does-not-hold');
    expect(verification.divergences.map((divergence) => divergence.code)).toContain(code);
  });
});
