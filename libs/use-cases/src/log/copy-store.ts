import { StreamVerifier } from '#audit/verify';
import type { Envelope, Pointer } from '#event-sourcing/envelope';
import { hasCode, messageOf } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { isKnownForm, unknownForm } from '#event-sourcing/forms';
import { progressThrough } from './log-progress.ts';
import type { HistoryDivergence } from './verify-history.ts';
import { isDeepStrictEqual } from 'node:util';
import { COMMAND_DIGEST } from '#event-sourcing/envelope';
import { eraseFromEnvelope } from '#event-sourcing/erasure';
import { logEvents } from '#event-sourcing/event-store';

/** A phase of a copy: comparing what the target already has, copying, then verifying everything. */
type CopyPhase = 'compared' | 'copied' | 'verified';

export interface CopyOptions {
  /** Stops the copy after the current page. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the progress of a phase, in events, or in pages of a file that is copied byte for byte. */
  readonly onProgress?: ((phase: CopyPhase, done: number, total: number) => void) | undefined;
}

export interface CopyOutcome {
  /** Whether the target is a verified copy of the source. */
  readonly ok: boolean;
  /** Whether the copy was stopped early. The next copy continues there. */
  readonly stopped: boolean;
  /** The number of events in the target. */
  readonly events: number;
  /** The number of events that this copy appended. */
  readonly copied: number;
  /** The number of events that lost values now because the source erased them after they were copied. */
  readonly erased: number;
  /** The number of events that lack values in the target only; these stay erased. */
  readonly erasedInTarget: number;
  readonly firstDivergence: HistoryDivergence | null;
}

/** The number of events read and appended at once. */
const PAGE_EVENTS = 500;

/**
 * Copies the source's log to the target: the same sealed events in the same order. If the target contains the beginning of the source's
 * history, the copy continues; if it contains anything else, it stays unchanged. Others may append to the source during the copy; it ends
 * at the end of the log as of the last page read. Then it reads the whole target again and verifies every hash and chain, and every event
 * against the source.
 * @throws StoreUnavailableError if a store becomes unavailable. Appended events stay, and the next copy continues after them.
 */
export const copyStore = (
  source: EventStore,
  target: EventStore,
  options: CopyOptions = {},
): Promise<CopyOutcome> => new StoreCopy(source, target, options).run();

class StoreCopy {
  readonly #source: EventStore;
  readonly #target: EventStore;
  readonly #options: CopyOptions;
  /** The source's position of the target's last event. */
  #position = '0';
  #events = 0;
  #copied = 0;
  #erased = 0;
  #erasedInTarget = 0;

  constructor(source: EventStore, target: EventStore, options: CopyOptions) {
    this.#source = source;
    this.#target = target;
    this.#options = options;
  }

  /** In positions of the source. */
  #progressOf(phase: CopyPhase): ReturnType<typeof progressThrough> {
    return progressThrough(this.#source, (done, total) => this.#options.onProgress?.(phase, done, total));
  }

  async run(): Promise<CopyOutcome> {
    const firstDivergence =
      (await this.#comparePrefix()) ?? (await this.#copyPages()) ?? (await this.#verifyTarget());
    const stopped = this.#isStopped();
    return {
      ok: firstDivergence === null && !stopped,
      stopped,
      events: this.#events,
      copied: this.#copied,
      erased: this.#erased,
      erasedInTarget: this.#erasedInTarget,
      firstDivergence,
    };
  }

  #isStopped(): boolean {
    return this.#options.signal?.aborted === true;
  }

  /** Compares what the target already has. Changes nothing until all of it is known to be from the source. */
  async #comparePrefix(): Promise<HistoryDivergence | null> {
    const reach = await this.#progressOf('compared');
    for await (const [theirs, ours] of pairedEvents(this.#source, this.#target)) {
      if (this.#isStopped()) return null;
      const divergence = otherHistory(theirs, ours);
      if (divergence !== null || ours === undefined) return divergence;
      this.#events += 1;
      this.#position = ours.position;
      reach(this.#events, ours.position);
    }
    return null;
  }

  async #copyPages(): Promise<HistoryDivergence | null> {
    // Read but not appended yet.
    let waiting: Envelope[] = [];
    let after = this.#position;
    const reach = await this.#progressOf('copied');
    while (!this.#isStopped()) {
      const page = await this.#source.readAll({ after, limit: PAGE_EVENTS });
      const last = page.at(-1);
      waiting = waiting.concat(page);
      const ready = last === undefined ? waiting : waiting.slice(0, lastCommandStart(waiting));
      waiting = waiting.slice(ready.length);
      const divergence = await this.#append(ready);
      if (divergence !== null || last === undefined) return divergence;
      after = last.position;
      reach(this.#events + waiting.length, after);
    }
    return null;
  }

  async #append(events: readonly Envelope[]): Promise<HistoryDivergence | null> {
    const [first] = events;
    if (first === undefined) return null;
    const unknown = events.find(({ envelope }) => !isKnownForm(envelope));
    // This build could neither verify it nor erase a text of it.
    if (unknown !== undefined)
      return { ...divergenceAt(unknown, 'unknown-form', unknownForm(unknown)), position: null };
    try {
      await this.#target.appendSealed(events);
    } catch (error) {
      if (!hasCode(error, 'version-conflict') && !hasCode(error, 'history-differs')) throw error;
      const detail = `${messageOf(error)}: another process writes to the target`;
      return { ...divergenceAt(first, 'other-history', detail), position: null };
    }
    this.#events += events.length;
    this.#copied += events.length;
    return null;
  }

  /** Verifies the target as stored, and erases what the source has erased since it was copied. */
  async #verifyTarget(): Promise<HistoryDivergence | null> {
    const reach = await this.#progressOf('verified');
    const chains = new StreamVerifier();
    let events = 0;
    let last: Envelope | undefined;
    for await (const [theirs, ours] of pairedEvents(this.#source, this.#target)) {
      if (this.#isStopped()) return null;
      const differing = otherHistory(theirs, ours);
      if (differing !== null || ours === undefined) return differing;
      const stored = await this.#eraseAsInSource(theirs, ours);
      const broken = chains.add(stored);
      if (broken !== null) return { ...broken, position: theirs.position };
      const divergence = otherValues(stored, ours);
      if (divergence !== null) return divergence;
      events += 1;
      last = theirs;
      reach(events, ours.position);
    }
    const [missing] = chains.finish();
    if (missing !== undefined) return { ...missing, position: null };
    return events < this.#events ? missingAfter(last, this.#events, events) : null;
  }

  async #eraseAsInSource(theirs: Envelope, ours: Envelope): Promise<Envelope> {
    if (erasedFrom(ours, theirs).length > 0) this.#erasedInTarget += 1;
    const pointers = erasedFrom(theirs, ours);
    if (pointers.length === 0) return theirs;
    const { streamId, version } = theirs;
    await this.#target.erase(streamId, version, pointers);
    this.#erased += 1;
    const [stored] = await this.#target.readStream(streamId, { after: version - 1, limit: 1 });
    return stored ?? theirs;
  }
}

/** Returns where the last command's events begin, so that readers of the target never see a part of a command. */
function lastCommandStart(events: readonly Envelope[]): number {
  const id = events.at(-1)?.command.id;
  return events.findLastIndex(({ command }) => command.id !== id) + 1;
}

function missingAfter(last: Envelope | undefined, expected: number, actual: number): HistoryDivergence {
  const detail = `the target has ${actual} events instead of ${expected}`;
  return {
    position: null,
    streamId: last?.streamId ?? '',
    version: last?.version ?? 0,
    code: 'missing-event',
    detail,
  };
}

/** Yields the target's events in order, each with the source's event at the same place (undefined after its end). */
async function* pairedEvents(
  source: EventStore,
  target: EventStore,
): AsyncGenerator<readonly [theirs: Envelope, ours: Envelope | undefined]> {
  const ours = logEvents(source);
  for await (const theirs of logEvents(target)) {
    const next = await ours.next();
    yield [theirs, next.done === true ? undefined : next.value];
  }
}

const nameOf = ({ streamId, version, type }: Envelope): string =>
  `${type}, version ${version} of ${streamId}`;

/** Returns a divergence at the place of a target's event. */
const divergenceAt = (
  { position, streamId, version }: Envelope,
  code: HistoryDivergence['code'],
  detail: string,
): HistoryDivergence => ({ position, streamId, version, code, detail });

/** Returns the divergence of a target's event from the source's; null if there is none. The hash covers everything that is sealed. */
function otherHistory(theirs: Envelope, ours: Envelope | undefined): HistoryDivergence | null {
  if (ours === undefined) {
    return divergenceAt(theirs, 'other-history', `it has ${nameOf(theirs)}, but the source ends before it`);
  }
  const isSame =
    theirs.hash === ours.hash &&
    theirs.eventId === ours.eventId &&
    theirs.streamId === ours.streamId &&
    theirs.version === ours.version;
  if (isSame) return null;
  const detail = `it has ${nameOf(theirs)} (${theirs.hash}), but the source has ${nameOf(ours)} (${ours.hash})`;
  return divergenceAt(theirs, 'other-history', detail);
}

/** Returns pointers to the sensitive values and salts that one copy of an event has and the other lacks. */
const erasedFrom = (one: Envelope, other: Envelope): Pointer[] =>
  Object.keys(one.salts).filter(
    (pointer) =>
      !Object.hasOwn(other.salts, pointer) &&
      (pointer === COMMAND_DIGEST || Object.hasOwn(one.commitments, pointer)),
  );

/** Returns the divergence of a target's sensitive values from the source's; null if there is none. Ignores values erased in the target. */
function otherValues(theirs: Envelope, ours: Envelope): HistoryDivergence | null {
  const { position: _ours, ...expected } = eraseFromEnvelope(ours, erasedFrom(ours, theirs));
  const { position: _theirs, ...actual } = theirs;
  if (isDeepStrictEqual(actual, expected)) return null;
  return divergenceAt(theirs, 'other-values', `the content of ${nameOf(theirs)} differs from the source`);
}
