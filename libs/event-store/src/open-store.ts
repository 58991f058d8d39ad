import type { Envelope, Pointer } from '#event-sourcing/envelope';
import { StoreUnavailableError } from '#event-sourcing/errors';
import { READ_LIMIT } from '#event-sourcing/event-store';
import type {
  AppendResult,
  Commit,
  ErasedRemains,
  EventStore,
  Redaction,
  StoredEntry,
  Subscription,
} from '#event-sourcing/event-store';
import type { SealedEnvelope } from '#event-sourcing/sealer';
import { LogFollowers } from './follow-log.ts';
import type { FollowOptions } from './follow-log.ts';
import { redactionAt } from './parse-envelope.ts';

type Read<T> = T | Promise<T>;

/** The reads of a store, as in `EventStore`. */
interface LogReads<Position> {
  stream(streamId: string, after: number, limit: number, enough?: number): Read<Envelope[]>;
  log(after: Position, limit: number, enough?: number): Read<Envelope[]>;
  command(commandId: string): Read<Envelope[]>;
  withIds(streamId: string, eventIds: readonly string[]): Read<Envelope[]>;
  redactions(after: Position, limit: number): Read<Envelope[]>;
  lastPosition(): Read<Position>;
  lastEvent(): Read<Envelope | null>;
}

interface Page {
  after?: string;
  limit?: number;
  enough?: number;
}

interface OpenStoreOptions<Position> extends Omit<FollowOptions<Position>, 'readBatch'> {
  readonly isReadOnly: boolean;
  /** Returns the next events for a subscription; a page of the log if absent. */
  readonly readBatch?: FollowOptions<Position>['readBatch'];
}

/** An open store. Closing refuses new calls and waits for those in progress. */
export abstract class OpenStore<
  Position extends number | string,
  Reads extends LogReads<Position> = LogReads<Position>,
> implements EventStore {
  abstract readonly erasedRemains: ErasedRemains;
  protected readonly reader: Reads;
  protected readonly isReadOnly: boolean;
  protected readonly followers: LogFollowers<Position>;
  readonly #positionOf: (position: string) => Position;
  readonly #underWay = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(reader: Reads, { isReadOnly, ...following }: OpenStoreOptions<Position>) {
    this.reader = reader;
    this.isReadOnly = isReadOnly;
    this.#positionOf = following.positionOf;
    const readBatch = (after: Position) => reader.log(after, READ_LIMIT);
    this.followers = new LogFollowers({ readBatch, ...following });
  }

  abstract append(commit: Commit): Promise<AppendResult>;
  abstract appendSealed(events: readonly SealedEnvelope[]): Promise<void>;
  abstract erase(streamId: string, version: number, pointers: readonly Pointer[]): Promise<void>;
  abstract inspect(streamId?: string): AsyncGenerator<StoredEntry>;
  /** Releases the store's resources, after its reads and subscriptions have ended. */
  protected abstract release(): Promise<void>;

  async readStream(
    streamId: string,
    { after = 0, limit = READ_LIMIT, enough }: Omit<Page, 'after'> & { after?: number } = {},
  ): Promise<Envelope[]> {
    return this.#read(() => this.reader.stream(streamId, after, limit, enough));
  }

  async readAll({ after = '0', limit = READ_LIMIT, enough }: Page = {}): Promise<Envelope[]> {
    return this.#read(() => this.reader.log(this.#positionOf(after), limit, enough));
  }

  async findCommand(commandId: string): Promise<Envelope[]> {
    return this.#read(() => this.reader.command(commandId));
  }

  async findEvents(streamId: string, eventIds: readonly string[]): Promise<Envelope[]> {
    return this.#read(() => this.reader.withIds(streamId, eventIds));
  }

  async redactions({ after = '0', limit = READ_LIMIT }: Page = {}): Promise<Redaction[]> {
    return (await this.#read(() => this.reader.redactions(this.#positionOf(after), limit))).map(redactionAt);
  }

  async lastPosition(): Promise<string> {
    return String(await this.#read(() => this.reader.lastPosition()));
  }

  async lastEvent(): Promise<Envelope | null> {
    return this.#read(() => this.reader.lastEvent());
  }

  subscribe(after: string, handler: (batch: readonly Envelope[]) => Promise<void>): Subscription {
    this.assertOpen();
    return this.followers.follow(after, handler);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.followers.closeAll();
    await Promise.allSettled(this.#underWay);
    await this.release();
  }

  #read<T>(read: () => Read<T>): Read<T> {
    this.assertOpen();
    const result = read();
    return result instanceof Promise ? this.track(result) : result;
  }

  /**
   * Throws after `close`.
   * @throws StoreUnavailableError
   */
  protected assertOpen(): void {
    if (this.#closing !== undefined) throw new StoreUnavailableError('the event store is closed');
  }

  /**
   * Throws after `close`, or if the store is read-only.
   * @throws StoreUnavailableError
   */
  protected assertWritable(): void {
    this.assertOpen();
    if (this.isReadOnly) throw new StoreUnavailableError('the event store is open for reading only');
  }

  protected async track<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    try {
      return await work;
    } finally {
      this.#underWay.delete(work);
    }
  }
}
