import { LRUCache } from 'lru-cache';
import { systemClock } from '#event-sourcing/clock';
import type { Envelope } from '#event-sourcing/envelope';
import { hasCode, StoreUnavailableError } from '#event-sourcing/errors';
import type { AppendedEvent, AppendResult, Commit, StreamAppend } from '#event-sourcing/event-store';
import type { StoreReports } from '#event-sourcing/store-observer';
import type { SealedEnvelope, Sealer } from '#event-sourcing/sealer';
import { appendedAt, keyOf, nextEvents } from '../next-events.ts';
import { unreadableAt } from '../parse-envelope.ts';
import { sealCommit } from '../seal-commit.ts';
import type { StreamHead } from '../seal-commit.ts';
import { isConflict } from './connection.ts';
import type { Connection } from './connection.ts';
import type { LogReader } from './log-reader.ts';
import { membersOf } from './stored-event.ts';
import { appendTogether } from './transaction.ts';
import { planTransaction } from './plan-transaction.ts';
import type { Appending, KeyedCommand, TransactionPlan } from './plan-transaction.ts';
import type { StreamNames } from './stream-names.ts';
import type { Values } from './values.ts';

const HEADS_REMEMBERED = 20_000;
/** The most attempts for a commit that the server refuses although its streams are at the expected versions. */
const LOOKS_MAX = 8;
/**
 * The pause before the second attempt in milliseconds, doubled for each later one: the server refuses a commit before
 * reads show the reason.
 */
const LOOK_AGAIN_MS = 10;
/**
 * The time in milliseconds for which an append is retried that the server did not accept, or whose response was lost.
 */
const RETRY_MS_MAX = 5_000;
const FIRST_PAUSE_MS = 50;
const PAUSE_MS_MAX = 1_000;

/** Seals commits and appends them independently. The server's check of revisions decides. */
export class LogWriter {
  readonly #connection: Connection;
  readonly #names: StreamNames;
  readonly #reader: LogReader;
  readonly #values: Values;
  readonly #sealer: Sealer;
  readonly #reports: StoreReports | undefined;
  readonly #isTogether: boolean;
  /** The last heads of the streams that this process wrote. Other processes may have appended since. */
  readonly #heads = new LRUCache<string, StreamHead>({ max: HEADS_REMEMBERED });

  constructor(
    connection: Connection,
    parts: {
      names: StreamNames;
      reader: LogReader;
      values: Values;
      sealer: Sealer;
      reports: StoreReports | undefined;
      /** True if the server appends values and events atomically. */
      isTogether: boolean;
    },
  ) {
    this.#connection = connection;
    this.#names = parts.names;
    this.#reader = parts.reader;
    this.#values = parts.values;
    this.#sealer = parts.sealer;
    this.#reports = parts.reports;
    this.#isTogether = parts.isTogether;
  }

  /**
   * Appends a commit once. If it is refused because of a cached head, or by the server, it is checked again: another
   * node may have appended to the streams, or run the same command.
   */
  async append(commit: Commit): Promise<AppendResult> {
    for (let looks = 0; ; looks++) {
      const streams = expectedBefore(commit);
      const reading = looks === 0 ? this.#rememberedHeads(streams) : this.#headsOf(streams);
      // An error of a stream counts only if the command is new.
      reading.catch(() => undefined);
      const known = await this.#storedCommand(commit);
      if (known !== null && known.events.length > 0) return { repeated: true, events: known.events };
      const heads = await reading;
      try {
        const { sealed, own } = sealCommit(commit, (streamId) => heads.get(streamId), this.#sealer);
        const { id } = commit.command;
        const commands = known === null ? [] : [{ id, entries: known.entries, events: own }];
        if (sealed.length > 0) {
          const stored = await this.#send({ streams, sealed, commands }, () =>
            // Stored events must not be reported as failed because their positions cannot be read.
            withRetries(() => this.#asStored(sealed)),
          );
          // The heads are cached only now: if another node ran the same command, the stored events differ from those
          // sent.
          for (const { streamId, version, hash, recordedAt } of sealed) {
            this.#heads.set(streamId, { version, hash, recordedAt });
          }
          return { repeated: false, events: stored.slice(sealed.length - own.length) };
        }
        // Cached heads are sufficient to attempt an append, but not to report a version.
        if (looks > 0) return { repeated: false, events: [] };
      } catch (error) {
        for (const { streamId } of streams) this.#heads.delete(streamId);
        if (!isRefused(error)) throw error;
        if (mayBeOutOfDate(error, looks) && looks < LOOKS_MAX) {
          await untilShown(looks);
          continue;
        }
        // Another node may have stored the same command between the two look-ups.
        const { events = [] } = (await this.#storedCommand(commit)) ?? {};
        if (events.length === 0) throw persistentConflict(error);
        return { repeated: true, events };
      }
    }
  }

  /**
   * Returns the events that a keyed command has appended so far, and the number of its entries; null for a command
   * without a key.
   */
  async #storedCommand({ command }: Commit): Promise<{ events: Envelope[]; entries: number } | null> {
    return command.request && (await this.#reader.commandEntries(command.id));
  }

  /**
   * Appends another store's sealed events, in transactions of whole commands that the server accepts. Conflicts are
   * found before the first transaction. If another node appends to the same streams meanwhile, the remaining events are
   * not appended.
   */
  async appendSealed(events: readonly SealedEnvelope[]): Promise<void> {
    const check = async (rest: readonly SealedEnvelope[]) => {
      const heads = await this.#headsOf(versionsBefore(rest));
      return nextEvents(rest, (streamId) => heads.get(streamId));
    };
    let rest = await check(events);
    let last: SealedEnvelope | undefined;
    const streamsAtOnce = this.#isTogether ? Infinity : 1;
    let lengthMax = TRANSACTION_LENGTH_MAX;
    for (let failed = 0; rest.length > 0;) {
      const sealed = firstTransactionOf(rest, streamsAtOnce, lengthMax);
      const commands = await this.#commandsOf(sealed);
      try {
        await this.#send({ streams: versionsBefore(sealed), sealed, commands }, () => Promise.resolve());
        last = sealed.at(-1);
        rest = rest.slice(sealed.length);
      } catch (error) {
        // The limit of the server is lower than the default.
        if (hasCode(error, 'store-incapable') && sealed.length > 1) {
          lengthMax = Math.min(lengthMax, lengthOf(sealed)) / 2;
          continue;
        }
        if (!mayBeOutOfDate(error, failed)) throw atEndOf(last, rest, error);
        if (failed >= LOOKS_MAX) throw atEndOf(last, rest, persistentConflict(error));
        await untilShown(failed++);
        await check(rest);
      }
    }
  }

  async #commandsOf(sealed: readonly SealedEnvelope[]): Promise<KeyedCommand[]> {
    const keyed = [...Map.groupBy(sealed, keyOf)].flatMap(([id, events]) =>
      id === null ? [] : [{ id, events }],
    );
    return Promise.all(
      keyed.map(async ({ id, events }) => ({
        id,
        events,
        entries: (await this.#reader.commandEntries(id)).entries,
      })),
    );
  }

  /** Returns cached heads. A stream that is expected not to exist is assumed not to; the server checks this. */
  async #rememberedHeads(
    streams: readonly Pick<StreamAppend, 'streamId' | 'expectedVersion'>[],
  ): Promise<Map<string, StreamHead>> {
    const heads = new Map<string, StreamHead>();
    const unknown: { streamId: string }[] = [];
    for (const { streamId, expectedVersion } of streams) {
      const head = this.#heads.get(streamId);
      if (head !== undefined) heads.set(streamId, head);
      else if (expectedVersion > 0) unknown.push({ streamId });
    }
    for (const [streamId, head] of await this.#headsOf(unknown)) heads.set(streamId, head);
    return heads;
  }

  /** Reads the current heads. */
  async #headsOf(streams: readonly { readonly streamId: string }[]): Promise<Map<string, StreamHead>> {
    const heads = await Promise.all(
      streams.map(async ({ streamId }) => [streamId, await this.#readHead(streamId)] as const),
    );
    return new Map(heads.flatMap(([streamId, head]) => (head ? [[streamId, head]] : [])));
  }

  async #readHead(streamId: string): Promise<StreamHead | undefined> {
    const record = await this.#reader.lastRecord(streamId);
    if (record === undefined) return undefined;
    const { hash, recordedAt } = membersOf(record) as Partial<Envelope>;
    const version = Number(record.revision) + 1;
    // No event may follow an unreadable one: events sealed after it would hide the damage.
    if (typeof hash !== 'string' || typeof recordedAt !== 'string') {
      throw unreadableAt(
        { position: record.position, streamId, version },
        new TypeError('it is not an event'),
      );
    }
    return { version, hash, recordedAt };
  }

  /** Appends, and returns the result of `check`. Deletes the texts of refused appends from the server. */
  async #send<T>(appending: Appending, check: () => Promise<T>): Promise<T> {
    const { sealed } = appending;
    const plan = planTransaction(this.#names, appending);
    try {
      await this.#untilSettled(plan, sealed);
      const found = await check();
      // Each append counts as one transaction, because the server groups concurrent ones.
      this.#reports?.groupWritten(1, sealed.length);
      for (const { key, group } of plan.values) this.#values.remember(key, group);
      return found;
    } catch (error) {
      const isFinal = isRefused(error) || hasCode(error, 'store-incapable');
      if (isFinal && !this.#isTogether) await this.#discard(plan);
      throw error;
    }
  }

  /** Deletes values. The next sweep deletes those that cannot be deleted now. */
  async #discard({ values }: TransactionPlan): Promise<void> {
    await Promise.allSettled(values.map(({ key }) => this.#values.discard(key)));
  }

  /**
   * Appends, and repeats the same append after a lost response. If the server then refuses it, it may already be
   * stored.
   */
  async #untilSettled({ transaction }: TransactionPlan, sealed: readonly SealedEnvelope[]): Promise<void> {
    await withRetries(async (isRepeated) => {
      try {
        await appendTogether(this.#connection, transaction, async (streamId) => {
          return (await this.#readHead(streamId))?.version ?? 0;
        });
      } catch (error) {
        if (!isRefused(error) || !isRepeated) throw error;
        await this.#asStored(sealed);
      }
    });
  }

  /**
   * Returns the events with the positions that the server assigned.
   * @throws SupersededError if other events are at their versions.
   */
  async #asStored(sealed: readonly SealedEnvelope[]): Promise<AppendedEvent[]> {
    const positions = await this.#reader.positionsOf(sealed);
    // The server compares only event ids, which are the same if another node ran the same command.
    if (positions === null) throw new SupersededError();
    return appendedAt(sealed, (index) => positions[index]);
  }
}

/** Retries for some time an append that the server does not accept, or whose response is lost. */
async function withRetries<T>(attempt: (isRepeated: boolean) => Promise<T>): Promise<T> {
  const until = systemClock.elapsed() + RETRY_MS_MAX;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, PAUSE_MS_MAX)) {
    try {
      return await attempt(pause > FIRST_PAUSE_MS);
    } catch (error) {
      if (!hasCode(error, 'store-unavailable') || systemClock.elapsed() + pause > until) throw error;
      await systemClock.sleep(pause);
    }
  }
}

const untilShown = async (looks: number): Promise<void> => {
  if (looks > 0) await systemClock.sleep(LOOK_AGAIN_MS * 2 ** (looks - 1));
};

/** Thrown if the stored events are not those that were sent: the streams and the command must be read again. */
class SupersededError extends Error {}

/** Returns the port's error for a conflict that persists; a later attempt may succeed. */
const persistentConflict = (cause: unknown): Error =>
  hasCode(cause, 'version-conflict')
    ? (cause as Error)
    : new StoreUnavailableError(
        'other writers keep appending to the same streams; nothing was appended, try again',
        {
          cause,
        },
      );

/** Returns the error that ended a copy. It names the event if the copy ended inside a command. */
function atEndOf(last: SealedEnvelope | undefined, rest: readonly SealedEnvelope[], error: unknown): unknown {
  const id = last?.command.id;
  if (id !== undefined && id === rest[0]?.command.id && error instanceof Error) {
    error.message += `; the target contains only part of command ${id}: run the copy again before anything else uses the target`;
  }
  return error;
}

/** Returns whether an error means that the streams, or their cached heads, differ from what an append expects. */
const isRefused = (error: unknown): boolean =>
  isConflict(error) || error instanceof SupersededError || hasCode(error, 'version-conflict');

/** Returns whether cached heads may be outdated: only a new read proves a version conflict. */
const mayBeOutOfDate = (error: unknown, looks: number): boolean =>
  isRefused(error) && (looks === 0 || !hasCode(error, 'version-conflict'));

const TRANSACTION_EVENTS_MAX = 500;
/** The initial limit of a transaction, in characters of its envelopes; the server may report a lower one. */
const TRANSACTION_LENGTH_MAX = 2 * 1024 * 1024;

const lengthOf = (events: readonly SealedEnvelope[]): number =>
  events.reduce((sum, event) => sum + JSON.stringify(event).length, 0);

/**
 * Returns as many of the first events as fit into one transaction: at least one, and whole commands unless they are too
 * large. Ends before a stream that occurs again after others, because servers before 26.1 append stream by stream.
 */
function firstTransactionOf(
  events: readonly SealedEnvelope[],
  streamsAtOnce: number,
  lengthMax: number,
): SealedEnvelope[] {
  const streams = new Set<string>();
  let length = 0;
  let wholeCommands = 0;
  const end = events.findIndex(({ streamId, command }, index) => {
    const before = events[index - 1];
    if (before?.command.id !== command.id) wholeCommands = index;
    const comesAgain = streams.has(streamId) && before?.streamId !== streamId;
    const isFull = index >= TRANSACTION_EVENTS_MAX || length >= lengthMax;
    streams.add(streamId);
    length += lengthOf(events.slice(index, index + 1));
    return comesAgain || isFull || streams.size > streamsAtOnce;
  });
  if (end < 0) return [...events];
  return events.slice(0, streamsAtOnce > 1 && wholeCommands > 0 ? wholeCommands : end);
}

/** Returns the versions that streams must have before a commit and the commits that precede it. */
function expectedBefore({ preceding = [], appends }: Commit): readonly StreamAppend[] {
  if (preceding.length === 0) return appends;
  const first = new Map<string, StreamAppend>();
  for (const append of [...preceding.flatMap((one) => one.appends), ...appends])
    if (!first.has(append.streamId)) first.set(append.streamId, append);
  return [...first.values()];
}

function versionsBefore(sealed: readonly SealedEnvelope[]): { streamId: string; expectedVersion: number }[] {
  const first = new Map<string, number>();
  for (const { streamId, version } of sealed) if (!first.has(streamId)) first.set(streamId, version - 1);
  return [...first].map(([streamId, expectedVersion]) => ({ streamId, expectedVersion }));
}
