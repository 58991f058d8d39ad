import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { loadOrCreateDevelopmentKey } from '#identity/development-key';
import { issueToken } from '#identity/tokens';
import type { Role } from '#state-machines/access';

export interface BenchServer {
  readonly address: string;
  readonly headers: Record<string, string>;
  stop(): Promise<void>;
}

/** The service on a SQLite store, in a process of its own; its key is kept in the folder. */
export async function startBenchServer(
  folder: string,
  store: string,
  roles: readonly Role[],
): Promise<BenchServer> {
  const key = join(folder, 'key.jwk');
  const child = spawn(process.execPath, ['dist/test/bench/http-server.js'], {
    env: { ...process.env, DOCKET_STORE: `sqlite:${store}`, DOCKET_DEVELOPMENT_KEY: key },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const token = await issueToken(await loadOrCreateDevelopmentKey(key), {
    subject: 'bench',
    roles,
    organisations: [],
    expiresInSeconds: 3_600,
  });
  return {
    address: line.replace('Docket is ready at ', ''),
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
