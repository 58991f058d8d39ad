import type { PostgresqlAddress } from '#postgresql/address';

/** Where tables are: in a file of this machine, on a server that several nodes share, or gone with the process. */
export type DatabaseAddress =
  | { readonly kind: 'sqlite'; readonly path: string }
  | ({ readonly kind: 'postgresql' } & PostgresqlAddress)
  | { readonly kind: 'memory' };

const KINDS: readonly string[] = ['sqlite', 'postgresql', 'memory'] satisfies DatabaseAddress['kind'][];

/** Whether tables can be kept where addresses of a kind lead. */
export const isDatabaseKind = (kind: string): boolean => KINDS.includes(kind);

export const isDatabase = <Address extends { readonly kind: string }>(
  address: Address,
): address is Extract<Address, DatabaseAddress> => isDatabaseKind(address.kind);
