import { LRUCache } from 'lru-cache';
import { DatabaseError } from 'pg';
import type { Pool, PoolClient, QueryResult } from 'pg';
import { messageOf, StoreUnavailableError } from '#event-sourcing/errors';
import type { Sealer } from '#event-sourcing/sealer';
import type { StoreReports } from '#event-sourcing/store-observer';
import { isUuid } from '#event-sourcing/envelope';
import { unreadableAt } from '../parse-envelope.ts';
import type { LogRow } from '../parse-envelope.ts';
import type { PostgresqlAddress } from '#postgresql/address';
import { AppendGroup } from './append-group.ts';
import type { AppendOutcome, AppendRequest, GroupBasis, StoredHead } from './append-group.ts';
import { concernsRequest } from '#postgresql/pool';
import { redactRows } from './row-eraser.ts';
import { unavailable } from './unavailable.ts';
import { lockSql } from './schema.ts';

/** The longest text of a group in characters. The remaining appends form the next group. */
const GROUP_LENGTH_MAX = 8 * 1024 * 1024;
const STREAMS_REMEMBERED_MAX = 50_000;

/**
 * Writes groups of appends, each group in one transaction and each append independently. A lock is held from assigning
 * positions until the transaction is visible, so that a reader that sees a position sees all earlier ones.
 */
export class LogWriter {
  readonly #pool: Pool;
  readonly #address: PostgresqlAddress;
  readonly #sealer: Sealer;
  readonly #sql: ReturnType<typeof statements>;
  readonly #reports: StoreReports | undefined;
  /** The heads of streams as of the end of the log; valid while no other process has appended. */
  readonly #remembered = new LRUCache<string, StoredHead>({ max: STREAMS_REMEMBERED_MAX });
  #end: GroupBasis['end'] = { position: 0, stream: 0 };

  /** @param pool its connections must have pipelining enabled. */
  constructor(pool: Pool, address: PostgresqlAddress, sealer: Sealer, reports?: StoreReports) {
    this.#pool = pool;
    this.#address = address;
    this.#sealer = sealer;
    this.#reports = reports;
    this.#sql = statements(address.schema);
  }

  /**
   * Commits as many requests, in order, as fit into one group. Returns an outcome for each request that was committed
   * or failed.
   */
  async writeGroup(requests: readonly AppendRequest[]): Promise<AppendOutcome[]> {
    try {
      return await this.#inTransaction(requests);
    } catch (error) {
      const failed = this.#failure(error);
      if (failed instanceof StoreUnavailableError) return requests.map(() => ({ failed }));
    }
    // One of the requests is the cause. Run separately, only that one fails.
    const outcomes: AppendOutcome[] = [];
    for (const request of requests) outcomes.push(await this.#writeAlone(request));
    return outcomes;
  }

  async #writeAlone(request: AppendRequest): Promise<AppendOutcome> {
    try {
      const [outcome] = await this.#inTransaction([request]);
      return outcome ?? { failed: new Error('the append has no outcome') };
    } catch (error) {
      return { failed: this.#failure(error) };
    }
  }

  #failure(error: unknown): unknown {
    return concernsRequest(error) ? error : unavailable(this.#address, error);
  }

  async #inTransaction(requests: readonly AppendRequest[]): Promise<AppendOutcome[]> {
    const client = await this.#pool.connect();
    try {
      const group = new AppendGroup(this.#sealer, await this.#begin(client, requests));
      const outcomes: AppendOutcome[] = [];
      for (const request of requests) {
        outcomes.push(group.add(request));
        if (group.length > GROUP_LENGTH_MAX) break;
      }
      await this.#commit(client, group);
      for (const [streamId, head] of group.heads) this.#remembered.set(streamId, head);
      this.#end = group.end;
      client.release();
      this.#reportGroup(outcomes);
      return outcomes;
    } catch (error) {
      // Closing the connection rolls back an open transaction.
      client.release(true);
      throw error;
    }
  }

  #reportGroup(outcomes: readonly AppendOutcome[]): void {
    const written = outcomes.filter((outcome) => 'appended' in outcome);
    if (written.length === 0) return;
    const events = written.reduce((sum, { appended }) => sum + appended.length, 0);
    this.#reports?.groupWritten(written.length, events);
  }

  /**
   * Locks the log and reads the state on which the appends depend, in one round trip if no other process has written
   * since.
   */
  async #begin(client: PoolClient, requests: readonly AppendRequest[]): Promise<GroupBasis> {
    const ids = requests.flatMap(retryableCommandIds);
    const streamIds = [...new Set(requests.flatMap(streamIdsOf))];
    const known = new Map(
      streamIds.flatMap((streamId) => {
        const head = this.#remembered.get(streamId);
        return head === undefined ? [] : [[streamId, head]];
      }),
    );
    const unknown = streamIds.filter((streamId) => !known.has(streamId));
    const reads = [this.#lock(client), this.#findRepeats(client, ids), this.#heads(client, unknown)] as const;
    // All are awaited even if one fails, so that no rejection is unhandled.
    await Promise.allSettled(reads);
    const [end, repeated, heads] = await Promise.all(reads);
    const isCurrent = end.position === this.#end.position && end.stream === this.#end.stream;
    if (!isCurrent) this.#remembered.clear();
    const current = isCurrent ? known : await this.#heads(client, [...known.keys()]);
    for (const [streamId, head] of current) heads.set(streamId, head);
    return { end, repeated, heads };
  }

  async #lock(client: PoolClient): Promise<GroupBasis['end']> {
    // A query of several statements has several results, which the driver's types do not declare.
    const results = (await client.query(this.#sql.begin)) as unknown as QueryResult<Record<string, string>>[];
    const row = results.at(-1)?.rows[0];
    return { position: Number(row?.['position']), stream: Number(row?.['stream']) };
  }

  async #findRepeats(client: PoolClient, ids: readonly string[]): Promise<Map<string, LogRow[]>> {
    const found = new Map<string, LogRow[]>();
    const uuids = ids.filter(isUuid);
    if (uuids.length === 0) return found;
    const { rows } = await client.query<[string, string, string]>({
      name: 'docket-commands',
      text: this.#sql.commands,
      values: [uuids],
      rowMode: 'array',
    });
    for (const [position, envelope, id] of rows) {
      const events = found.get(id) ?? [];
      events.push([position, envelope]);
      found.set(id, events);
    }
    return found;
  }

  async #heads(client: PoolClient, streamIds: readonly string[]): Promise<Map<string, StoredHead>> {
    const found = new Map<string, StoredHead>();
    if (streamIds.length === 0) return found;
    const { rows } = await client
      .query<[string, string, number, string | null, string | null]>({
        name: 'docket-heads',
        text: this.#sql.heads,
        values: [streamIds.map((streamId) => Buffer.from(streamId))],
        rowMode: 'array',
      })
      .catch((error: unknown) => {
        if (!isInvalidJson(error)) throw error;
        const [streamId = null, ...others] = streamIds;
        const place = { position: null, streamId: others.length > 0 ? null : streamId, version: null };
        throw unreadableAt(place, new SyntaxError(messageOf(error)));
      });
    for (const [place, stream, version, hash, recordedAt] of rows) {
      const streamId = streamIds[Number(place) - 1] ?? '';
      // No event may follow an unreadable one: events sealed after it would hide the damage.
      if (!isJsonText(hash) || !isJsonText(recordedAt)) {
        throw unreadableAt({ position: null, streamId, version }, new TypeError('it is not an event'));
      }
      found.set(streamId, {
        stream: Number(stream),
        version,
        hash: JSON.parse(hash) as string,
        recordedAt: JSON.parse(recordedAt) as string,
      });
    }
    return found;
  }

  /** Inserts and commits in one round trip. If the insert fails, the commit rolls back. */
  async #commit(client: PoolClient, group: AppendGroup): Promise<void> {
    const columns = group.columns();
    if (columns === null) {
      await client.query('COMMIT');
      return;
    }
    const insert = () => client.query({ name: 'docket-insert', text: this.#sql.insert, values: columns });
    const isRedacting = group.redactions.length > 0;
    if (isRedacting) {
      await insert();
      await redactRows(client, this.#address, group.redactions);
    }
    const [inserted, committed] = await Promise.allSettled([
      isRedacting ? null : insert(),
      client.query('COMMIT'),
    ]);
    if (inserted.status === 'rejected' && concernsRequest(inserted.reason)) throw inserted.reason;
    if (committed.status === 'rejected' || inserted.status === 'rejected') {
      const lost: unknown = committed.status === 'rejected' ? committed.reason : reasonOf(inserted);
      const unknownOutcome =
        'lost the connection during a commit, which may or may not have succeeded. Retry with the same idempotency key';
      throw unavailable(this.#address, lost, unknownOutcome);
    }
    if (committed.value.command !== 'COMMIT') {
      throw unavailable(this.#address, new Error(committed.value.command), 'did not commit');
    }
  }
}

/** Returns whether the server could not parse a text as JSON. */
const isInvalidJson = (error: unknown): boolean => error instanceof DatabaseError && error.code === '22P02';

const isJsonText = (json: string | null): json is string => json?.startsWith('"') === true;

const reasonOf = (settled: PromiseSettledResult<unknown>): unknown =>
  settled.status === 'rejected' ? settled.reason : undefined;

/** Returns the ids of the commands of a request that may have been appended before. */
const retryableCommandIds = (request: AppendRequest): string[] =>
  'commit' in request && request.commit.command.request !== null ? [request.commit.command.id] : [];

const streamIdsOf = (request: AppendRequest): string[] =>
  ('commit' in request ? request.commit.appends : request.sealed).map(({ streamId }) => streamId);

function statements(name: string) {
  const schema = `"${name}"`;
  return {
    // Each statement sees what was committed before it began, so the last one sees everything that was committed before
    // the lock. The end comes from the index: a counter would leave a dead row per group, which a long backup protects
    // from vacuum.
    begin: `BEGIN;
      SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off';
      ${lockSql(name)};
      SELECT coalesce((SELECT max(position) FROM ${schema}.events), 0) AS position,
             coalesce((SELECT max(id) FROM ${schema}.streams), 0) AS stream`,
    commands: `SELECT position, envelope, command_id FROM ${schema}.events
      WHERE command_id = ANY ($1::uuid[]) ORDER BY position`,
    heads: `SELECT requested.place, s.id, head.version,
        (head.envelope::json -> 'hash')::text, (head.envelope::json -> 'recordedAt')::text
      FROM unnest($1::bytea[]) WITH ORDINALITY AS requested (name, place)
      JOIN ${schema}.streams s ON sha256(s.name) = sha256(requested.name)
      CROSS JOIN LATERAL (
        SELECT version, envelope FROM ${schema}.events WHERE stream = s.id ORDER BY version DESC LIMIT 1
      ) AS head`,
    insert: `WITH new_streams AS (
        INSERT INTO ${schema}.streams (id, name) SELECT * FROM unnest($1::bigint[], $2::bytea[])
      )
      INSERT INTO ${schema}.events (position, stream, version, command_id, envelope)
      SELECT * FROM unnest($3::bigint[], $4::bigint[], $5::int[], $6::uuid[], $7::text[])`,
  };
}
