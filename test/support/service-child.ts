import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { JOURNEY_STORE, storeSettings } from './journey-store.ts';
import { endBeforeRemoval, temporaryFolder } from './temporary-folder.ts';
import { giveBack, takeProcess } from './warm-runners.ts';

/** The built project, which is all that journeys use. */
export const DIST = fileURLToPath(new URL('../../dist', import.meta.url));

const START_MS_MAX = 40_000;
const STOP_MS_MAX = 20_000;

/** The running processes. */
const processes = new Set<Started>();

endBeforeRemoval(() =>
  Promise.all(
    // A warm process that ends its service can run the next one.
    [...processes].map((started) =>
      started.isWarm ? started.end('SIGTERM').catch(() => started.end('SIGKILL')) : started.end('SIGKILL'),
    ),
  ),
);

/**
 * Returns a function that creates a folder with the content that `make` writes. For a store in a file it is made once
 * per spec file, and copied.
 */
export function folderLike(make: (folder: string) => Promise<void>): () => Promise<string> {
  let made: Promise<string> | undefined;
  const makeOne = async () => {
    const folder = temporaryFolder();
    await make(folder);
    return folder;
  };
  if (JOURNEY_STORE !== 'sqlite') return makeOne;
  return async () => {
    made ??= makeOne();
    const folder = temporaryFolder();
    cpSync(await made, folder, { recursive: true });
    return folder;
  };
}

/**
 * Returns the settings of a process that writes everything into a folder, including a store in a file, overridden by
 * `env`. If `env` sets a store, no settings of the folder's own store are added.
 */
export const settingsIn = (
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Record<string, string> => ({
  ...(env['DOCKET_STORE'] === undefined && storeSettings(folder)),
  DOCKET_DEVELOPMENT_KEY: join(folder, 'development-key.jwk'),
  DOCKET_SESSION_KEY: join(folder, 'session-key.jwk'),
  ...env,
});

/**
 * Returns the environment of a child process: that of this process, without variables of npm or a developer's shell,
 * and with `env`.
 */
export function childEnvironment(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('DOCKET_') && !['INIT_CWD', 'HOST', 'PORT', 'NODE_OPTIONS'].includes(name),
  );
  // Without checkpoints, a log contains only the events of the test.
  return { ...Object.fromEntries(inherited), DOCKET_CHECKPOINTS: 'off', ...env };
}

/** The exit code and output of a process that ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process of the built project, with its output so far. */
export interface Started {
  readonly child: ChildProcess;
  /** Whether the process continues after the script. */
  readonly isWarm: boolean;
  readonly ended: Promise<Ended>;
  stdout(): string;
  stderr(): string;
  /** Waits for a match in standard output. Fails if the process ends first, or after the timeout. */
  printed(pattern: RegExp, withinMs?: number): Promise<RegExpExecArray>;
  /** Sends the signal and waits for the end. Fails after the timeout. */
  end(signal: NodeJS.Signals): Promise<Ended>;
}

/** Starts a script of `dist`. */
export const startScript = (
  script: string,
  env: Readonly<Record<string, string>>,
  cwd: string = tmpdir(),
): Started => startNode([join(DIST, script)], env, cwd);

/** Starts Node with a script and its arguments. */
export function startNode(
  [script = '', ...words]: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string = tmpdir(),
  { uid }: { readonly uid?: number } = {},
): Started {
  const child = spawn(process.execPath, [script, ...words], {
    cwd,
    env: childEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid !== undefined && { uid, gid: uid }),
  });
  return observed(script, { child, ended: whenClosed(child), isWarm: false });
}

async function whenClosed(child: ChildProcess, stopWaiting?: AbortSignal): Promise<Ended> {
  const options = stopWaiting === undefined ? {} : { signal: stopWaiting };
  const [code, signal] = (await once(child, 'close', options)) as [Ended['code'], Ended['signal']];
  return { code, signal };
}

const PROGRAMS = {
  service: 'apps/server/src/serve.js',
  scheduler: 'apps/scheduler/src/schedule.js',
  provider: '../test/support/run-openid-provider.ts',
};

/** Starts a program of a build, or the tests' OpenID Connect provider, in an idle process if there is one. */
export function startWarm(
  program: keyof typeof PROGRAMS,
  env: Readonly<Record<string, string>>,
  cwd: string,
  dist: string = DIST,
): Started {
  const module = pathToFileURL(join(dist, PROGRAMS[program])).href;
  const child = takeProcess(module, childEnvironment({}));
  child.send({ env: childEnvironment(env), cwd });
  const left = new AbortController();
  const { signal } = left;
  const died = whenClosed(child, signal);
  const stopped = Promise.all([
    once(child, 'message', { signal }) as Promise<[Pick<Ended, 'code'>]>,
    ...[child.stdout, child.stderr].map(
      (stream) =>
        new Promise<void>((resolve) => {
          stream?.on('data', function read(text: string) {
            if (!text.endsWith('\0')) return;
            stream.off('data', read);
            resolve();
          });
        }),
    ),
  ]).then(([[{ code }]]): Ended => {
    giveBack(child);
    return { code, signal: null };
  });
  const ended = Promise.race([died, stopped]).finally(() => {
    left.abort();
  });
  return observed(`the ${program}`, { child, ended, isWarm: true });
}

/** Returns a process with its output so far. */
function observed(
  name: string,
  { child, ended: end, isWarm }: Pick<Started, 'child' | 'ended' | 'isWarm'>,
): Started {
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    const read = (text: string): void => void (output[stream] += text.replace('\0', ''));
    child[stream]?.setEncoding('utf8').on('data', read);
    void end.finally(() => child[stream]?.off('data', read));
  }
  const printOutput = () => `\n--- standard output\n${output.stdout}\n--- standard error\n${output.stderr}`;
  const ended = end.finally(() => processes.delete(started));
  const started: Started = {
    child,
    isWarm,
    ended,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    async printed(pattern, withinMs = START_MS_MAX) {
      const until = performance.now() + withinMs;
      for (;;) {
        const found = pattern.exec(output.stdout);
        if (found !== null) return found;
        if (!processes.has(started))
          throw new Error(`${name} ended before it printed ${pattern}${printOutput()}`);
        if (performance.now() > until)
          throw new Error(`${name} did not print ${pattern} within ${withinMs} ms${printOutput()}`);
        await pause(10);
      }
    },
    async end(signal) {
      if (processes.has(started)) child.kill(signal);
      const late = pause(STOP_MS_MAX).then(() => {
        throw new Error(`${name} did not end within ${STOP_MS_MAX} ms of ${signal}${printOutput()}`);
      });
      return Promise.race([ended, late]);
    },
  };
  processes.add(started);
  return started;
}

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });

/** Repeats a request until the response is the wanted one. Fails with the last response after the timeout. */
export async function eventually<Answer>(
  read: () => Promise<Answer>,
  isWanted: (answer: Answer) => boolean,
  withinMs = 20_000,
): Promise<Answer> {
  const until = performance.now() + withinMs;
  for (;;) {
    const answer = await read();
    if (isWanted(answer)) return answer;
    if (performance.now() > until)
      throw new Error(`Not what was waited for within ${withinMs} ms: ${JSON.stringify(answer)}`);
    await pause(20);
  }
}
