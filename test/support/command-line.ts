import { expect } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isRealKurrentdb } from './journey-store.ts';
import { childEnvironment, DIST, folderLike, settingsIn } from './service-child.ts';

/** Also on a real server of KurrentDB, which keeps one in three lone reads waiting for 40 ms. */
const RUN_MS_MAX = isRealKurrentdb() ? 200_000 : 30_000;

export interface DocketOptions {
  /** Holds store and key; the process also stands in it, where no other directory is given. */
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
  /** Of another tree that was built. */
  readonly dist?: string;
}

export interface DocketResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as bytes. */
  readonly bytes: Buffer;
}

/** Runs the built command line to its end, with its output piped. */
export async function runDocket(
  words: readonly string[],
  { folder, env = {}, cwd = folder, input, dist = DIST }: DocketOptions,
): Promise<DocketResult> {
  const child = spawn(process.execPath, [join(dist, 'apps/cli/src/main.js'), ...words], {
    cwd,
    env: childEnvironment(settingsIn(folder, env)),
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: RUN_MS_MAX,
    killSignal: 'SIGKILL',
  });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => output.push(piece));
  child.stderr.on('data', (piece: Buffer) => errors.push(piece));
  // It may end before it has read everything.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  const bytes = Buffer.concat(output);
  const stderr = Buffer.concat(errors).toString();
  if (signal !== null)
    throw new Error(`docket ${words.join(' ')} ended by ${signal}\n--- standard error\n${stderr}`);
  return { code, stdout: bytes.toString(), stderr, bytes };
}

/** The sample record of the register. */
export const SAMPLE = fileURLToPath(new URL('../fixtures/730.txt', import.meta.url));

/** A folder with a store that holds record 730. */
export const folderWithSample = folderLike(async (folder) => {
  const imported = await runDocket(['import', SAMPLE, '--recipient', 'wiltshire'], { folder });
  expect(imported).toMatchObject({ code: 0, stderr: '' });
});

/** Writes a file into a folder, and gives its path. */
export function writeRecord(folder: string, name: string, text: string | Uint8Array): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** The values of an output with one JSON value a line. */
export const jsonLines = ({ stdout }: Pick<DocketResult, 'stdout'>): Record<string, unknown>[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
