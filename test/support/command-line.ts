import { expect } from '@jest/globals';
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isRealKurrentdb } from './journey-store.ts';
import { childEnvironment, DIST, folderLike, settingsIn } from './service-child.ts';
import { endBeforeRemoval } from './temporary-folder.ts';

/** Also on a real server of KurrentDB, which keeps one in three lone reads waiting for 40 ms. */
const RUN_MS_MAX = isRealKurrentdb() ? 200_000 : 30_000;

export interface DocketOptions {
  /** Holds store and key; the command line also stands in it. */
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
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

/** Processes of the built command line that wait for their next words. */
const idle = new Map<string, ChildProcess[]>();
const running = new Set<ChildProcess>();

endBeforeRemoval(() =>
  Promise.all(
    [...running].map(async (child) => {
      const exit = once(child, 'exit');
      if (child.kill('SIGKILL')) await exit;
    }),
  ),
);

function startWarm(dist: string, env: Readonly<Record<string, string>>): ChildProcess {
  const module = pathToFileURL(join(dist, 'apps/cli/src/docket.js')).href;
  const child = fork(fileURLToPath(new URL('warm-command-line.mjs', import.meta.url)), [module], {
    env: childEnvironment(env),
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Runs the built command line to its end, in a process that has run others before where one is idle. */
export async function runDocket(
  words: readonly string[],
  { folder, env = {}, dist = DIST }: DocketOptions,
): Promise<DocketResult> {
  // What is not Docket's may be read when a process starts.
  const others = Object.fromEntries(Object.entries(env).filter(([name]) => !/^(?:DOCKET_|INIT_)/.test(name)));
  const like = JSON.stringify([dist, others]);
  const child = idle.get(like)?.pop() ?? startWarm(dist, others);
  const waiting = new AbortController();
  const signal = AbortSignal.any([waiting.signal, AbortSignal.timeout(RUN_MS_MAX)]);
  const answered = once(child, 'message', { signal }) as Promise<[Omit<DocketResult, 'stdout'>]>;
  const exited = once(child, 'exit', { signal }).then(() => Promise.reject(new Error('its process ended')));
  try {
    child.send({ words, env: childEnvironment(settingsIn(folder, env)), cwd: folder });
    const [answer] = await Promise.race([answered, exited]);
    idle.set(like, [...(idle.get(like) ?? []), child]);
    return { ...answer, stdout: answer.bytes.toString() };
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`docket ${words.join(' ')} did not come to its end`, { cause: error });
  } finally {
    waiting.abort();
  }
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
