import { CamelCasePlugin, Kysely } from 'kysely';
import type { Generated } from 'kysely';
import { ifMade, openTables } from '#projections/databases';
import type { DatabaseAddress } from '#projections/database-address';
import type { SchemaDefinition } from '#projections/schema-definition';

/**
 * A notice for a receiver. It contains ids but no text of the record, so that nothing in the outbox
 * needs to be erased. The text is read when the notice is sent.
 */
export interface Notice {
  /** Identifies the notice: it is the same whichever process derives it, and however often. */
  readonly key: string;
  readonly kind: string;
  /** The record's name: its id, prefixed with the kind if ids of that kind are not unique. */
  readonly recordId: string;
  /** The event that caused it. */
  readonly eventId: string;
  /** The instant at which the event was recorded. */
  readonly occurredAt: string;
}

export type ChannelName = 'email' | 'webhook';

/** The states of messages. `lapsed`: not sent, because no part of the message concerns its receiver any more. */
export const MESSAGE_STATES = ['waiting', 'delivered', 'lapsed', 'dead'] as const;
export type MessageState = (typeof MESSAGE_STATES)[number];

/** The followers of the log that record messages, each with a bookmark. */
export type FollowerName = 'webhooks' | 'people';

/** A follower's progress. */
export interface FollowerState {
  /** The id of the log's first event; null if it had none yet. */
  readonly log: string | null;
  /** The position up to which it has read the log, padded so that texts sort like positions. */
  readonly position: string;
}

/** The tables. Times are milliseconds since 1970. */
export interface OutboxTables {
  /** One row per follower that has started. */
  followers: FollowerState & { readonly name: FollowerName };
  messages: {
    readonly number: Generated<number>;
    /** The id that is also sent to the receiver. */
    readonly id: string;
    readonly receiver: string;
    readonly channel: ChannelName;
    /** Messages to one receiver with the same key are sent in order; null if the order does not matter. */
    readonly orderKey: string | null;
    /** The London date of a digest. */
    readonly digestOn: string | null;
    readonly state: MessageState;
    readonly createdAt: number;
    readonly dueAt: number;
    readonly attempts: Generated<number>;
    /** When the last attempt was; null before the first. */
    readonly attemptedAt: number | null;
    /** Why the last attempt failed, or why the message lapsed. */
    readonly error: string | null;
    /** When it was delivered, lapsed or became a dead letter. */
    readonly endedAt: number | null;
    readonly leaseOwner: string | null;
    readonly leaseUntil: number | null;
  };
  notices: Notice & {
    readonly receiver: string;
    readonly message: string;
  };
}

/** An open outbox. `Outbox` and the list functions read and write it. */
export interface OutboxDatabase {
  readonly db: Kysely<OutboxTables>;
  close(): Promise<void>;
}

/** The database is not an outbox of this version, or cannot be opened now. */
export class OutboxUnusableError extends Error {
  readonly code = 'outbox-unusable';

  constructor(where: string, detail: string, options?: ErrorOptions) {
    super(`${where} ${detail}`, options);
    this.name = 'OutboxUnusableError';
  }
}

/** The server of an open outbox is unreachable or overloaded. A retry may succeed. */
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
  version: 5,
  tables: ({ text, integer, number, strict }) => `
  create table followers (
    name ${text} primary key,
    log ${text},
    position ${text} not null
  )${strict};
  create table messages (
    number ${number},
    id ${text} not null unique,
    receiver ${text} not null,
    channel ${text} not null,
    order_key ${text},
    digest_on ${text},
    state ${text} not null check (state in ('waiting', 'delivered', 'lapsed', 'dead')),
    created_at ${integer} not null,
    due_at ${integer} not null,
    attempts ${integer} not null default 0,
    attempted_at ${integer},
    error ${text},
    ended_at ${integer},
    lease_owner ${text},
    lease_until ${integer}
  )${strict};
  create index messages_due on messages (receiver, due_at, number) where state = 'waiting';
  create index messages_by_state on messages (state, number);
  create index messages_in_order on messages (receiver, order_key, number)
    where state = 'waiting' and order_key is not null;
  create index messages_by_receiver on messages (receiver, number);
  create table notices (
    key ${text} not null,
    receiver ${text} not null,
    message ${text} not null references messages (id) on delete cascade,
    kind ${text} not null,
    record_id ${text} not null,
    event_id ${text} not null,
    occurred_at ${text} not null,
    primary key (receiver, key)
  )${strict};
  create index notices_by_message on notices (message);`,
  advice: '; stop Docket and move it away',
  Unusable: OutboxUnusableError,
  Unavailable: OutboxUnavailableError,
};

/**
 * Opens an outbox. Creates a missing one. Several processes may open it.
 * @throws OutboxUnusableError
 */
export const openOutbox = async (
  address: DatabaseAddress,
  options = { create: true },
): Promise<OutboxDatabase> => {
  const { dialect, end } = await openTables(address, OUTBOX_SCHEMA, options);
  const db = new Kysely<OutboxTables>({ dialect, plugins: [new CamelCasePlugin()] });
  return {
    db,
    async close() {
      await db.destroy();
      await end();
    },
  };
};

/**
 * Opens an existing outbox. Returns null if there is none.
 * @throws OutboxUnusableError
 */
export const openExistingOutbox = (address: DatabaseAddress): Promise<OutboxDatabase | null> =>
  ifMade(address, (options) => openOutbox(address, options));
