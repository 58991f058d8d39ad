import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import type { AppendLimits } from './append-limits.ts';
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
  /** Who may call. The client sends these over TLS only. */
  readonly credentials?: Credentials;
  readonly tls?: { readonly keyFile: string; readonly certificateFile: string };
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
    env: {},
  });
  const exit = once(child, 'exit');
  const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), exit])) as unknown[];
  if (typeof line !== 'string') throw new Error(`the KurrentDB test server did not start: ${String(line)}`);
  const { ports, control } = JSON.parse(line) as ServerAddress;
  const hosts = ports.map((port) => `127.0.0.1:${port}`).join(',');
  return {
    url: `kurrentdb://${hosts}?tls=${String(options.tls !== undefined)}`,
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
