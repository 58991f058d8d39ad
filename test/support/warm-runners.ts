import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

// A worker loads this module once, so its specs share the processes.

const SCRIPT = fileURLToPath(new URL('warm-runner.mjs', import.meta.url));

const started = new Set<ChildProcess>();
/** Idle processes by module and environment. */
const idle = new Map<string, ChildProcess[]>();
const kinds = new WeakMap<ChildProcess, string>();

/**
 * Returns a process that runs command lines or programs of a built module: an idle one, or a new one with this
 * environment. Its user calls `giveBack` or kills it.
 */
export function takeProcess(module: string, env: NodeJS.ProcessEnv): ChildProcess {
  const kind = JSON.stringify([module, env]);
  const taken = idle.get(kind)?.pop();
  if (taken !== undefined) return taken;
  const child = fork(SCRIPT, [module], {
    env,
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  kinds.set(child, kind);
  started.add(child);
  child.once('exit', () => {
    started.delete(child);
    idle.set(
      kind,
      (idle.get(kind) ?? []).filter((each) => each !== child),
    );
  });
  // Idle processes must not keep the worker alive.
  child.unref();
  child.channel?.unref();
  for (const stream of [child.stdout, child.stderr]) (stream as unknown as { unref(): void }).unref();
  return child;
}

/** Makes a process available to the next test. */
export function giveBack(child: ChildProcess): void {
  const kind = kinds.get(child) ?? '';
  idle.set(kind, [...(idle.get(kind) ?? []), child]);
}

process.once('beforeExit', () => {
  for (const child of started) {
    child.ref();
    child.kill();
  }
});
