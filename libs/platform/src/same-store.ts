import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { KurrentdbAddress } from '#event-store/kurrentdb/address';
import type { PostgresqlAddress } from '#postgresql/address';
import type { StoreAddress } from './settings.ts';

const DEFAULT_PORT = '5432';

/** Whether two addresses name one store, as far as can be told without asking a server: a host may have several names. */
export function isSameStore(one: StoreAddress, other: StoreAddress): boolean {
  if (one.kind === 'memory' || one.kind !== other.kind) return false;
  if (one.kind === 'sqlite' && other.kind === 'sqlite') return isSameFile(one.path, other.path);
  if (one.kind === 'kurrentdb' && other.kind === 'kurrentdb') return isSameCluster(one, other);
  return one.kind === 'postgresql' && other.kind === 'postgresql' && placeOf(one) === placeOf(other);
}

function isSameFile(one: string, other: string): boolean {
  if (resolve(one) === resolve(other)) return true;
  const [a, b] = [one, other].map((path) => statSync(path, { throwIfNoEntry: false }));
  return a !== undefined && a.ino === b?.ino && a.dev === b.dev;
}

/** Seeds name a cluster: whoever shares one reaches all the nodes of the other. */
const isSameCluster = (one: KurrentdbAddress, other: KurrentdbAddress): boolean =>
  one.prefix === other.prefix &&
  new Set(one.hosts.map(lowerCase)).intersection(new Set(other.hosts.map(lowerCase))).size > 0;

const lowerCase = (host: string): string => host.toLowerCase();

/** A server's address without who asks: host and port behind the ? come first, as the driver takes them. */
function placeOf({ connectionString, schema }: PostgresqlAddress): string {
  const { hostname, port, pathname, searchParams } = new URL(connectionString);
  const host = searchParams.get('host') || hostname;
  return JSON.stringify([host, searchParams.get('port') || port || DEFAULT_PORT, pathname, schema]);
}
