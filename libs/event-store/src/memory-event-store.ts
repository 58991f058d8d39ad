import type { Envelope, Pointer } from '#event-sourcing/envelope';
import { eraseFromEnvelope, redactionOf, withoutNamed } from '#event-sourcing/erasure';
import { EventNotFoundError, StoreUnavailableError } from '#event-sourcing/errors';
import { READ_LIMIT } from '#event-sourcing/event-store';
import type {
  AppendResult,
  Commit,
  EventStore,
  StoredEntry,
  Redaction,
  Subscription,
} from '#event-sourcing/event-store';
import type { SealedEnvelope, Sealer } from '#event-sourcing/sealer';
import type { StoreReports } from '#event-sourcing/store-observer';
import { LogFollowers, parsePosition } from './follow-log.ts';
import { redactionAt } from './parse-envelope.ts';
import { keyOf, nextEvents } from './next-events.ts';
import { sealCommit } from './seal-commit.ts';
import type { StreamHead } from './seal-commit.ts';

/** The length of a page of events in characters. */
const PAGE_LENGTH_MAX = 8 * 1024 * 1024;

/** A store that exists as long as its process, for tests and trials. It stores JSON texts, as the other stores do. */
export class MemoryEventStore implements EventStore {
  readonly erasedRemains = 'nowhere';
  readonly #sealer: Sealer;
  /** The events as JSON. The event at position n has the index n - 1. */
  readonly #log: string[] = [];
  readonly #streams = new Map<string, { head: StreamHead; positions: number[] }>();
  readonly #commands = new Map<string, number[]>();
  readonly #redactions: number[] = [];
  readonly #followers: LogFollowers;
  #closed = false;

  constructor(sealer: Sealer, reports?: StoreReports) {
    this.#sealer = sealer;
    this.#followers = new LogFollowers({
      readBatch: (after) => this.#readAfter(after, READ_LIMIT),
      pollMs: Infinity,
      reports,
    });
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- async, so that errors reject
  async append(commit: Commit): Promise<AppendResult> {
    this.#assertOpen();
    const keyed = commit.command.request !== null;
    const before = keyed ? this.#commands.get(commit.command.id) : undefined;
    if (before !== undefined) return { repeated: true, events: before.map((position) => this.#at(position)) };
    const { sealed, own } = sealCommit(commit, (streamId) => this.#streams.get(streamId)?.head, this.#sealer);
    const positions = sealed.map((envelope) => this.#push(envelope)).slice(sealed.length - own.length);
    if (keyed && positions.length > 0) this.#commands.set(commit.command.id, positions);
    if (positions.length > 0) this.#followers.hint();
    return {
      repeated: false,
      events: own.map(({ eventId, streamId, type, version, recordedAt }, index) => {
        return { eventId, streamId, type, version, recordedAt, position: String(positions[index]) };
      }),
    };
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async appendSealed(events: readonly SealedEnvelope[]): Promise<void> {
    this.#assertOpen();
    for (const event of nextEvents(events, (streamId) => this.#streams.get(streamId)?.head)) {
      const position = this.#push(event);
      const key = keyOf(event);
      if (key === null) continue;
      const positions = this.#commands.get(key) ?? [];
      positions.push(position);
      this.#commands.set(key, positions);
    }
    if (events.length > 0) this.#followers.hint();
  }

  #push(envelope: SealedEnvelope): number {
    const position = this.#log.push(JSON.stringify(envelope));
    const positions = this.#streams.get(envelope.streamId)?.positions ?? [];
    positions.push(position);
    const { version, hash, recordedAt } = envelope;
    this.#streams.set(envelope.streamId, { head: { version, hash, recordedAt }, positions });
    this.#redact(envelope, position, positions);
    return position;
  }

  #redact(envelope: SealedEnvelope, position: number, positions: readonly number[]): void {
    const named = redactionOf(envelope);
    if (named === null) return;
    this.#redactions.push(position);
    for (const place of positions) {
      const { position: _, ...stored } = this.#at(place);
      if (stored.eventId !== named.eventId) continue;
      this.#log[place - 1] = JSON.stringify(withoutNamed(stored, named.erased));
    }
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async erase(streamId: string, version: number, pointers: readonly Pointer[]): Promise<void> {
    this.#assertOpen();
    const position = this.#streams.get(streamId)?.positions[version - 1];
    if (position === undefined) throw new EventNotFoundError(`${streamId} has no version ${version}`);
    const { position: _, ...stored } = this.#at(position);
    this.#log[position - 1] = JSON.stringify(eraseFromEnvelope(stored, pointers));
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async readStream(streamId: string, options: { after?: number; limit?: number } = {}): Promise<Envelope[]> {
    this.#assertOpen();
    const { after = 0, limit = READ_LIMIT } = options;
    const positions = this.#streams.get(streamId)?.positions ?? [];
    return this.#page(positions.slice(after, after + limit));
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async readAll({ after = '0', limit = READ_LIMIT } = {}): Promise<Envelope[]> {
    this.#assertOpen();
    return this.#readAfter(parsePosition(after), limit);
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async findCommand(commandId: string): Promise<Envelope[]> {
    this.#assertOpen();
    return (this.#commands.get(commandId) ?? []).map((position) => this.#at(position));
  }

  /** Yields the entries of the log. No other code can change them. */
  // eslint-disable-next-line @typescript-eslint/require-await
  async *inspect(streamId?: string): AsyncGenerator<StoredEntry> {
    this.#assertOpen();
    for (let position = 1; position <= this.#log.length; position++) {
      const event = this.#at(position);
      const { streamId: of, version } = event;
      if (streamId !== undefined && of !== streamId) continue;
      yield { position: event.position, streamId: of, version, event, faults: [] };
    }
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async findEvents(streamId: string, eventIds: readonly string[]): Promise<Envelope[]> {
    this.#assertOpen();
    const mayBe = (position: number) =>
      eventIds.some((eventId) => this.#log[position - 1]?.includes(eventId));
    const positions = (this.#streams.get(streamId)?.positions ?? []).filter(mayBe);
    return positions
      .map((position) => this.#at(position))
      .filter(({ eventId }) => eventIds.includes(eventId));
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async redactions({ after = '0', limit = READ_LIMIT } = {}): Promise<Redaction[]> {
    this.#assertOpen();
    const from = parsePosition(after);
    return this.#redactions
      .filter((position) => position > from)
      .slice(0, limit)
      .map((position) => redactionAt(this.#at(position)));
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async lastPosition(): Promise<string> {
    this.#assertOpen();
    return String(this.#log.length);
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async lastEvent(): Promise<Envelope | null> {
    this.#assertOpen();
    return this.#log.length === 0 ? null : this.#at(this.#log.length);
  }

  subscribe(after: string, handler: (batch: readonly Envelope[]) => Promise<void>): Subscription {
    this.#assertOpen();
    return this.#followers.follow(after, handler);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#followers.closeAll();
  }

  #readAfter(start: number, limit: number): Envelope[] {
    const end = Math.min(start + limit, this.#log.length);
    return this.#page(Array.from({ length: Math.max(0, end - start) }, (_, index) => start + index + 1));
  }

  /** Returns a page. It ends when its text is long enough, but has at least one event. */
  #page(positions: readonly number[]): Envelope[] {
    let length = 0;
    const before = positions.findIndex((position) => {
      const isFull = length >= PAGE_LENGTH_MAX;
      length += this.#log[position - 1]?.length ?? 0;
      return isFull;
    });
    return positions.slice(0, before < 0 ? undefined : before).map((position) => this.#at(position));
  }

  #at(position: number): Envelope {
    const text = this.#log[position - 1];
    if (text === undefined) throw new EventNotFoundError(`there is no event at position ${position}`);
    return { ...(JSON.parse(text) as SealedEnvelope), position: String(position) };
  }

  #assertOpen(): void {
    if (this.#closed) throw new StoreUnavailableError('the store is closed');
  }
}
