import { sql } from 'kysely';
import type { Insertable, Transaction } from 'kysely';
import { v5 } from 'uuid';
import type { DigestTime } from '../digest-time.ts';
import type { ChannelName, Notice } from './outbox-database.ts';
import { BEHIND_ANOTHER } from './message-order.ts';
import type { OutboxTables } from './outbox-database.ts';

/** A notice with its receiver, and how it is combined: alone, in a group, or in a digest. */
export interface AddressedNotice {
  readonly notice: Notice;
  readonly receiver: string;
  readonly channel: ChannelName;
  /**
   * Returns the next digest after an instant. Called again if that digest is already being sent. If null or
   * absent, the notice is sent at once.
   */
  readonly digest?: ((after: number) => DigestTime) | null;
  /** Notices to a receiver with the same group form one message until it is being sent. If absent, the notice is a message by itself. */
  readonly group?: string;
  /** Messages to a receiver with the same order are sent in the order of recording. If absent, in any order. */
  readonly order?: string;
}

/** The namespace of the messages' ids (RFC 9562, version 5). */
const NAMESPACE = '5f2b6a52-0f0e-5a8e-9c7e-6a1d1f2a7c11';
/** The maximum number of notices in a message. Further ones form another message for the same day or group. */
export const MESSAGE_NOTICES_MAX = 500;
/** The number of notices recorded in one transaction. */
const AT_ONCE = 25;

/** Splits notices into parts that are recorded in order. A message's notices stay together. */
export function inParts(addressed: readonly AddressedNotice[]): readonly (readonly AddressedNotice[])[] {
  const parts: AddressedNotice[][] = [];
  for (const each of addressed) {
    const part = parts.at(-1);
    const before = part?.at(-1);
    const isOfOne = isShared(each) && before?.receiver === each.receiver && before.group === each.group;
    if (part !== undefined && (part.length < AT_ONCE || isOfOne)) part.push(each);
    else parts.push([each]);
  }
  return parts;
}

/** Records notices once per receiver, with their messages. */
export async function recordMessages(
  trx: Transaction<OutboxTables>,
  addressed: readonly AddressedNotice[],
  now: number,
): Promise<void> {
  const fresh = addressed.length === 0 ? [] : await notRecorded(trx, addressed);
  if (fresh.length === 0) return;
  const messages = await Messages.for(trx, fresh, now);
  const notices: Insertable<OutboxTables['notices']>[] = [];
  for (const each of fresh)
    notices.push({ ...each.notice, receiver: each.receiver, message: await messages.idFor(each) });
  if (messages.made.length > 0) await trx.insertInto('messages').values(messages.made).execute();
  await trx.insertInto('notices').values(notices).execute();
}

async function notRecorded(
  trx: Transaction<OutboxTables>,
  addressed: readonly AddressedNotice[],
): Promise<readonly AddressedNotice[]> {
  const rows = await trx
    .selectFrom('notices')
    .select(['receiver', 'key'])
    .where('receiver', 'in', [...new Set(addressed.map(({ receiver }) => receiver))])
    .where('key', 'in', [...new Set(addressed.map(({ notice }) => notice.key))])
    .execute();
  const existing = new Set(rows.map(({ receiver, key }) => `${receiver}/${key}`));
  const fresh = new Map(addressed.map((each) => [singleKey(each), each]));
  return [...fresh].flatMap(([name, each]) => (existing.has(name) ? [] : each));
}

/** A message that a notice could join. */
interface Candidate {
  size: number;
  /** Whether a process has started to send it. */
  readonly isBegun: boolean;
}

/** The messages for some notices, existing and new. */
class Messages {
  readonly made: Insertable<OutboxTables['messages']>[] = [];
  readonly #trx: Transaction<OutboxTables>;
  readonly #now: number;
  /** The messages read or created so far, by id; null if there is none. */
  readonly #candidates = new Map<string, Candidate | null>();
  /** The receivers and orders with a waiting message. */
  readonly #waiting: Set<string>;

  private constructor(trx: Transaction<OutboxTables>, now: number, waiting: Set<string>) {
    this.#trx = trx;
    this.#now = now;
    this.#waiting = waiting;
  }

  static async for(
    trx: Transaction<OutboxTables>,
    addressed: readonly AddressedNotice[],
    now: number,
  ): Promise<Messages> {
    const messages = new Messages(trx, now, await waitingOf(trx, addressed));
    const first = addressed.filter(isShared).map((each) => sharedId(each, each.digest?.(now) ?? null, 1));
    await messages.#lookUp([...new Set(first)]);
    return messages;
  }

  /** Returns the id of the message for a notice. Creates a message if the notice can join none. */
  async idFor(addressed: AddressedNotice): Promise<string> {
    const { digest: next = null } = addressed;
    if (!isShared(addressed)) return this.#make(idOf(singleKey(addressed)), addressed, null);
    for (let [digest, part] = [next && next(this.#now), 1]; ;) {
      const id = sharedId(addressed, digest, part);
      if (!this.#candidates.has(id)) await this.#lookUp([id]);
      const candidate = this.#candidates.get(id) ?? null;
      if (candidate === null) return this.#make(id, addressed, digest);
      if (!candidate.isBegun && candidate.size < MESSAGE_NOTICES_MAX) {
        candidate.size += 1;
        return id;
      }
      if (!candidate.isBegun || digest === null || next === null) part += 1;
      else [digest, part] = [next(digest.at), 1];
    }
  }

  async #lookUp(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    // No process can claim them before the transaction commits with their notices.
    const rows = await this.#trx
      .selectFrom('messages')
      .select(['id', 'state', 'attempts'])
      .select((eb) =>
        eb
          .selectFrom('notices')
          .select(({ fn }) => fn.countAll<number>().as('size'))
          .whereRef('message', '=', 'messages.id')
          .as('size'),
      )
      .where('id', 'in', ids)
      .forUpdate()
      .execute();
    for (const id of ids) this.#candidates.set(id, null);
    for (const { id, state, attempts, size } of rows)
      this.#candidates.set(id, { size: size ?? 0, isBegun: state !== 'waiting' || attempts > 0 });
  }

  #make(id: string, addressed: AddressedNotice, digest: DigestTime | null): string {
    const { receiver, channel, order: orderKey = null } = addressed;
    const isBehind = orderKey !== null && this.#waiting.has(orderKeyOf(receiver, orderKey));
    if (orderKey !== null) this.#waiting.add(orderKeyOf(receiver, orderKey));
    const dueAt = isBehind ? BEHIND_ANOTHER : (digest?.at ?? this.#now);
    const when = { createdAt: this.#now, dueAt, digestOn: digest?.day ?? null };
    this.made.push({ id, receiver, channel, orderKey, state: 'waiting', ...when });
    this.#candidates.set(id, { size: 1, isBegun: false });
    return id;
  }
}

/**
 * Returns the receivers and orders with a waiting message. The transaction prevents these from ending before
 * the new messages are queued behind them.
 */
async function waitingOf(
  trx: Transaction<OutboxTables>,
  addressed: readonly AddressedNotice[],
): Promise<Set<string>> {
  const ordered = addressed.filter(({ order }) => order !== undefined);
  if (ordered.length === 0) return new Set();
  const rows = await trx
    .selectFrom('messages')
    .select(['receiver', 'orderKey'])
    .where('state', '=', sql.lit('waiting'))
    .where('number', 'in', (eb) =>
      eb
        .selectFrom('messages as last')
        .select(({ fn }) => fn.max('last.number').as('number'))
        .where('last.state', '=', sql.lit('waiting'))
        .where('last.receiver', 'in', [...new Set(ordered.map(({ receiver }) => receiver))])
        .where('last.orderKey', 'in', [...new Set(ordered.map(({ order = '' }) => order))])
        .groupBy(['last.receiver', 'last.orderKey']),
    )
    .forUpdate()
    .execute();
  return new Set(rows.map(({ receiver, orderKey }) => orderKeyOf(receiver, orderKey ?? '')));
}

const isShared = ({ digest = null, group }: AddressedNotice): boolean =>
  digest !== null || group !== undefined;

const singleKey = ({ receiver, notice }: AddressedNotice): string => `${receiver}/${notice.key}`;
const orderKeyOf = (receiver: string, order: string): string => `${receiver}/${order}`;

const sharedId = (
  { receiver, group = '' }: AddressedNotice,
  digest: DigestTime | null,
  part: number,
): string =>
  idOf(digest === null ? `${receiver}/group/${group}/${part}` : `${receiver}/digest/${digest.day}/${part}`);

const idOf = (name: string): string => v5(name, NAMESPACE);
