import { isDeepStrictEqual } from 'node:util';
import type { Envelope } from '#event-sourcing/envelope';
import type { StoredEntry, StoreFault } from '#event-sourcing/event-store';
import { mismatch, indexFault, strayEntry } from '../inspect-row.ts';
import { keyOf } from '../next-events.ts';
import { reasonOf } from '../parse-envelope.ts';
import type { StoredRecord } from './connection.ts';
import type { LogReader } from './log-reader.ts';
import { envelopeOf, membersOf, valuesKeyOf, withoutValues } from './stored-event.ts';
import type { CommandEntry, ValuesGroup } from './stored-event.ts';
import type { StreamNames } from './stream-names.ts';
import type { Values } from './values.ts';

const RECORDS_AT_ONCE = 250;

/** The data about an event in the entry of a keyed command, and the name of the command's stream. */
interface Announced {
  readonly name: string;
  readonly streamId: string;
  readonly version: number;
}

/**
 * Inspects all data of the store on the server: events, values, entries of keyed commands, the list of erasures, and
 * the stream metadata by which a server hides records.
 */
export class LogInspector {
  readonly #names: StreamNames;
  readonly #reader: LogReader;
  readonly #values: Values;

  constructor(parts: { names: StreamNames; reader: LogReader; values: Values }) {
    this.#names = parts.names;
    this.#reader = parts.reader;
    this.#values = parts.values;
  }

  async *inspect(streamId: string | undefined): AsyncGenerator<StoredEntry> {
    if (streamId === undefined) {
      yield* this.#inspectLog();
      return;
    }
    for (let version = 0; ;) {
      const records = await this.#reader.records(streamId, version, RECORDS_AT_ONCE);
      yield* this.#entriesOf(records, null);
      if (records.length === 0) return;
      version = Number(records.at(-1)?.revision) + 1;
    }
  }

  async *#inspectLog(): AsyncGenerator<StoredEntry> {
    const pass = new LogPass(this.#names);
    const { events: ofEvents, others } = this.#names;
    // The prefixes include the metadata of the store's streams.
    const prefixes = [ofEvents, others, `$$${ofEvents}`, `$$${others}`];
    for await (const records of this.#reader.pages(prefixes)) {
      const events: StoredRecord[] = [];
      for (const record of records) {
        if (record.streamId.startsWith(this.#names.events)) events.push(record);
        else pass.add(record);
      }
      yield* this.#entriesOf(events, pass);
    }
    yield* pass.finish();
  }

  async *#entriesOf(records: readonly StoredRecord[], pass: LogPass | null): AsyncGenerator<StoredEntry> {
    const groupOf = await this.#values.groupsOf(records);
    for (const record of records) {
      const { position, streamId: name, revision } = record;
      const streamId = this.#names.streamIdOf(name);
      const place = { position, streamId: streamId ?? name, version: Number(revision) + 1 };
      try {
        const event = envelopeOf(record, groupOf(record));
        // The name for a long id is a digest, which only the event can confirm.
        const isHashed = streamId === null && this.#names.eventsOf(event.streamId) === name;
        yield {
          ...place,
          ...(isHashed && { streamId: event.streamId }),
          event,
          faults: [...this.#faultsOf(record, event, groupOf(record)), ...(pass?.ofEvent(event, name) ?? [])],
        };
      } catch (error) {
        yield { ...place, event: null, faults: [{ code: 'unreadable', detail: reasonOf(error) }] };
      }
    }
  }

  #faultsOf(record: StoredRecord, event: Envelope, group: ValuesGroup | undefined): StoreFault[] {
    const { streamId: name, revision, id, type } = record;
    const expected = this.#names.eventsOf(event.streamId);
    const bare = record.data as unknown as Envelope;
    const values = group?.[event.eventId];
    const strays = Object.keys(values ?? {}).filter((member) => member !== 'data' && member !== 'salts');
    const { position: _, ...sealed } = event;
    return [
      ...mismatch('stream', name, expected),
      ...mismatch('version', Number(revision) + 1, event.version),
      ...mismatch('event id', id, event.eventId),
      ...mismatch('type', type, event.type),
      ...mismatch('correlation', metadataOf(record, '$correlationId'), event.correlationId),
      ...mismatch('causation', metadataOf(record, '$causationId'), event.causationId),
      ...(strays.length === 0 ? [] : [`its values have unknown members: ${strays.join(', ')}`]),
      ...(valuesKeyOf(record) === undefined || isDeepStrictEqual(withoutValues(sealed), bare)
        ? []
        : ["the stream's record differs from the event without its values"]),
    ].map(indexFault);
  }
}

function metadataOf({ metadata }: StoredRecord, member: string): string | null {
  const value = ((metadata ?? {}) as Record<string, unknown>)[member];
  return typeof value === 'string' ? value : null;
}

/** The state of one pass through the log. It stays small, because related records were appended together. */
class LogPass {
  readonly #names: StreamNames;
  /** The events that command entries list and that were not found yet. */
  readonly #announced = new Map<string, Announced[]>();
  /** The streams whose metadata currently hides records. */
  readonly #hidden = new Map<string, string>();
  /** The keys of rewritten groups of values, and the keys in the list of erasures. */
  readonly #rewritten = new Set<string>();
  readonly #erased = new Set<string>();
  readonly #unreadable: StoredEntry[] = [];

  constructor(names: StreamNames) {
    this.#names = names;
  }

  /** Adds a record that is not an event. */
  add(record: StoredRecord): void {
    const { streamId: name, revision } = record;
    const data = membersOf(record);
    if (name.startsWith('$$')) this.#addMetadata(name.slice(2), data);
    else if (name === this.#names.erasures) this.#erased.add(String(data['key']));
    else if (name.startsWith(this.#names.values)) {
      if (revision > 0n) this.#rewritten.add(this.#names.keyOf(name));
    } else if (name.startsWith(this.#names.commands)) this.#addEntry(record, data);
  }

  #addEntry({ streamId: name, position }: StoredRecord, data: Readonly<Record<string, unknown>>): void {
    const { events } = data as Partial<CommandEntry>;
    if (!Array.isArray(events)) {
      const detail = `an entry of a command in ${name} cannot be read`;
      this.#unreadable.push({ ...strayEntry(null, detail), position });
      return;
    }
    for (const { streamId, version, eventId } of events as CommandEntry['events']) {
      const entries = this.#announced.get(eventId) ?? [];
      entries.push({ name, streamId, version });
      this.#announced.set(eventId, entries);
    }
  }

  /** Adds the metadata of a stream. Truncating a stream of values is legitimate if one of its values was erased. */
  #addMetadata(name: string, data: Readonly<Record<string, unknown>>): void {
    const hides = Object.keys(data).filter((member) => ['$tb', '$maxCount', '$maxAge'].includes(member));
    const isOfValues = name.startsWith(this.#names.values);
    const hiding = isOfValues ? hides.filter((member) => member !== '$tb') : hides;
    if (hiding.length === 0) this.#hidden.delete(name);
    else this.#hidden.set(name, hiding.join(', '));
  }

  /** Returns faults if an event's command cannot be found by its id. */
  ofEvent(event: Envelope, name: string): StoreFault[] {
    const announced = this.#announced.get(event.eventId) ?? [];
    this.#announced.delete(event.eventId);
    const key = (event as Partial<Envelope>).command === undefined ? null : keyOf(event);
    if (key === null)
      return announced.map((one) => indexFault(`${one.name} lists it, although it has no keyed command`));
    const own = this.#names.command(key);
    const found = announced.some(
      (one) =>
        one.name === own && this.#names.eventsOf(one.streamId) === name && one.version === event.version,
    );
    return found ? [] : [indexFault(`its keyed command ${key} cannot be found: ${own} does not list it`)];
  }

  *finish(): Generator<StoredEntry> {
    yield* this.#unreadable;
    for (const [name, members] of this.#hidden) {
      const streamId = this.#names.streamIdOf(name);
      yield strayEntry(streamId ?? name, `metadata of ${name} hides its records from reads: ${members}`);
    }
    for (const key of this.#rewritten) {
      if (this.#erased.has(key)) continue;
      const detail = `values of ${this.#names.valuesOf(key)} were replaced, but ${this.#names.erasures} does not list them`;
      yield strayEntry(null, detail);
    }
  }
}
