import { statSync } from 'node:fs';
import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely';
import type { Dialect, Generated } from 'kysely';
import type { PostgresqlAddress } from '#postgresql/address';
import type { ReadModelAddress } from '#projections/open-read-models';
import { kyselyPool } from '#projections/postgresql/kysely-pool';
import { ifMade, openSchema } from '#projections/postgresql/open-schema';
import type { SchemaDefinition } from '#projections/schema-definition';
import { FileDialect, openFile } from '#projections/sqlite/connection';
import type { ChannelName, Notice } from '../notices.ts';

/** Lapsed: not sent any more, since nothing that it tells of holds for its subscription. */
export const MESSAGE_STATES = ['waiting', 'delivered', 'lapsed', 'dead'] as const;
export type MessageState = (typeof MESSAGE_STATES)[number];

/** Where the follower of the log stands. */
export interface FollowerState {
  /** The log's first event; null where it had none yet. */
  readonly log: string | null;
  /** Up to where the log was looked through, so padded that texts compare as positions do. */
  readonly position: string;
  /** Reminders of days before are not sent. */
  readonly remindFrom: string;
  /** The last day for which reminders were derived; null before the first. */
  readonly remindedOn: string | null;
}

/** The tables; times are milliseconds since 1970. */
export interface OutboxTables {
  /** One row, once it has begun. */
  follower: FollowerState & { readonly id: number };
  messages: {
    readonly number: Generated<number>;
    /** The id that its receiver gets as well. */
    readonly id: string;
    readonly subscription: string;
    readonly channel: ChannelName;
    /** Its London date, where it is a digest. */
    readonly digestOn: string | null;
    readonly state: MessageState;
    readonly createdAt: number;
    readonly dueAt: number;
    readonly attempts: Generated<number>;
    /** When it was tried last; null before the first time. */
    readonly attemptedAt: number | null;
    /** Why the last attempt failed, or it lapsed. */
    readonly error: string | null;
    /** When it was delivered, lapsed or was given up. */
    readonly endedAt: number | null;
    readonly leaseOwner: string | null;
    readonly leaseUntil: number | null;
  };
  notices: Notice & { readonly subscription: string; readonly message: string };
}

/** An open outbox; what it holds is read and written by `Outbox` and by the list. */
export interface OutboxDatabase {
  readonly db: Kysely<OutboxTables>;
  close(): Promise<void>;
}

/** What is there is no outbox of this version, or cannot be opened now. */
export class OutboxUnusableError extends Error {
  readonly code = 'outbox-unusable';

  constructor(where: string, detail: string, options?: ErrorOptions) {
    super(`${where} ${detail}`, options);
    this.name = 'OutboxUnusableError';
  }
}

/** The server of an open outbox cannot be reached now, or takes no more; the same may succeed later. */
export class OutboxUnavailableError extends Error {
  readonly code = 'outbox-unavailable';

  constructor(where: string, reason: string, options?: ErrorOptions) {
    super(`${where} cannot be used: ${reason}`, options);
    this.name = 'OutboxUnavailableError';
  }
}

const OUTBOX_SCHEMA: SchemaDefinition = {
  what: 'outbox',
  letters: 'DOCO',
  versions: 'outbox_versions',
  known: 'messages',
  // No file of the first version is read any more.
  migrations: ({ isFile, text, integer, number, strict }) => {
    const tables = `
  create table follower (
    id ${integer} primary key check (id = 1),
    log ${text},
    position ${text} not null,
    remind_from ${text} not null,
    reminded_on ${text}
  )${strict};
  create table messages (
    number ${number},
    id ${text} not null unique,
    subscription ${text} not null,
    channel ${text} not null,
    digest_on ${text},
    state ${text} not null constraint messages_state_check check (state in ('waiting', 'delivered', 'lapsed', 'dead')),
    created_at ${integer} not null,
    due_at ${integer} not null,
    attempts ${integer} not null default 0,
    attempted_at ${integer},
    error ${text},
    ended_at ${integer},
    lease_owner ${text},
    lease_until ${integer}
  )${strict};
  create index messages_due on messages (subscription, due_at, number) where state = 'waiting';
  create index messages_by_state on messages (state, number);
  create table notices (
    key ${text} not null,
    subscription ${text} not null,
    message ${text} not null references messages (id) on delete cascade,
    kind ${text} not null,
    record_id ${text} not null,
    recipient ${text},
    deadline_id ${text} not null,
    date_version ${integer} not null,
    deadline_kind ${text} not null,
    due_on ${text} not null,
    day ${text} not null,
    event_id ${text},
    reminder ${integer},
    occurred_at ${text} not null,
    primary key (subscription, key)
  )${strict};
  create index notices_by_message on notices (message);`;
    const states = `
  alter table messages drop constraint messages_state_check;
  alter table messages add constraint messages_state_check
    check (state in ('waiting', 'delivered', 'lapsed', 'dead'));`;
    return isFile ? ['', tables] : [tables, states];
  },
  oldestFile: 2,
  advice: '',
  Unusable: OutboxUnusableError,
  Unavailable: OutboxUnavailableError,
};

const CONNECTIONS_MAX = 4;

/**
 * Opens the outbox at an address, made where it is missing. Any number of processes may have it open.
 * @throws OutboxUnusableError
 */
export async function openOutbox(address: ReadModelAddress): Promise<OutboxDatabase> {
  if (address.kind === 'postgresql') return openServerOutbox(address, { create: true });
  return openFileOutbox(address.kind === 'memory' ? ':memory:' : address.path);
}

/**
 * Opens the outbox at an address where there is one: null where nobody was told of anything yet.
 * @throws OutboxUnusableError
 */
export async function openOutboxIfMade(address: ReadModelAddress): Promise<OutboxDatabase | null> {
  switch (address.kind) {
    case 'sqlite': {
      const size = statSync(address.path, { throwIfNoEntry: false })?.size ?? 0;
      return size > 0 ? openFileOutbox(address.path) : null;
    }
    case 'postgresql':
      return ifMade(openServerOutbox(address, { create: false }));
    case 'memory':
      return null;
  }
}

/** The outbox in a file; `:memory:` lives as long as the connection. */
export function openFileOutbox(path: string): OutboxDatabase {
  const connection = openFile(path, OUTBOX_SCHEMA);
  return outboxOn(new FileDialect(connection), () => {
    connection.close();
  });
}

async function openServerOutbox(
  address: PostgresqlAddress,
  { create }: { create: boolean },
): Promise<OutboxDatabase> {
  const pool = await openSchema(address, OUTBOX_SCHEMA, { create, max: CONNECTIONS_MAX });
  const server = { shown: address.shown, Unavailable: OutboxUnavailableError };
  return outboxOn(new PostgresDialect({ pool: kyselyPool(pool, server) }), async () => {
    if (!pool.ending) await pool.end();
  });
}

function outboxOn(dialect: Dialect, end: () => void | Promise<void>): OutboxDatabase {
  const db = new Kysely<OutboxTables>({ dialect, plugins: [new CamelCasePlugin()] });
  return {
    db,
    async close() {
      await db.destroy();
      // Kysely closes nothing that was never asked anything.
      await end();
    },
  };
}
