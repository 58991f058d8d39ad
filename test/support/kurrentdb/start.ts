import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import type { AppendLimits } from './append-limits.ts';
import type { Certificates } from './certificates.ts';
import { controlAt } from './control.ts';
import type { Control } from './control.ts';
import type { Credentials } from './gate.ts';
import type { Version } from './server-features.ts';

export interface ServerOptions {
  /** Which server to play; by default the newest. */
  readonly version?: Version;
  /** How many nodes there are; the first is the leader at first. By default one. */
  readonly nodes?: number;
  /** Lower limits than the server's own, in bytes. */
  readonly limits?: Partial<AppendLimits>;
  /** Who may call. The client sends them over TLS only. */
  readonly credentials?: Credentials;
  /** By whose files to speak TLS; without it the server speaks in clear. */
  readonly tls?: Pick<Certificates, 'authorityFile' | 'certificateFile' | 'keyFile'>;
}

/** Where a server says that it is. */
export interface ServerAddress {
  /** One of each node. */
  readonly ports: readonly number[];
  readonly control: string;
}

export interface KurrentdbServer {
  /** A connection string for the official client: of the node, or of all where there are several. */
  readonly url: string;
  readonly ports: readonly number[];
  readonly control: Control;
  /** For `controlAt` in another process. */
  readonly controlUrl: string;
  stop(): Promise<void>;
  /** The same for a process that ends at once. */
  stopNow(): void;
}

/**
 * Starts a server that speaks KurrentDB's protocol, as a process of its own that ends with this one: it is a double for
 * the official client, with no disk and no replication, and no KurrentDB.
 */
export async function startKurrentdbServer(options: ServerOptions = {}): Promise<KurrentdbServer> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] },
  });
  const exit = once(child, 'exit');
  const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), exit])) as unknown[];
  if (typeof line !== 'string') throw new Error(`the KurrentDB test server did not start: ${String(line)}`);
  const { ports, control } = JSON.parse(line) as ServerAddress;
  return {
    url: connectionString(ports, options),
    ports,
    control: controlAt(control),
    controlUrl: control,
    async stop() {
      child.stdin.end();
      await exit;
    },
    stopNow() {
      child.kill('SIGKILL');
    },
  };
}

/** Of the node, or of all nodes as those to ask for the cluster's members; with the user, where there is one. */
function connectionString(ports: readonly number[], { credentials, tls }: ServerOptions): string {
  // Node takes no address for the name that a certificate is checked against.
  const host = tls === undefined ? '127.0.0.1' : 'localhost';
  const hosts = ports.map((port) => `${host}:${port}`).join(',');
  const login =
    credentials === undefined
      ? ''
      : `${encodeURIComponent(credentials.user)}:${encodeURIComponent(credentials.password)}@`;
  const security =
    tls === undefined ? 'tls=false' : `tls=true&tlsCAFile=${encodeURIComponent(tls.authorityFile)}`;
  return `kurrentdb://${login}${hosts}?${security}`;
}
