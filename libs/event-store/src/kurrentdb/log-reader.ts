import { END, START } from '@kurrent/kurrentdb-client';
import { REDACTION } from '#event-sourcing/erasure';
import type { Envelope } from '#event-sourcing/envelope';
import type { SealedEnvelope } from '#event-sourcing/sealer';
import type { Connection, LogRead, StoredRecord } from './connection.ts';
import { parseLogPosition } from './log-position.ts';
import { envelopeOf, lengthOf } from './stored-event.ts';
import type { CommandEntry } from './stored-event.ts';
import type { StreamNames } from './stream-names.ts';
import type { Values } from './values.ts';

/** The number of records in one read. */
const RECORDS_AT_ONCE = 250;
/** The number of records in the first read of the log with values. Later reads grow while the values are short. */
const RECORDS_AT_FIRST = 32;
/** The most entries of a keyed command that are read, newest first. */
const ENTRIES_MAX = 1_000;
/** The length of a page of events in characters. Groups of values are read completely in addition. */
const PAGE_LENGTH_MAX = 2 * 1024 * 1024;

/** Reads streams and the log, always from the cluster's leader. */
export class LogReader {
  readonly #connection: Connection;
  readonly #names: StreamNames;
  readonly #values: Values;
  /**
   * The last event, the position up to which the log was searched for a newer one, and the end of the log at that time.
   */
  #seen: { readonly last: StoredRecord | undefined; readonly upTo: string; readonly end: string } | undefined;

  /** How far the server's log was searched for events after a position, without any. */
  #searched = { after: '0', upTo: '0' };

  constructor(connection: Connection, names: StreamNames, values: Values) {
    this.#connection = connection;
    this.#names = names;
    this.#values = values;
  }

  async stream(streamId: string, after: number, limit: number): Promise<Envelope[]> {
    return this.#page(await this.records(streamId, after, limit));
  }

  /** Returns the records of a stream's events without their values. */
  async records(streamId: string, after: number, limit: number): Promise<StoredRecord[]> {
    const name = this.#names.eventsOf(streamId);
    const page = new Page(limit);
    for (let version = after; ;) {
      const wanted = Math.min(limit - page.events, RECORDS_AT_ONCE);
      if (wanted <= 0) return page.records;
      const records = await this.#connection.readStream(name, { from: BigInt(version), limit: wanted });
      if (!page.addAll(records) || records.length < wanted) return page.records;
      version += records.length;
    }
  }

  /** Returns a stream's last record; undefined if the stream does not exist. */
  lastRecord(streamId: string): Promise<StoredRecord | undefined> {
    return this.#connection.readLast(this.#names.eventsOf(streamId));
  }

  async log(after: string, limit: number): Promise<Envelope[]> {
    const isValues = ({ streamId }: StoredRecord) => streamId.startsWith(this.#names.values);
    const page = new Page(limit, isValues);
    let size = RECORDS_AT_FIRST;
    for await (const records of this.pages([this.#names.events, this.#names.values], after, () => size)) {
      if (!page.addAll(records) || page.events >= limit) break;
      if (page.length < PAGE_LENGTH_MAX / 8) size = Math.min(size * 2, RECORDS_AT_ONCE);
    }
    return this.#page(page.records);
  }

  /**
   * Returns the next events for a subscription. At the end of the store's log it remembers how far the server's whole
   * log was searched, so that the records of other applications are read once.
   */
  async logOn(after: string, limit: number): Promise<Envelope[]> {
    const from = this.#searched.after === after ? this.#searched.upTo : after;
    const end = await this.#connection.readLogEnd();
    if (end === from) return [];
    const events = await this.log(from, limit);
    if (events.length === 0) this.#searched = { after, upTo: end };
    return events;
  }

  /** Yields all records in streams with these prefixes, after a position, in log order. */
  pages(
    prefixes: string[],
    after = '0',
    sizeOf = () => RECORDS_AT_ONCE,
  ): AsyncGenerator<readonly StoredRecord[]> {
    return pagesAfter(after, sizeOf, (options) => this.#connection.readLog(prefixes, options));
  }

  /** Returns the events of a page. It ends before an unreadable event, unless that is the first. */
  async #page(records: readonly StoredRecord[]): Promise<Envelope[]> {
    const { events, damage } = await this.#values.joinReadable(records);
    if (damage !== null && events.length === 0) throw damage;
    return events;
  }

  /** Returns the records of a stream's events with these ids, without reading the values of others. */
  async recordsWithIds(streamId: string, eventIds: readonly string[]): Promise<StoredRecord[]> {
    const name = this.#names.eventsOf(streamId);
    const found: StoredRecord[] = [];
    for (let from = 0n; ; from += BigInt(RECORDS_AT_ONCE)) {
      const records = await this.#connection.readStream(name, { from, limit: RECORDS_AT_ONCE });
      found.push(...records.filter(({ id }) => eventIds.includes(id)));
      if (records.length < RECORDS_AT_ONCE) return found;
    }
  }

  async withIds(streamId: string, eventIds: readonly string[]): Promise<Envelope[]> {
    return this.#values.join(await this.recordsWithIds(streamId, eventIds));
  }

  async redactions(after: string, limit: number): Promise<Envelope[]> {
    const found: Envelope[] = [];
    const read = (options: LogRead) => this.#connection.readType(REDACTION, options);
    for await (const records of pagesAfter(after, () => RECORDS_AT_ONCE, read)) {
      for (const record of records) {
        // Other stores on the same server contain their own redactions.
        if (record.streamId.startsWith(this.#names.events)) found.push(envelopeOf(record, undefined));
        if (found.length >= limit) return found;
      }
    }
    return found;
  }

  async lastPosition(): Promise<string> {
    return (await this.#lastRecord())?.position ?? '0';
  }

  async lastEvent(): Promise<Envelope | null> {
    const last = await this.#lastRecord();
    return last === undefined ? null : ((await this.#values.join([last])).at(0) ?? null);
  }

  /** Returns the last event's record. Searches the records of other applications once, and then only new ones. */
  async #lastRecord(): Promise<StoredRecord | undefined> {
    const seen = this.#seen;
    if (seen === undefined) {
      const end = await this.#connection.readLogEnd();
      const last = await this.#lastFromEnd();
      this.#seen = { last, upTo: end, end };
      return last;
    }
    const from = parseLogPosition(seen.upTo) ?? START;
    const [end, newer] = await Promise.all([
      this.#connection.readLogEnd(),
      this.#connection.readLog([this.#names.events], { from, limit: RECORDS_AT_ONCE }),
    ]);
    const last = newer.length < RECORDS_AT_ONCE ? (newer.at(-1) ?? seen.last) : await this.#lastFromEnd();
    // The previous end was known when this read began.
    if (this.#seen === seen) this.#seen = { last, upTo: seen.end, end };
    return last;
  }

  async #lastFromEnd(): Promise<StoredRecord | undefined> {
    const from = { from: END, backwards: true, limit: 1 } as const;
    return (await this.#connection.readLog([this.#names.events], from)).at(0);
  }

  async command(commandId: string): Promise<Envelope[]> {
    return (await this.commandEntries(commandId)).events;
  }

  /**
   * Returns the events of a keyed command, and the number of entries in its stream. A copied command may have several
   * entries. A server without atomic appends to several streams may contain entries of a refused command.
   */
  async commandEntries(commandId: string): Promise<{ events: Envelope[]; entries: number }> {
    const name = this.#names.command(commandId);
    const newest = await this.#connection.readStream(name, {
      from: END,
      backwards: true,
      limit: ENTRIES_MAX,
    });
    const entries = newest.toReversed();
    const count = Number(newest[0]?.revision ?? -1n) + 1;
    const found = new Map<string, StoredRecord>();
    for (const { data } of entries) {
      const { events } = data as unknown as CommandEntry;
      const records = await this.#recordsAt(events);
      events.forEach(({ eventId }, index) => {
        const record = records[index];
        if (record?.id === eventId) found.set(eventId, record);
      });
    }
    return { events: await this.#values.join([...found.values()]), entries: count };
  }

  /** Returns the positions of sealed events; null if one is missing or differs. */
  async positionsOf(sealed: readonly SealedEnvelope[]): Promise<string[] | null> {
    const records = await this.#recordsAt(sealed);
    const positions: string[] = [];
    for (const [index, { hash }] of sealed.entries()) {
      const record = records[index];
      if (record?.data['hash'] !== hash) return null;
      positions.push(record.position);
    }
    return positions;
  }

  /** Returns the records at versions of streams, in order; undefined for a missing one. */
  async #recordsAt(
    events: readonly { readonly streamId: string; readonly version: number }[],
  ): Promise<(StoredRecord | undefined)[]> {
    const found: (StoredRecord | undefined)[] = [];
    for (let index = 0; index < events.length;) {
      const { streamId, version } = events[index] as (typeof events)[number];
      const ofStream = events.slice(index).findIndex((event) => event.streamId !== streamId);
      const count = ofStream < 0 ? events.length - index : ofStream;
      const records = await this.#connection.readStream(this.#names.eventsOf(streamId), {
        from: BigInt(version - 1),
        limit: count,
      });
      records.forEach((record, place) => (found[index + place] = record));
      index += count;
    }
    return found;
  }
}

/** Yields the records of a read of the log after a position, in log order. */
async function* pagesAfter(
  after: string,
  sizeOf: () => number,
  read: (options: LogRead) => Promise<StoredRecord[]>,
): AsyncGenerator<readonly StoredRecord[]> {
  for (let position = after; ;) {
    const limit = sizeOf();
    const records = await read({ from: parseLogPosition(position) ?? START, limit });
    // A read includes the record at the start position.
    yield records[0]?.position === position ? records.slice(1) : records;
    if (records.length < limit) return;
    position = records.at(-1)?.position ?? position;
  }
}

/** Collects records up to a limit of events or text, but at least one event. */
class Page {
  readonly records: StoredRecord[] = [];
  readonly #limit: number;
  readonly #isNone: (record: StoredRecord) => boolean;
  events = 0;
  length = 0;

  constructor(limit: number, isNone: (record: StoredRecord) => boolean = () => false) {
    this.#limit = limit;
    this.#isNone = isNone;
  }

  /** Adds records. Returns false if the page is full before the last of them. */
  addAll(records: readonly StoredRecord[]): boolean {
    for (const record of records) {
      if (this.events > 0 && (this.events >= this.#limit || this.length >= PAGE_LENGTH_MAX)) return false;
      this.records.push(record);
      if (!this.#isNone(record)) this.events++;
      this.length += lengthOf(record);
    }
    return true;
  }
}
