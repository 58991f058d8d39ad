/**
 * A test double of a KurrentDB server on 127.0.0.1: `node test/support/kurrentdb/main.ts <options as JSON>`. It prints
 * its address, and ends with its standard input.
 */
import { readFileSync } from 'node:fs';
import { defaultLimits } from './append-limits.ts';
import { Cluster } from './cluster.ts';
import { startControl } from './control-endpoint.ts';
import type { ServerAddress, ServerOptions } from './start.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as ServerOptions;
const version = options.version ?? '26.1.0';
const cluster = new Cluster({
  version,
  nodes: options.nodes ?? 1,
  limits: { ...defaultLimits(version), ...options.limits },
  credentials: options.credentials ?? null,
  tls:
    options.tls === undefined
      ? null
      : { key: readFileSync(options.tls.keyFile), certificate: readFileSync(options.tls.certificateFile) },
});
await cluster.start();
const control = await startControl(cluster);
process.stdin.resume().on('end', () => process.exit(0));
process.stdin.on('error', () => process.exit(0));
const address: ServerAddress = { ports: cluster.endpoints.map(({ port }) => port), control };
process.stdout.write(`${JSON.stringify(address)}\n`);
