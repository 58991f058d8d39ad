import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { shownStore } from './settings.ts';
import type { StoreAddress } from './settings.ts';

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'postgresql:': '5432', 'postgres:': '5432' };

/** Whether two addresses name one store, as far as can be told without asking a server: a host may have several names. */
export function isSameStore(one: StoreAddress, other: StoreAddress): boolean {
  if (one.kind === 'memory' || one.kind !== other.kind) return false;
  if (one.kind === 'sqlite' && other.kind === 'sqlite') return isSameFile(one.path, other.path);
  return placeOf(one) === placeOf(other);
}

function isSameFile(one: string, other: string): boolean {
  if (resolve(one) === resolve(other)) return true;
  const [a, b] = [one, other].map((path) => statSync(path, { throwIfNoEntry: false }));
  return a !== undefined && a.ino === b?.ino && a.dev === b.dev;
}

/** A server's address without who asks. */
function placeOf(address: StoreAddress): string {
  if (address.kind === 'kurrentdb') return `${address.hosts.toSorted().join()}?${address.prefix}`;
  const { protocol, hostname, port, pathname, search } = new URL(shownStore(address));
  return `${hostname}:${port === '' ? (DEFAULT_PORTS[protocol] ?? '') : port}${pathname}${search}`;
}
