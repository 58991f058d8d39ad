import { types } from 'pg';
import type { ClientBase, CustomTypesConfig, Pool } from 'pg';
import type { PostgresqlAddress } from '#postgresql/address';
import { concernsRequest, openPool, reasonOf, TIMEOUTS } from '#postgresql/pool';
import { openVersionedSchema, SchemaError, transactionLockSql } from '#postgresql/versioned-schema';
import type { VersionedSchema } from '#postgresql/versioned-schema';
import { OutboxUnavailableError, OutboxUnusableError } from './outbox-database.ts';
import type { OutboxDatabase, OutboxQueries, Parameter } from './outbox-database.ts';

const OUTBOX_SCHEMA: VersionedSchema = {
  what: 'outbox',
  versions: 'outbox_versions',
  known: 'messages',
  lock: (schema) => transactionLockSql('DOCO', schema),
  migrations: [
    (schema) => `
    CREATE TABLE "${schema}".follower (
      id integer PRIMARY KEY CHECK (id = 1),
      log text,
      position text NOT NULL,
      remind_from text NOT NULL,
      reminded_on text
    );
    CREATE TABLE "${schema}".messages (
      number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      id text NOT NULL UNIQUE,
      subscription text NOT NULL,
      channel text NOT NULL,
      digest_on text,
      state text NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead')),
      created_at bigint NOT NULL,
      due_at bigint NOT NULL,
      attempts integer NOT NULL DEFAULT 0,
      attempted_at bigint,
      error text,
      ended_at bigint,
      lease_owner text,
      lease_until bigint
    );
    CREATE INDEX messages_due ON "${schema}".messages (subscription, due_at, number) WHERE state = 'waiting';
    CREATE INDEX messages_by_state ON "${schema}".messages (state, number);
    CREATE TABLE "${schema}".notices (
      key text COLLATE "C" NOT NULL,
      subscription text NOT NULL,
      message text NOT NULL REFERENCES "${schema}".messages (id) ON DELETE CASCADE,
      kind text NOT NULL,
      record_id text COLLATE "C" NOT NULL,
      recipient text,
      deadline_id text NOT NULL,
      date_version integer NOT NULL,
      deadline_kind text NOT NULL,
      due_on text COLLATE "C" NOT NULL,
      day text NOT NULL,
      event_id text,
      reminder integer,
      occurred_at text NOT NULL,
      PRIMARY KEY (subscription, key)
    );
    CREATE INDEX notices_by_message ON "${schema}".notices (message);`,
    (schema) => `
    ALTER TABLE "${schema}".messages DROP CONSTRAINT messages_state_check;
    ALTER TABLE "${schema}".messages ADD CONSTRAINT messages_state_check
      CHECK (state IN ('waiting', 'delivered', 'lapsed', 'dead'));`,
  ],
};

const CONNECTIONS_MAX = 4;

/**
 * Opens the outbox in a schema of a PostgreSQL database (15 or later), and makes it where it is missing and `create` is asked
 * for. Any number of nodes may have it open.
 * @returns null where there is none and `create` is false.
 * @throws OutboxUnusableError
 */
export async function openPostgresqlOutbox(
  address: PostgresqlAddress,
  { create }: { create: boolean },
): Promise<OutboxDatabase | null> {
  const onConnect = async (client: ClientBase) => {
    await client.query(`SET search_path TO "${address.schema}"`);
  };
  const pool = openPool(
    address,
    { max: CONNECTIONS_MAX, pipeline: false, onConnect, types: NUMBERS },
    TIMEOUTS,
  );
  try {
    await openVersionedSchema(pool, address, OUTBOX_SCHEMA, create);
  } catch (error) {
    await pool.end();
    if (error instanceof SchemaError && error.reason === 'missing') return null;
    if (error instanceof SchemaError) throw new OutboxUnusableError('The outbox:', error.message);
    const detail = `cannot be used as outbox: ${reasonOf(error)}`;
    throw new OutboxUnusableError(address.shown, detail, { cause: error });
  }
  return new PostgresqlOutbox(pool, address);
}

/** Instants in milliseconds, and numbers of messages: a double holds them. */
const INT8 = 20;
const parserOf = types.getTypeParser as (oid: number) => (text: string) => unknown;
const NUMBERS: CustomTypesConfig = {
  getTypeParser: (oid: number): ((text: string) => unknown) => (oid === INT8 ? Number : parserOf(oid)),
};

class PostgresqlOutbox implements OutboxDatabase {
  readonly forUpdate = ' for update';
  readonly skipLocked = ' for update skip locked';
  readonly #pool: Pool;
  readonly #address: PostgresqlAddress;

  constructor(pool: Pool, address: PostgresqlAddress) {
    this.#pool = pool;
    this.#address = address;
  }

  rows<Row>(text: string, ...parameters: readonly Parameter[]): Promise<Row[]> {
    return this.#asking(() => queriesOn(this.#pool).rows<Row>(text, ...parameters));
  }

  change(text: string, ...parameters: readonly Parameter[]): Promise<number> {
    return this.#asking(() => queriesOn(this.#pool).change(text, ...parameters));
  }

  transaction<Result>(action: (queries: OutboxQueries) => Promise<Result>): Promise<Result> {
    return this.#asking(async () => {
      const client = await this.#pool.connect();
      try {
        await client.query('BEGIN');
        // Held until the end: what two nodes intend is looked up and added by one after the other.
        await client.query('SELECT FROM follower FOR UPDATE');
        const result = await action(queriesOn(client));
        await client.query('COMMIT');
        client.release();
        return result;
      } catch (error) {
        // Whatever its transaction had done goes with the connection.
        client.release(true);
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    if (!this.#pool.ending) await this.#pool.end();
  }

  async #asking<Result>(ask: () => Promise<Result>): Promise<Result> {
    try {
      return await ask();
    } catch (error) {
      if (concernsRequest(error)) throw error;
      throw new OutboxUnavailableError(this.#address.shown, reasonOf(error), { cause: error });
    }
  }
}

const queriesOn = (client: Pool | ClientBase): OutboxQueries => ({
  async rows<Row>(text: string, ...parameters: readonly Parameter[]) {
    const { rows } = await client.query(numbered(text), parameters.map(storable));
    return rows as Row[];
  },
  async change(text, ...parameters) {
    const { rowCount } = await client.query(numbered(text), parameters.map(storable));
    return rowCount ?? 0;
  },
});

/** `?` as PostgreSQL has it; none of the queries has one in a text. */
function numbered(text: string): string {
  let number = 0;
  return text.replaceAll('?', () => `$${++number}`);
}

/** What a receiver answered may hold U+0000, which cannot be stored. */
const storable = (value: Parameter): Parameter =>
  typeof value === 'string' ? value.replaceAll('\0', '\ufffd') : value;
