import type { PostgresqlAddress } from '#postgresql/address';

/** The location of tables: in a local file, on a server that several nodes share, or in memory. */
export type DatabaseAddress =
  | { readonly kind: 'sqlite'; readonly path: string }
  | ({ readonly kind: 'postgresql' } & PostgresqlAddress)
  | { readonly kind: 'memory' };

const KINDS: readonly string[] = ['sqlite', 'postgresql', 'memory'] satisfies DatabaseAddress['kind'][];

/** Returns whether tables can be stored at addresses of a kind. */
export const isDatabaseKind = (kind: string): boolean => KINDS.includes(kind);

export const isDatabase = <Address extends { readonly kind: string }>(
  address: Address,
): address is Extract<Address, DatabaseAddress> => isDatabaseKind(address.kind);
