import { readFile } from 'node:fs/promises';
import type { PackParts } from '#audit/pack/lay-out-pack';

/** Where the build puts them: beside the build, and under `dist` for a run from source. */
const FOLDERS = ['../../../apps/verifier/', '../../../dist/apps/verifier/'];

/** Returns the verifiers that each pack includes. */
export async function verifiers(): Promise<PackParts['verifiers']> {
  const [html, python] = await Promise.all(['verify.html', 'verify.py'].map(readBuilt));
  return { html, python } as PackParts['verifiers'];
}

async function readBuilt(name: string): Promise<Uint8Array> {
  for (const folder of FOLDERS) {
    try {
      return await readFile(new URL(`${folder}${name}`, import.meta.url));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new Error(`${name} is not built; run "npm run build"`);
}
