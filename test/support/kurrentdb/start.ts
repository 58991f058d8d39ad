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
  /** The simulated version; the newest if absent. */
  readonly version?: Version;
  /** The number of nodes; 1 if absent. The first is the initial leader. */
  readonly nodes?: number;
  /** Limits below the server's own, in bytes. */
  readonly limits?: Partial<AppendLimits>;
  /** The accepted login, which the client sends only over TLS. */
  readonly credentials?: Credentials;
  /** The TLS files; plain text if absent. */
  readonly tls?: Pick<Certificates, 'authorityFile' | 'certificateFile' | 'keyFile'>;
}

/** The addresses of a server. */
export interface ServerAddress {
  /** The ports, one per node. */
  readonly ports: readonly number[];
  readonly control: string;
}

export interface KurrentdbServer {
  /** A connection string for the official client, with one node or all nodes. */
  readonly url: string;
  readonly ports: readonly number[];
  readonly control: Control;
  /** The URL for `controlAt` in another process. */
  readonly controlUrl: string;
  stop(): Promise<void>;
  /** Stops the server, from a process that ends at once. */
  stopNow(): void;
}

/**
 * Starts a test double of KurrentDB for the official client, in a process that ends with this one. It has no disk, no
 * replication, and no code of KurrentDB.
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

/** Returns the connection string of the node, or of all nodes as gossip seeds; with the user, if there is one. */
function connectionString(ports: readonly number[], { credentials, tls }: ServerOptions): string {
  // Node does not accept an address as the name in a certificate.
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
