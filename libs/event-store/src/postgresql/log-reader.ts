import type { Pool } from 'pg';
import type { Envelope } from '#event-sourcing/envelope';
import { hasCode, StoreUnavailableError } from '#event-sourcing/errors';
import type { StoreDamagedError } from '#event-sourcing/errors';
import { isUuid } from '#event-sourcing/envelope';
import { parseEnvelope, readableRows, unreadableAt, eventIdText } from '../parse-envelope.ts';
import type { LogRow } from '../parse-envelope.ts';
import type { PostgresqlAddress } from '#postgresql/address';
import { withStoreErrors } from './unavailable.ts';

/** The size of a page of events in bytes, because all its rows are in memory in addition to the events. */
const PAGE_BYTES_MAX = 4 * 1024 * 1024;
/** The most events of a page, because the server adds up the bytes of a page before it sends the first row. */
const PAGE_EVENTS_MAX = 10_000;
/** The most reads that wait for a connection. Others are refused at once. */
const READS_WAITING_MAX = 10_000;

/** Reads the log, each page in one statement, so that a page is a consistent snapshot. */
export class LogReader {
  readonly #pool: Pool;
  readonly #address: PostgresqlAddress;
  readonly #sql: ReturnType<typeof statements>;

  constructor(pool: Pool, address: PostgresqlAddress) {
    this.#pool = pool;
    this.#address = address;
    this.#sql = statements(`"${address.schema}"`);
  }

  async stream(streamId: string, after: number, limit: number): Promise<Envelope[]> {
    const values = [Buffer.from(streamId), after, Math.min(limit, PAGE_EVENTS_MAX)];
    return this.#envelopes(await this.#rows('docket-stream', this.#sql.stream, values));
  }

  async log(after: number, limit: number): Promise<Envelope[]> {
    const values = [after, Math.min(limit, PAGE_EVENTS_MAX)];
    return this.#envelopes(await this.#rows('docket-log', this.#sql.log, values));
  }

  async command(commandId: string): Promise<Envelope[]> {
    if (!isUuid(commandId)) return [];
    const rows = await this.#rows('docket-command', this.#sql.command, [commandId]);
    return this.#envelopes(rows, (all) => all.map(parseEnvelope));
  }

  async withIds(streamId: string, eventIds: readonly string[]): Promise<Envelope[]> {
    const rows = await this.#rows('docket-by-id', this.#sql.byId, [
      Buffer.from(streamId),
      eventIds.map(eventIdText),
    ]);
    const found = await this.#envelopes(rows, (all) => all.map(parseEnvelope));
    return found.filter(({ eventId }) => eventIds.includes(eventId));
  }

  async redactions(after: number, limit: number): Promise<Envelope[]> {
    const rows = await this.#rows('docket-redactions', this.#sql.redactions, [after, limit]);
    return this.#envelopes(rows, (all) => all.map(parseEnvelope));
  }

  async lastPosition(): Promise<number> {
    const [row] = await this.#rows('docket-last', this.#sql.last, []);
    return Number(row?.[0] ?? 0);
  }

  async lastEvent(): Promise<Envelope | null> {
    const [row] = await this.#rows('docket-last-event', this.#sql.lastEvent, []);
    return row === undefined ? null : ((await this.#envelopes([row]))[0] ?? null);
  }

  /**
   * Returns the events of rows up to an unreadable one. If that is the first, the error names it by stream and version.
   */
  async #envelopes(
    rows: readonly LogRow[],
    read: (rows: readonly LogRow[]) => Envelope[] = readableRows,
  ): Promise<Envelope[]> {
    try {
      return read(rows);
    } catch (error) {
      if (!hasCode(error, 'store-damaged')) throw error;
      const { place, cause } = error as StoreDamagedError;
      const [row] = await this.#rows('docket-at', this.#sql.at, [place.position]);
      const [name, version] = (row ?? [null, null]) as unknown as [Buffer | null, number | null];
      throw unreadableAt({ ...place, streamId: name?.toString() ?? null, version }, cause);
    }
  }

  #rows(name: string, text: string, values: unknown[]): Promise<LogRow[]> {
    return withStoreErrors(this.#address, async () => {
      if (this.#pool.waitingCount >= READS_WAITING_MAX) {
        throw new StoreUnavailableError(
          `the event store is busy: ${READS_WAITING_MAX} reads are waiting; try again later`,
        );
      }
      return (await this.#pool.query<[string, string]>({ name, text, values, rowMode: 'array' })).rows;
    });
  }
}

function statements(schema: string) {
  /** Returns the SQL of a page. It ends when its text is long enough, but has at least one event. */
  const page = (where: string, order: string, limit: string) => `
    SELECT position, envelope FROM (
      SELECT ${order} AS place, position, envelope,
        sum(octet_length(envelope)) OVER (ORDER BY ${order} ROWS UNBOUNDED PRECEDING)
          - octet_length(envelope) AS bytes_before
      FROM (
        SELECT position, version, envelope FROM ${schema}.events
        WHERE ${where} ORDER BY ${order} LIMIT ${limit}
      ) AS page
    ) AS sized
    WHERE bytes_before < ${PAGE_BYTES_MAX} ORDER BY place`;
  const stream = `stream = (SELECT id FROM ${schema}.streams WHERE sha256(name) = sha256($1))`;
  return {
    stream: page(`${stream} AND version > $2::bigint`, 'version', '$3::int'),
    log: page('position > $1::bigint', 'position', '$2::int'),
    command: `SELECT position, envelope FROM ${schema}.events WHERE command_id = $1::uuid ORDER BY position`,
    lastEvent: `SELECT position, envelope FROM ${schema}.events ORDER BY position DESC LIMIT 1`,
    at: `SELECT s.name, e.version FROM ${schema}.events e LEFT JOIN ${schema}.streams s ON s.id = e.stream
      WHERE e.position = $1::bigint`,
    byId: `SELECT position, envelope FROM ${schema}.events
      WHERE ${stream} AND EXISTS (SELECT FROM unnest($2::text[]) AS said WHERE strpos(envelope, said) > 0) ORDER BY version`,
    redactions: `SELECT e.position, e.envelope FROM ${schema}.redactions r
      JOIN ${schema}.events e ON e.position = r.position
      WHERE r.position > $1::bigint ORDER BY r.position LIMIT $2::int`,
    last: `SELECT max(position) FROM ${schema}.events`,
  };
}
