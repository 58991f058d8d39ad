import type { Envelope, Pointer } from '#event-sourcing/envelope';
import { eraseFromEnvelope, redactionOf, withoutNamed } from '#event-sourcing/erasure';
import { EventNotFoundError } from '#event-sourcing/errors';
import type { AppendResult, Commit, StoredEntry } from '#event-sourcing/event-store';
import type { SealedEnvelope, Sealer } from '#event-sourcing/sealer';
import type { StoreReports } from '#event-sourcing/store-observer';
import { parsePosition } from './follow-log.ts';
import { OpenStore } from './open-store.ts';
import { appendedAt, keyOf, nextEvents } from './next-events.ts';
import { sealCommit } from './seal-commit.ts';
import type { StreamHead } from './seal-commit.ts';

/** The length of a page of events in characters. */
const PAGE_LENGTH_MAX = 8 * 1024 * 1024;

/** The events as JSON texts, as the other stores store them, and their indexes. */
class MemoryLog {
  /** The event at position n has the index n - 1. */
  readonly texts: string[] = [];
  readonly streams = new Map<string, { head: StreamHead; positions: number[] }>();
  readonly commands = new Map<string, number[]>();
  readonly #redactions: number[] = [];

  push(envelope: SealedEnvelope): number {
    const position = this.texts.push(JSON.stringify(envelope));
    const positions = this.streams.get(envelope.streamId)?.positions ?? [];
    positions.push(position);
    const { version, hash, recordedAt } = envelope;
    this.streams.set(envelope.streamId, { head: { version, hash, recordedAt }, positions });
    this.#redact(envelope, position, positions);
    return position;
  }

  #redact(envelope: SealedEnvelope, position: number, positions: readonly number[]): void {
    const named = redactionOf(envelope);
    if (named === null) return;
    this.#redactions.push(position);
    for (const place of positions) {
      const { position: _, ...stored } = this.at(place);
      if (stored.eventId !== named.eventId) continue;
      this.texts[place - 1] = JSON.stringify(withoutNamed(stored, named.erased));
    }
  }

  stream(streamId: string, after: number, limit: number): Envelope[] {
    const positions = this.streams.get(streamId)?.positions ?? [];
    return this.#page(positions.slice(after, after + limit));
  }

  log(after: number, limit: number): Envelope[] {
    const end = Math.min(after + limit, this.texts.length);
    return this.#page(Array.from({ length: Math.max(0, end - after) }, (_, index) => after + index + 1));
  }

  command(commandId: string): Envelope[] {
    return (this.commands.get(commandId) ?? []).map((position) => this.at(position));
  }

  withIds(streamId: string, eventIds: readonly string[]): Envelope[] {
    const mayBe = (position: number) =>
      eventIds.some((eventId) => this.texts[position - 1]?.includes(eventId));
    const positions = (this.streams.get(streamId)?.positions ?? []).filter(mayBe);
    return positions.map((position) => this.at(position)).filter(({ eventId }) => eventIds.includes(eventId));
  }

  redactions(after: number, limit: number): Envelope[] {
    return this.#redactions
      .filter((position) => position > after)
      .slice(0, limit)
      .map((position) => this.at(position));
  }

  lastPosition(): number {
    return this.texts.length;
  }

  lastEvent(): Envelope | null {
    return this.texts.length === 0 ? null : this.at(this.texts.length);
  }

  /** Returns a page. It ends when its text is long enough, but has at least one event. */
  #page(positions: readonly number[]): Envelope[] {
    let length = 0;
    const before = positions.findIndex((position) => {
      const isFull = length >= PAGE_LENGTH_MAX;
      length += this.texts[position - 1]?.length ?? 0;
      return isFull;
    });
    return positions.slice(0, before < 0 ? undefined : before).map((position) => this.at(position));
  }

  at(position: number): Envelope {
    const text = this.texts[position - 1];
    if (text === undefined) throw new EventNotFoundError(`there is no event at position ${position}`);
    return { ...(JSON.parse(text) as SealedEnvelope), position: String(position) };
  }
}

/** A store that exists as long as its process, for tests and trials. */
export class MemoryEventStore extends OpenStore<number, MemoryLog> {
  readonly erasedRemains = 'nowhere';
  readonly #sealer: Sealer;

  constructor(sealer: Sealer, reports?: StoreReports) {
    super(new MemoryLog(), {
      positionOf: parsePosition,
      pollMs: Infinity,
      isOnServer: false,
      reports,
      isReadOnly: false,
    });
    this.#sealer = sealer;
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- async, so that errors reject
  async append(commit: Commit): Promise<AppendResult> {
    this.assertOpen();
    const { streams, commands } = this.reader;
    const keyed = commit.command.request !== null;
    if (keyed && commands.has(commit.command.id))
      return { repeated: true, events: this.reader.command(commit.command.id) };
    const { sealed, own } = sealCommit(commit, (streamId) => streams.get(streamId)?.head, this.#sealer);
    const positions = sealed.map((envelope) => this.reader.push(envelope)).slice(sealed.length - own.length);
    if (keyed && positions.length > 0) commands.set(commit.command.id, positions);
    if (positions.length > 0) this.followers.hint();
    return { repeated: false, events: appendedAt(own, (index) => positions[index]) };
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async appendSealed(events: readonly SealedEnvelope[]): Promise<void> {
    this.assertOpen();
    const { streams, commands } = this.reader;
    for (const event of nextEvents(events, (streamId) => streams.get(streamId)?.head)) {
      const position = this.reader.push(event);
      const key = keyOf(event);
      if (key === null) continue;
      const positions = commands.get(key) ?? [];
      positions.push(position);
      commands.set(key, positions);
    }
    if (events.length > 0) this.followers.hint();
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async erase(streamId: string, version: number, pointers: readonly Pointer[]): Promise<void> {
    this.assertOpen();
    const { streams, texts } = this.reader;
    const position = streams.get(streamId)?.positions[version - 1];
    if (position === undefined) throw new EventNotFoundError(`${streamId} has no version ${version}`);
    const { position: _, ...stored } = this.reader.at(position);
    texts[position - 1] = JSON.stringify(eraseFromEnvelope(stored, pointers));
  }

  /** Yields the entries of the log. No other code can change them. */
  // eslint-disable-next-line @typescript-eslint/require-await
  async *inspect(streamId?: string): AsyncGenerator<StoredEntry> {
    this.assertOpen();
    for (let position = 1; position <= this.reader.lastPosition(); position++) {
      const event = this.reader.at(position);
      const { streamId: of, version } = event;
      if (streamId !== undefined && of !== streamId) continue;
      yield { position: event.position, streamId: of, version, event, faults: [] };
    }
  }

  protected release(): Promise<void> {
    return Promise.resolve();
  }
}
