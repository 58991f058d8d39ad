import { CamelCasePlugin, Kysely } from 'kysely';
import type { Generated } from 'kysely';
import { ifMade, openFileTables, openTables } from '#projections/databases';
import type { OpenTables } from '#projections/databases';
import type { DatabaseAddress } from '#projections/database-address';
import type { Declarations, SchemaDefinition } from '#projections/schema-definition';
import type { ChannelName, DeadlineFacts, Notice } from '../notices.ts';

/** Lapsed: not sent any more, since nothing of it is for its receiver any more. */
export const MESSAGE_STATES = ['waiting', 'delivered', 'lapsed', 'dead'] as const;
export type MessageState = (typeof MESSAGE_STATES)[number];

/** Those who follow the log and record messages, each with a bookmark. */
export type FollowerName = 'deadlines' | 'webhooks' | 'people';

/** How far a follower of the log has come. */
export interface FollowerState {
  /** The log's first event; null where it had none yet. */
  readonly log: string | null;
  /** Up to where the log was looked through, so padded that texts compare as positions do. */
  readonly position: string;
  /** The day on which it began: reminders of days before are not sent. */
  readonly remindFrom: string;
  /** The last day for which reminders were derived; null before the first. */
  readonly remindedOn: string | null;
}

/** The tables; times are milliseconds since 1970. */
export interface OutboxTables {
  /** A row for each that has begun. */
  followers: FollowerState & { readonly name: FollowerName };
  messages: {
    readonly number: Generated<number>;
    /** The id that its receiver gets as well. */
    readonly id: string;
    readonly receiver: string;
    readonly channel: ChannelName;
    /** Messages of one receiver with the same text here are sent one after another; null where the order does not matter. */
    readonly orderKey: string | null;
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
  /** The facts of a deadline are JSON. */
  notices: Omit<Notice, 'deadline'> & {
    readonly deadline: string | null;
    readonly receiver: string;
    readonly message: string;
  };
}

/** The facts of a deadline as a row has them. */
export const factsOf = (json: string | null): DeadlineFacts | null =>
  json === null ? null : (JSON.parse(json) as DeadlineFacts);

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

const FACTS = {
  recipient: 'recipient',
  deadlineId: 'deadline_id',
  dateVersion: 'date_version',
  deadlineKind: 'deadline_kind',
  dueOn: 'due_on',
  day: 'day',
  reminder: 'reminder',
} satisfies Record<keyof DeadlineFacts, string>;

/** Whatever is sent, and not notices of deadlines alone: what they alone have goes into one column. */
const severalFollowers = (
  object: string,
  { text, strict }: Pick<Declarations, 'text' | 'strict'>,
): string => `
  create table followers (
    name ${text} primary key,
    log ${text},
    position ${text} not null,
    remind_from ${text} not null,
    reminded_on ${text}
  )${strict};
  insert into followers (name, log, position, remind_from, reminded_on)
    select 'deadlines', log, position, remind_from, reminded_on from follower;
  drop table follower;
  alter table messages rename column subscription to receiver;
  alter table messages add column order_key ${text};
  create index messages_in_order on messages (receiver, order_key, number)
    where state = 'waiting' and order_key is not null;
  create index messages_by_receiver on messages (receiver, number);
  alter table notices rename column subscription to receiver;
  alter table notices add column deadline ${text};
  update notices set deadline = cast(${object}(${Object.entries(FACTS)
    .map(([name, column]) => `'${name}', ${column}`)
    .join(', ')}) as text);
  ${Object.values(FACTS)
    .map((column) => `alter table notices drop column ${column};`)
    .join('\n  ')}`;

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
    const receivers = severalFollowers(isFile ? 'json_object' : 'json_build_object', { text, strict });
    return isFile ? ['', tables, receivers] : [tables, states, receivers];
  },
  oldestFile: 2,
  advice: '',
  Unusable: OutboxUnusableError,
  Unavailable: OutboxUnavailableError,
};

/**
 * Opens the outbox at an address, made where it is missing. Any number of processes may have it open.
 * @throws OutboxUnusableError
 */
export const openOutbox = async (
  address: DatabaseAddress,
  options = { create: true },
): Promise<OutboxDatabase> => outboxOn(await openTables(address, OUTBOX_SCHEMA, options));

/**
 * Opens the outbox at an address where there is one: null where nobody was told of anything yet.
 * @throws OutboxUnusableError
 */
export const openOutboxIfMade = (address: DatabaseAddress): Promise<OutboxDatabase | null> =>
  ifMade(address, (options) => openOutbox(address, options));

/** The outbox in a file, made where it is missing. @throws OutboxUnusableError */
export const openFileOutbox = (path: string): OutboxDatabase => outboxOn(openFileTables(path, OUTBOX_SCHEMA));

function outboxOn({ dialect, end }: OpenTables): OutboxDatabase {
  const db = new Kysely<OutboxTables>({ dialect, plugins: [new CamelCasePlugin()] });
  return {
    db,
    async close() {
      await db.destroy();
      await end();
    },
  };
}
