import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { systemClock } from '#event-sourcing/clock';
import { loadOrCreateDevelopmentKey } from '#platform/development-key';
import { issueToken } from '#identity/tokens';

type SentHeaders = Record<string, string>;

export interface BenchServer {
  readonly address: string;
  readonly headers: SentHeaders;
  /** Returns the headers of another user with the same roles. */
  readonly headersOf: (subject: string) => Promise<SentHeaders>;
  stop(): Promise<void>;
}

/** Starts the service on a SQLite store, in its own process. Its key is in the folder. */
export async function startBenchServer(
  folder: string,
  store: string,
  roles: readonly string[],
  settings: NodeJS.ProcessEnv = {},
): Promise<BenchServer> {
  const key = join(folder, 'key.jwk');
  const child = spawn(process.execPath, ['dist/test/bench/http-server.js'], {
    env: { ...process.env, DOCKET_STORE: `sqlite:${store}`, DOCKET_DEVELOPMENT_KEY: key, ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const signing = await loadOrCreateDevelopmentKey(key);
  const headersOf = async (subject: string): Promise<SentHeaders> => {
    const claims = { subject, roles, organisations: [], expiresInSeconds: 3_600 };
    const token = await issueToken(signing, claims, systemClock.now());
    return { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  };
  return {
    address: line.replace('Docket is ready at ', ''),
    headers: await headersOf('bench'),
    headersOf,
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
