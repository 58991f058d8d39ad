import { readFile } from 'node:fs/promises';
import type { PackParts } from '#audit/pack/lay-out-pack';

/** Beside what was built. */
const FOLDER = new URL('../../../apps/verifier/', import.meta.url);

/** The verifiers that lie in each pack. */
export async function verifiers(): Promise<PackParts['verifiers']> {
  const [html, python] = await Promise.all(
    ['verify.html', 'verify.py'].map((name) => readFile(new URL(name, FOLDER)).catch(placeholder)),
  );
  return { html: html ?? placeholder(), python: python ?? placeholder() };
}

const placeholder = (): Uint8Array => Buffer.from('docket verify --pack verifies this pack.\n');
