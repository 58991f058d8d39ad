import { ANY, jsonEvent } from '@kurrent/kurrentdb-client';
import { systemClock } from '#event-sourcing/clock';
import type { Connection, StoredRecord } from './connection.ts';
import type { LogReader } from './log-reader.ts';
import { firstPlaceOf, VALUES_TYPE, valuesKeyOf } from './stored-event.ts';
import type { StreamNames } from './stream-names.ts';
import { VALUES_UNDECIDED_MS } from './transaction.ts';
import type { Values } from './values.ts';

/** The pause after a sweep in milliseconds, because appends may be interrupted at any time. */
const PAUSE_MS = 3_600_000;
const PAUSE_AFTER_ERROR_MS = 60_000;

interface SweepParts {
  readonly names: StreamNames;
  readonly reader: LogReader;
  readonly values: Values;
  /** True if the server appends values and events atomically, so that new values always have events. */
  readonly isTogether: boolean;
  /** The time for which values may wait for their events, in milliseconds. */
  readonly undecidedMs?: number;
}

/**
 * Deletes values without an event. A server before 25.1 stores the values of an append before its events, which may
 * then be refused or never sent. Each sweep continues where the store's previous one ended.
 */
export class ValuesSweep {
  readonly #connection: Connection;
  readonly #parts: SweepParts;

  constructor(connection: Connection, parts: SweepParts) {
    this.#connection = connection;
    this.#parts = parts;
  }

  /** Sweeps periodically until `closing` is aborted. */
  async run(closing: AbortSignal): Promise<void> {
    while (!closing.aborted) {
      const pause = await this.sweep(closing).then(
        () => (this.#parts.isTogether ? null : PAUSE_MS),
        () => PAUSE_AFTER_ERROR_MS,
      );
      if (pause === null) return;
      await systemClock.sleep(pause, { signal: closing, ref: false }).catch(() => undefined);
    }
  }

  /** Deletes all values without events. Waits for those whose events may still come. */
  async sweep(closing: AbortSignal): Promise<void> {
    const { names, isTogether, undecidedMs = VALUES_UNDECIDED_MS } = this.#parts;
    const bookmark = await this.#connection.readLast(names.swept);
    const { position = '0', isLast = false } = (bookmark?.data ?? {}) as {
      position?: string;
      isLast?: boolean;
    };
    // Servers from 25.1 on leave no values without events.
    if (isTogether && (bookmark === undefined || isLast)) return;
    const waiting = new Map<string, StoredRecord>();
    let end = position;
    for await (const record of this.#records(position, closing)) {
      end = record.position;
      const isGroup = record.type === VALUES_TYPE && record.revision === 0n;
      if (isGroup && record.streamId.startsWith(names.values))
        waiting.set(names.keyOf(record.streamId), record);
      else waiting.delete(valuesKeyOf(record) ?? '');
    }
    for (const [key, record] of waiting)
      if (await this.#isPassed(key, record)) await this.#discard(key, waiting);
    if (waiting.size > 0) {
      await systemClock.sleep(undecidedMs, { signal: closing, ref: false });
      for await (const record of this.#records(end, closing)) waiting.delete(valuesKeyOf(record) ?? '');
      for (const key of waiting.keys()) await this.#discard(key, waiting);
    }
    const swept = jsonEvent({ type: 'ValuesSwept', data: { position: end, isLast: isTogether } });
    await this.#connection.append((client) =>
      client.appendToStream(names.swept, swept, { streamState: ANY }),
    );
  }

  /** Yields the records of values and events after a position. */
  async *#records(after: string, closing: AbortSignal): AsyncGenerator<StoredRecord> {
    const { names, reader } = this.#parts;
    for await (const records of reader.pages([names.events, names.values], after)) {
      closing.throwIfAborted();
      yield* records;
    }
  }

  /** Returns whether another event is at the place of the first event of the values. */
  async #isPassed(key: string, record: StoredRecord): Promise<boolean> {
    const place = firstPlaceOf(record);
    if (place === null) return false;
    const [event] = await this.#parts.reader.records(place.streamId, place.version - 1, 1);
    return event !== undefined && valuesKeyOf(event) !== key;
  }

  async #discard(key: string, waiting: Map<string, StoredRecord>): Promise<void> {
    await this.#parts.values.discard(key);
    waiting.delete(key);
  }
}
