import { afterAll } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders: string[] = [];
const users: (() => Promise<unknown>)[] = [];

/** Registers a function that ends users of the folders before they are removed. */
export const endBeforeRemoval = (end: () => Promise<unknown>): void => void users.push(end);

// This runs even if a spec failed.
afterAll(async () => {
  for (const end of users) await end();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Creates an empty folder, which is removed when the spec file ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'docket-test-'));
  folders.push(folder);
  return folder;
}
