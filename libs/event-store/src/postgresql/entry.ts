import { besideAddress, isPostgresqlAddress, parsePostgresqlAddress } from '#postgresql/address';
import type { PostgresqlAddress } from '#postgresql/address';
import type { StoreEntry } from '../store-entry.ts';

const DEFAULT_PORT = '5432';

export const postgresqlEntry: StoreEntry<{ readonly kind: 'postgresql' } & PostgresqlAddress> = {
  words: 'PostgreSQL',
  addressForm: 'postgresql://…',
  outlivesProcess: true,
  parse: (text, beside) =>
    isPostgresqlAddress(text)
      ? { kind: 'postgresql', ...parsePostgresqlAddress(text, beside && `docket_${beside}`) }
      : null,
  shown: ({ shown }) => shown,
  name({ connectionString, schema }) {
    const { host, pathname, searchParams } = new URL(connectionString);
    // A parameter overrides the server before the ?, for example with a directory of sockets.
    const server = ['host', 'port'].map((name) =>
      searchParams.has(name) ? `&${name}=${searchParams.get(name)}` : '',
    );
    return `postgresql://${host}${pathname}?schema=${schema}${server.join('')}`;
  },
  isSame: (one, other) => placeOf(one) === placeOf(other),
  beside(address, what) {
    const { connectionString, schema } = besideAddress(address, what);
    const url = new URL(connectionString);
    url.searchParams.set('schema', schema);
    return url.href;
  },
  async place(address) {
    const [{ TIMEOUTS }, { schemaBytes }] = await Promise.all([
      import('#postgresql/pool'),
      import('#postgresql/schema-size'),
    ]);
    // Opening the store reports an unreachable server.
    const bytes = await schemaBytes(address, TIMEOUTS).catch(() => undefined);
    return { address: address.shown, bytes: bytes ?? null, isNew: bytes === null };
  },
  async open(address, { createSealer, ...opening }) {
    const { openPostgresqlEventStore } = await import('./postgresql-event-store.ts');
    return openPostgresqlEventStore({ address, sealer: createSealer(), ...opening });
  },
  async restore(address, { refused, isStore, fill }) {
    const { dropRestoring, finishRestore, restoringAddress } = await import('./restore-schema.ts');
    if (await isStore(address)) throw refused(`there is already a store at ${address.shown}`);
    // An interrupted restore may have left this schema.
    await dropRestoring(address);
    try {
      const whole = await fill({ kind: 'postgresql', ...restoringAddress(address) });
      await finishRestore(address);
      return whole;
    } catch (error) {
      await dropRestoring(address).catch(() => undefined);
      throw error;
    }
  },
};

/** Returns a server's address without the user. Host and port after the ? have precedence, as in the driver. */
function placeOf({ connectionString, schema }: PostgresqlAddress): string {
  const { hostname, port, pathname, searchParams } = new URL(connectionString);
  const host = searchParams.get('host') || hostname;
  return JSON.stringify([host, searchParams.get('port') || port || DEFAULT_PORT, pathname, schema]);
}
