import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import { DatabaseError } from 'pg';
import type { Pool, PoolClient } from 'pg';
import type { PostgresqlAddress } from '#postgresql/address';
import { concernsRequest, reasonOf } from '#postgresql/pool';
import { ReadModelsUnavailableError } from '../read-model-database.ts';
import { fromStorable, toStorable } from './storable-text.ts';

/** A statement that is wrong for this server or its tables, and broken data: no other moment makes it right. */
const OF_THE_STATEMENT = /^(?:0A|42(?!501)|XX)/;

/** What went wrong, as the projections are told: a lost server, a lock that is not to be had, a full disk, … is trouble. */
export function told({ shown }: PostgresqlAddress, error: unknown): Error {
  if (error instanceof ReadModelsUnavailableError) return error;
  if (error instanceof DatabaseError) {
    if (concernsRequest(error) || OF_THE_STATEMENT.test(error.code ?? '')) return error;
  }
  return new ReadModelsUnavailableError(shown, reasonOf(error), { cause: error });
}

/** The pool as Kysely asks it: every text can be stored, and comes back as it was; errors say whether it is trouble. */
export function readModelPool(pool: Pool, address: PostgresqlAddress): PostgresPool {
  // Kysely knows a connection by its client.
  const known = new WeakMap<PoolClient, ReadModelClient>();
  return {
    options: pool.options,
    async connect() {
      const client = await pool.connect().catch((error: unknown) => {
        throw told(address, error);
      });
      const connection = known.get(client) ?? new ReadModelClient(client, address);
      known.set(client, connection);
      return connection;
    },
    end: () => pool.end(),
  };
}

class ReadModelClient implements PostgresPoolClient {
  readonly #client: PoolClient;
  readonly #address: PostgresqlAddress;
  /** What the connection broke at; nothing may be asked on it any more. */
  #broken: Error | undefined;

  constructor(client: PoolClient, address: PostgresqlAddress) {
    this.#client = client;
    this.#address = address;
  }

  query(text: unknown, parameters: readonly unknown[] = []): never {
    return this.#query(String(text), parameters) as never;
  }

  release(destroy?: boolean): void {
    this.#client.release(destroy === true || this.#broken !== undefined);
  }

  async #query(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<unknown>> {
    if (this.#broken !== undefined) throw this.#broken;
    try {
      const { command, rowCount, rows } = await this.#client.query<Record<string, unknown>>(
        text,
        parameters.map(toStorable),
      );
      for (const row of rows) for (const name in row) row[name] = fromStorable(row[name]);
      return {
        command: command as PostgresQueryResult<unknown>['command'],
        rowCount: rowCount ?? 0,
        rows,
      };
    } catch (error) {
      const reason = told(this.#address, error);
      // After anything but the server's answer it may still be at the statement.
      if (!(error instanceof DatabaseError)) this.#broken = reason;
      throw reason;
    }
  }
}
