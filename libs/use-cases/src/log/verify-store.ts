import { LogHeads } from '#audit/log-head';
import type { LogHead } from '#audit/log-head';
import type { ExaminedEvent } from '#audit/examine-event';
import { examineEvent } from '#audit/forms';
import type { Place } from '#audit/verify';
import { hasCode } from '#event-sourcing/errors';
import { streamEvents } from '#event-sourcing/event-store';
import type { EventStore } from '#event-sourcing/event-store';
import type { KnownStatecharts } from '#lifecycle/lifecycles';
import { kinds } from '#state-machines/record-streams';
import { streamOf } from '#lifecycle/kind';
import { referencesOf } from '../records/named-record.ts';
import { examineEntries, examineEntry, isEvent, pageOf } from './examine-entry.ts';
import type { ExaminedEntry, ExaminedPage, PassedPage } from './examine-entry.ts';
import { progressThrough } from './log-progress.ts';
import type { OnProgress } from './log-progress.ts';
import { HistoryVerifier } from './verify-history.ts';
import type { HistoryDivergence, HistoryVerification } from './verify-history.ts';
import { RedactionVerifier } from './verify-redactions.ts';

export interface Verification extends HistoryVerification {
  /** The head of the whole log. Null if only records were verified or an event cannot be read. */
  readonly head: LogHead | null;
  /** The number of events that were verified earlier, if known. Only their stored hashes were read. */
  readonly since?: number;
}

export interface VerifyOptions {
  /** Heads that the log once had. */
  readonly expectedHeads?: readonly LogHead[];
  /** What the log has lost, if known; otherwise null. */
  readonly lost?: string | null;
  /** The head up to which the log was verified earlier; the events that it covers are not examined again. */
  readonly since?: LogHead | null;
  /** The log's entries in pages, examined by another thread. By default they are examined in this thread. */
  readonly examined?: AsyncIterable<ExaminedPage | PassedPage>;
  /** Stops the verification, which throws its reason. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/**
 * Verifies the whole log, or the named records: that every hash and commitment is correct and no chain has a
 * gap, that every event is legal in its stream and has the statechart's state, that no event occurs twice,
 * that redacted values are gone, and that the indexes are correct. It continues after a divergence.
 */
export async function verifyStore(
  store: EventStore,
  lifecycles: KnownStatecharts,
  names: readonly string[],
  {
    expectedHeads = [],
    lost = null,
    since = null,
    signal,
    onProgress,
    examined = examineEntries(store.inspect()),
  }: VerifyOptions = {},
): Promise<Verification> {
  const isWhole = names.length === 0;
  const history = new HistoryVerifier(lifecycles, { isWholeLog: isWhole });
  const heads = new LogHeads(since === null ? expectedHeads : [since, ...expectedHeads]);
  const redactions = new RedactionVerifier();
  const reach = await progressThrough(store, onProgress);
  const log = new LogVerifier(store, { history, heads, redactions }, isWhole, reach);
  for await (const page of isWhole ? examined : recordsEntries(store, names)) {
    signal?.throwIfAborted();
    if ('missing' in page) history.found({ ...NOWHERE, streamId: page.missing, version: 0, ...NO_RECORD });
    else if ('passed' in page) log.pass(page);
    else await log.judge(page);
  }
  const { passed } = log;
  if (passed !== null)
    for await (const divergence of redactions.addEarlier(store, passed)) history.found(divergence);
  for await (const divergence of redactions.present(store)) history.found(divergence);
  for await (const divergence of redactions.unsalted(store, isWhole)) history.found(divergence);
  if (isWhole)
    for await (const divergence of redactions.misfiled(store, passed ?? '0')) history.found(divergence);
  const ends = isWhole ? [...heads.divergences, ...(lost === null ? [] : [lost])] : [];
  for (const detail of ends) history.found({ ...NOWHERE, code: 'head', detail });
  return {
    ...history.finish(),
    head: isWhole ? heads.head : null,
    ...(since !== null && { since: since.events }),
  };
}

interface Verifiers {
  readonly history: HistoryVerifier;
  readonly heads: LogHeads;
  readonly redactions: RedactionVerifier;
}

/** Verifies a log's pages in order. */
class LogVerifier {
  readonly #store: EventStore;
  readonly #verifiers: Verifiers;
  readonly #isWhole: boolean;
  readonly #reach: (events: number, position: string) => void;
  #events = 0;
  /** The position up to which the log was verified earlier. */
  passed: string | null = null;

  constructor(
    store: EventStore,
    verifiers: Verifiers,
    isWhole: boolean,
    reach: (events: number, position: string) => void,
  ) {
    this.#store = store;
    this.#verifiers = verifiers;
    this.#isWhole = isWhole;
    this.#reach = reach;
  }

  pass({ passed, last }: PassedPage): void {
    for (const hash of passed) this.#verifiers.heads.add(hash);
    this.#events += passed.length;
    this.passed = last;
    this.#report(last);
  }

  async judge(page: ExaminedPage): Promise<void> {
    const { length, figures, tree } = page;
    const { history, heads } = this.#verifiers;
    const isInTree = tree !== null && heads.addWhole(tree.size, tree.root);
    // The other checks need full events where figures are missing.
    const usable = isInTree && this.passed === null ? figures : null;
    for (let index = 0; index < length; index++) {
      if (usable !== null && history.addFigures(usable, index)) {
        this.#events += 1;
        if (index === length - 1) this.#report(page.entryAt(index).position);
        continue;
      }
      const entry = page.entryAt(index);
      if (this.passed !== null) await beginStreams(this.#store, history, entry, this.passed);
      this.#judgeEntry(entry, isInTree);
    }
  }

  #judgeEntry(entry: ExaminedEntry, isInTree: boolean): void {
    const { history, heads, redactions } = this.#verifiers;
    const isValid = addEntry(history, entry, !this.#isWhole);
    if (entry.position === null || !isEvent(entry)) return;
    this.#events += 1;
    if (!isInTree) heads.add(entry.event?.header.hash);
    if (entry.event !== null) redactions.add(entry.event);
    if (entry.event !== null && isValid) redactions.addSalts(entry.event);
    this.#report(entry.position);
  }

  #report(position: string | null): void {
    if (position !== null) this.#reach(this.#events, position);
  }
}

/** Loads the earlier state of streams that have an event after the verified part. */
async function beginStreams(
  store: EventStore,
  history: HistoryVerifier,
  { streamId, version, event }: ExaminedEntry,
  passed: string,
): Promise<void> {
  const places = [
    { streamId: event?.header.streamId, version: event?.header.version },
    { streamId, version },
  ];
  for (const place of places) {
    // Stored data can be anything.
    if (typeof place.streamId !== 'string' || !Number.isSafeInteger(place.version)) continue;
    const validPlace = place as Place;
    if (history.knows(validPlace.streamId)) continue;
    const last = await lastBefore(store, validPlace, passed);
    if (last !== null) history.begin({ streamId: validPlace.streamId, version: last.version }, last.event);
  }
}

/** The last event of a stream up to a position of the log; the event is null if it cannot be read. */
interface LastBefore {
  readonly version: number;
  readonly event: ExaminedEvent | null;
}

/**
 * Returns the last event of a stream up to a position; null if there is none.
 * @param version the version of the first event after that position.
 */
async function lastBefore(
  store: EventStore,
  { streamId, version }: { readonly streamId: string; readonly version: number },
  position: string,
): Promise<LastBefore | null> {
  const isBefore = (event: { readonly position: string }): boolean =>
    BigInt(event.position) <= BigInt(position);
  try {
    // Normally it is the previous version, or there is none.
    const [near] = await store.readStream(streamId, { after: Math.max(version - 2, 0), limit: 1 });
    if (version <= 1 && (near === undefined || !isBefore(near))) return null;
    if (near?.version === version - 1 && isBefore(near))
      return { version: near.version, event: examineEvent(near) };
    let last: LastBefore | null = null;
    for await (const event of streamEvents(store, streamId))
      if (isBefore(event)) last = { version: event.version, event: examineEvent(event) };
    return last;
  } catch (error) {
    if (!hasCode(error, 'store-damaged')) throw error;
    return { version: version - 1, event: null };
  }
}

const NOWHERE = { position: null, streamId: null, version: null } as const;
const NO_RECORD = { code: 'not-found', detail: 'there is no such record' } as const;

/** Reports whether the entry is an event of the stream with valid content. */
function addEntry(history: HistoryVerifier, entry: ExaminedEntry, inRecord: boolean): boolean {
  const { event, position, streamId, version, faults } = entry;
  const place = streamId === null || version === null ? null : { streamId, version };
  const divergenceOf = (fault: (typeof faults)[number]): HistoryDivergence => ({
    position,
    streamId,
    version,
    ...fault,
  });
  if (event === null) {
    if (place !== null && isEvent(entry)) history.passOver(place);
    for (const fault of faults) history.found(divergenceOf(fault));
    return false;
  }
  const isElsewhere = place !== null && event.header.streamId !== place.streamId;
  // The verification of a record covers its own stream only.
  const content =
    inRecord && isElsewhere ? history.passOver(place) : history.judge(event, place ?? event.header);
  // If the hash or form of an event is invalid, its content proves nothing about its place.
  if (content === 'hash' || content === 'malformed' || content === 'unknown-form') return false;
  for (const fault of faults) history.found(divergenceOf(fault));
  return content !== 'commitment';
}

async function* recordsEntries(
  store: EventStore,
  names: readonly string[],
): AsyncGenerator<ExaminedPage | { readonly missing: string }> {
  const seenStreams = new Set<string>();
  for (const name of names) {
    const streams = referencesOf(kinds, name).map(streamOf);
    for (const stream of streams) {
      if (seenStreams.has(stream)) continue;
      for await (const entry of store.inspect(stream)) {
        seenStreams.add(stream);
        yield pageOf([examineEntry(entry)]);
      }
    }
    if (!streams.some((stream) => seenStreams.has(stream))) yield { missing: streams[0] ?? name };
  }
}
