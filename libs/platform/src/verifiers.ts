import { readFile } from 'node:fs/promises';
import type { PackParts } from '#audit/pack/lay-out-pack';

/** The folders with the built verifiers: beside the build, and under `dist` if run from source. */
const FOLDERS = ['../../../apps/verifier/', '../../../dist/apps/verifier/'];

/** The files of the verifiers, of their source, and of the digests. */
export const VERIFIER_FILES = ['verify.html', 'verify.py', 'verify-source.txt', 'SHA256SUMS'] as const;
type VerifierFile = (typeof VERIFIER_FILES)[number];

/** Returns the verifiers that each pack includes. */
export async function verifiers(): Promise<PackParts['verifiers']> {
  const [html, python] = await Promise.all([verifierFile('verify.html'), verifierFile('verify.py')]);
  return { html, python };
}

/** Returns a file of the verifiers. @throws Error if the project is not built */
export async function verifierFile(name: VerifierFile): Promise<Uint8Array> {
  for (const folder of FOLDERS) {
    try {
      return await readFile(new URL(`${folder}${name}`, import.meta.url));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new Error(`${name} is not built; run "npm run build"`);
}
