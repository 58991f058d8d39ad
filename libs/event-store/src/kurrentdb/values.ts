import { ANY, jsonEvent, START } from '@kurrent/kurrentdb-client';
import type { AppendStreamState, EventData } from '@kurrent/kurrentdb-client';
import { LRUCache } from 'lru-cache';
import { getHeapStatistics } from 'node:v8';
import { systemClock } from '#event-sourcing/clock';
import { systemRandom } from '#event-sourcing/random';
import { hasCode, StoreUnavailableError } from '#event-sourcing/errors';
import type { DamagedPlace, StoreDamagedError } from '#event-sourcing/errors';
import type { Envelope, Pointer } from '#event-sourcing/envelope';
import { eraseFromEnvelope } from '#event-sourcing/erasure';
import { unreadableAt } from '../parse-envelope.ts';
import { isConflict } from './connection.ts';
import type { Connection, StoredRecord } from './connection.ts';
import { envelopeOf, VALUES_TYPE, valuesKeyOf, valuesRecord } from './stored-event.ts';
import type { ValuesGroup } from './stored-event.ts';
import type { StreamNames } from './stream-names.ts';
import { appendTogether } from './transaction.ts';
import type { StreamWrite, VersionCheck } from './transaction.ts';

/** The size of the cache in characters of two bytes: at most a sixteenth of a small heap. */
const REMEMBERED_LENGTH_MAX = Math.min(
  32 * 1024 * 1024,
  Math.floor(getHeapStatistics().heap_size_limit / 32),
);
const READS_AT_ONCE = 32;
const ERASURES_PAGE = 1_000;
/** The most attempts of an erasure if other erasures of the same values come first. */
const LOOKS_MAX = 50;
const PAUSE_MS_MAX = 50;

/**
 * The values of events. Each group has its own stream, whose last record contains the remaining values. Groups without
 * erasures are cached, and every read first checks for new erasures.
 */
export class Values {
  readonly #connection: Connection;
  readonly #names: StreamNames;
  readonly #remembered = new LRUCache<string, ValuesGroup>({
    maxSize: REMEMBERED_LENGTH_MAX,
    sizeCalculation: textLength,
  });
  /** The keys of groups with erasures, up to a revision of the list; about 100 bytes per redaction. */
  readonly #changed = new Set<string>();
  #changesSeen = 0n;
  #looking: Promise<void> | undefined;
  #lookingNext: Promise<void> | undefined;

  constructor(connection: Connection, names: StreamNames) {
    this.#connection = connection;
    this.#names = names;
  }

  /** Caches a group that was just written or read. */
  remember(key: string, group: ValuesGroup): void {
    this.#remembered.set(key, group);
  }

  /**
   * Returns the events of records with their values. Records of values among them are cached and omitted.
   * @throws StoreDamagedError if an event cannot be read.
   */
  async join(records: readonly StoredRecord[]): Promise<Envelope[]> {
    const { events, damage } = await this.joinReadable(records);
    if (damage !== null) throw damage;
    return events;
  }

  /** Joins as `join` does, up to an event that cannot be read. */
  async joinReadable(
    records: readonly StoredRecord[],
  ): Promise<{ readonly events: Envelope[]; readonly damage: StoreDamagedError | null }> {
    const found = this.#withoutGroups(records);
    const groupOf = await this.groupsOf(found);
    const events: Envelope[] = [];
    for (const record of found) {
      try {
        events.push(envelopeOf(record, groupOf(record)));
      } catch (error) {
        return { events, damage: unreadableAt(this.#placeOf(record), error) };
      }
    }
    return { events, damage: null };
  }

  /** Returns the current values of events. */
  async groupsOf(
    records: readonly StoredRecord[],
  ): Promise<(record: StoredRecord) => ValuesGroup | undefined> {
    if (records.some((record) => valuesKeyOf(record) !== undefined)) await this.#lookForErasures();
    const groups = await this.#groups(new Set(records.flatMap((record) => valuesKeyOf(record) ?? [])));
    return (record) => groups.get(valuesKeyOf(record) ?? '');
  }

  #withoutGroups(records: readonly StoredRecord[]): StoredRecord[] {
    return records.filter((record) => {
      if (!record.streamId.startsWith(this.#names.values)) return true;
      // A later record of the stream may have been truncated since.
      if (record.revision === 0n && record.type === VALUES_TYPE) {
        this.remember(this.#names.keyOf(record.streamId), record.data as ValuesGroup);
      }
      return false;
    });
  }

  #placeOf({ position, streamId: name, revision }: StoredRecord): DamagedPlace {
    return { position, streamId: this.#names.streamIdOf(name) ?? name, version: Number(revision) + 1 };
  }

  /**
   * Appends the remaining values of a group, and truncates its stream before them. The list of erasures is updated in
   * the same transaction or before it, so that no process uses its cache.
   */
  async erase(record: StoredRecord, pointers: readonly Pointer[]): Promise<void> {
    const key = valuesKeyOf(record);
    for (let looks = 0; ; looks++) {
      const last = key === undefined ? undefined : await this.#lastRecord(key);
      const event = envelopeOf(record, last?.data as ValuesGroup | undefined);
      const left = eraseFromEnvelope(event, pointers);
      if (key === undefined || last === undefined) return;
      if (left === event) {
        // An interrupted erasure may not have truncated the stream.
        if (last.revision > 0n) await this.#cutIfLeft(key, last.revision);
        return;
      }
      const group = {
        ...(last.data as ValuesGroup),
        [event.eventId]: { data: left.data, salts: left.salts },
      };
      try {
        await this.#replace(key, last.revision, group);
        return;
      } catch (error) {
        // Another erasure of the group came first.
        if (!isConflict(error)) throw error;
        if (looks >= LOOKS_MAX)
          throw new StoreUnavailableError('other processes keep erasing the same values; try again');
        await systemClock.sleep(systemRandom.fraction() * PAUSE_MS_MAX);
      }
    }
  }

  /** Deletes a group without events. The server's next scavenge removes its records. */
  async discard(key: string): Promise<void> {
    const last = await this.#lastRecord(key);
    if (last === undefined) return;
    if (last.revision > 0n) {
      await this.#cutIfLeft(key, last.revision);
      return;
    }
    await this.#replace(key, last.revision, {}).catch((error: unknown) => {
      // Another node has deleted it.
      if (!isConflict(error)) throw error;
    });
  }

  async #replace(key: string, revision: bigint, group: ValuesGroup): Promise<void> {
    await this.#append([
      write(this.#names.erasures, ANY, jsonEvent({ type: 'ValuesErased', data: { key } })),
      write(this.#names.valuesOf(key), revision, valuesRecord(group)),
      this.#cutBefore(key, revision + 1n),
    ]);
  }

  /**
   * Truncates a stream, unless that is done already or another erasure comes first, which truncates it after its own
   * record.
   */
  async #cutIfLeft(key: string, revision: bigint): Promise<void> {
    const name = this.#names.valuesOf(key);
    const metadata = await this.#connection.readLast(metadataOf(name));
    if (Number(metadata?.data['$tb'] ?? 0) >= Number(revision)) return;
    const isLast = { streamId: key, name, version: Number(revision) + 1 };
    await this.#append([this.#cutBefore(key, revision)], [isLast]).catch((error: unknown) => {
      if (!isConflict(error) && !hasCode(error, 'version-conflict')) throw error;
    });
  }

  /** Returns the metadata that makes the server remove the records of a group before a revision. */
  #cutBefore(key: string, revision: bigint): StreamWrite {
    const data = { $tb: Number(revision) };
    return write(metadataOf(this.#names.valuesOf(key)), ANY, jsonEvent({ type: '$metadata', data }));
  }

  async #append(writes: readonly StreamWrite[], checks: readonly VersionCheck[] = []): Promise<void> {
    const ordered = writes.flatMap(({ name, records }) => records.map((record) => ({ name, record })));
    await appendTogether(
      this.#connection,
      { ordered, writes, checks, plannedAt: systemClock.elapsed() },
      async (key) => {
        return Number((await this.#lastRecord(key))?.revision ?? -1n) + 1;
      },
    );
  }

  async #groups(keys: ReadonlySet<string>): Promise<Map<string, ValuesGroup>> {
    const groups = new Map<string, ValuesGroup>();
    const missing: string[] = [];
    for (const key of keys) {
      const group = this.#changed.has(key) ? undefined : this.#remembered.get(key);
      if (group === undefined) missing.push(key);
      else groups.set(key, group);
    }
    const readNext = async () => {
      for (let key = missing.pop(); key !== undefined; key = missing.pop()) {
        const record = await this.#lastRecord(key);
        if (record === undefined) continue;
        const group = record.data as ValuesGroup;
        groups.set(key, group);
        if (record.revision === 0n) this.remember(key, group);
      }
    };
    await Promise.all(Array.from({ length: Math.min(READS_AT_ONCE, missing.length) }, readNext));
    return groups;
  }

  #lastRecord(key: string): Promise<StoredRecord | undefined> {
    return this.#connection.readLast(this.#names.valuesOf(key));
  }

  /** Resolves after a check that began with this call or later. Concurrent callers share the next one. */
  #lookForErasures(): Promise<void> {
    if (this.#looking === undefined) {
      this.#looking = this.#readErasures().finally(() => {
        this.#looking = undefined;
      });
      return this.#looking;
    }
    this.#lookingNext ??= this.#looking
      .catch(() => undefined)
      .then(() => {
        this.#lookingNext = undefined;
        return this.#lookForErasures();
      });
    return this.#lookingNext;
  }

  async #readErasures(): Promise<void> {
    for (;;) {
      const from = this.#changesSeen === 0n ? START : this.#changesSeen;
      const records = await this.#connection.readStream(this.#names.erasures, { from, limit: ERASURES_PAGE });
      for (const { data, revision } of records) {
        const { key } = data as { key: string };
        this.#changed.add(key);
        this.#remembered.delete(key);
        this.#changesSeen = revision + 1n;
      }
      if (records.length < ERASURES_PAGE) return;
    }
  }
}

/** Returns the approximate length of a value in characters, without serialising it. */
function textLength(value: unknown): number {
  if (typeof value === 'string') return value.length + 1;
  if (typeof value !== 'object' || value === null) return 1;
  return Object.entries(value).reduce((sum, [name, member]) => sum + name.length + textLength(member), 1);
}

const metadataOf = (name: string): string => `$$${name}`;

const write = (name: string, expected: AppendStreamState, record: EventData): StreamWrite => ({
  name,
  expected,
  records: [record],
  ofEvents: false,
});
