import { expect } from '@jest/globals';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isRealKurrentdb } from './journey-store.ts';
import { childEnvironment, DIST, folderLike, settingsIn } from './service-child.ts';
import { endBeforeRemoval } from './temporary-folder.ts';
import { giveBack, takeProcess } from './warm-runners.ts';

/** The timeout in milliseconds. A real KurrentDB server delays one in three single reads by 40 ms. */
const RUN_MS_MAX = isRealKurrentdb() ? 200_000 : 30_000;

export interface DocketOptions {
  /** The folder of the store and the key, which is also the working directory. */
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The folder of another build. */
  readonly dist?: string;
}

export interface DocketResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly bytes: Buffer;
}

const running = new Set<ChildProcess>();

endBeforeRemoval(() =>
  Promise.all(
    [...running].map(async (child) => {
      const exit = once(child, 'exit');
      if (child.kill('SIGKILL')) await exit;
    }),
  ),
);

/** Runs the built command line on the store and the keys of a folder, in an idle process if there is one. */
export const runDocket = (
  words: readonly string[],
  { folder, env = {}, dist }: DocketOptions,
): Promise<DocketResult> => runWarm(words, { folder, env: settingsIn(folder, env), ...(dist && { dist }) });

/** Runs the built command line with these settings alone, in an idle process if there is one. */
export async function runWarm(
  words: readonly string[],
  { folder, env = {}, dist = DIST }: DocketOptions,
): Promise<DocketResult> {
  // Only Docket's variables may change between runs: others may be read when a process starts.
  const others = Object.fromEntries(Object.entries(env).filter(([name]) => !/^(?:DOCKET_|INIT_)/.test(name)));
  const child = takeProcess(
    pathToFileURL(join(dist, 'apps/cli/src/docket.js')).href,
    childEnvironment(others),
  );
  running.add(child);
  const waiting = new AbortController();
  const signal = AbortSignal.any([waiting.signal, AbortSignal.timeout(RUN_MS_MAX)]);
  const answered = once(child, 'message', { signal }) as Promise<[Omit<DocketResult, 'stdout'>]>;
  const exited = once(child, 'exit', { signal }).then(() => Promise.reject(new Error('its process ended')));
  try {
    child.send({ words, env: childEnvironment(env), cwd: folder });
    const [answer] = await Promise.race([answered, exited]);
    giveBack(child);
    return { ...answer, stdout: answer.bytes.toString() };
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`docket ${words.join(' ')} did not come to its end`, { cause: error });
  } finally {
    running.delete(child);
    waiting.abort();
  }
}

/** The register's sample record. */
export const SAMPLE = fileURLToPath(new URL('../fixtures/730.txt', import.meta.url));

/** Returns a folder with a store that contains record 730. */
export const folderWithSample = folderLike(async (folder) => {
  const imported = await runDocket(['import', SAMPLE, '--recipient', 'wiltshire'], { folder });
  expect(imported).toMatchObject({ code: 0, stderr: '' });
});

/** Writes a file into a folder, and returns its path. */
export function writeRecord(folder: string, name: string, text: string | Uint8Array): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** Returns the values of an output with one JSON value per line. */
export const jsonLines = ({ stdout }: Pick<DocketResult, 'stdout'>): Record<string, unknown>[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
