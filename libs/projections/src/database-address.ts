import type { PostgresqlAddress } from '#postgresql/address';

/** Where tables are stored: in a local file, on a server shared by several nodes, or in memory. */
export type DatabaseAddress =
  | { readonly kind: 'sqlite'; readonly path: string }
  | ({ readonly kind: 'postgresql' } & PostgresqlAddress)
  | { readonly kind: 'memory' };

const KINDS: readonly string[] = ['sqlite', 'postgresql', 'memory'] satisfies DatabaseAddress['kind'][];

/** Returns whether a kind of address can store tables. */
export const isDatabaseKind = (kind: string): boolean => KINDS.includes(kind);

export const isDatabase = <Address extends { readonly kind: string }>(
  address: Address,
): address is Extract<Address, DatabaseAddress> => isDatabaseKind(address.kind);
