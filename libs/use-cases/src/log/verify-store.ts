import { examineEvent } from '#audit/forms';
import type { ExaminedEvent } from '#audit/examine-event';
import { CLOCK_TOLERANCE_MS } from '#audit/pack/pack-warnings';
import { instant } from '#event-sourcing/clock';
import { nextTurn } from '#event-sourcing/event-store';
import type { EventStore, StoredEntry } from '#event-sourcing/event-store';
import type { KnownStatecharts } from '#lifecycle/lifecycles';
import { kinds } from '#state-machines/record-streams';
import { streamOf } from '#lifecycle/kind';
import { referencesOf } from '../records/named-record.ts';
import { progressThrough } from './log-progress.ts';
import type { OnProgress } from './log-progress.ts';
import { LogStatements, signedSizes } from './log-statements.ts';
import type { LogHead } from './log-statements.ts';
import { HistoryVerifier } from './verify-history.ts';
import type { HistoryDivergence, HistoryVerification } from './verify-history.ts';
import { RedactionVerifier } from './verify-redactions.ts';

export interface Verification extends HistoryVerification {
  /** The size of the log's last checkpoint, whose root was computed again; null if there is none, or only records were verified. */
  readonly checkpoint: number | null;
}

export interface VerifyOptions {
  /** A head that the log once had, such as a kept checkpoint. */
  readonly kept?: LogHead | null;
  /** What the log has lost, if known; otherwise null. */
  readonly lost?: string | null;
  /** The time here, in milliseconds since 1970, with which the times of events are compared. */
  readonly now?: number;
  /** Stops the verification, which throws its reason. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** The number of events after which other work gets a turn. */
const TURN_EVENTS = 64;

/**
 * Verifies the whole log, or the named records: that every hash and commitment is correct and no chain has a
 * gap, that every event is legal in its stream and has the statechart's state, that no event occurs twice,
 * that redacted values are gone, and that the indexes are correct. Of the whole log it computes the root at
 * each checkpoint, and compares each pack with its record. It continues after a divergence.
 */
export async function verifyStore(
  store: EventStore,
  lifecycles: KnownStatecharts,
  names: readonly string[],
  { kept = null, lost = null, now = Infinity, signal, onProgress }: VerifyOptions = {},
): Promise<Verification> {
  const isWhole = names.length === 0;
  const history = new HistoryVerifier(lifecycles, isWhole);
  const statements = new LogStatements([...(isWhole ? await signedSizes(store) : []), kept?.size ?? 0]);
  const redactions = new RedactionVerifier();
  const reach = await progressThrough(store, onProgress);
  let events = 0;
  for await (const entry of isWhole ? store.inspect() : recordsEntries(store, names)) {
    signal?.throwIfAborted();
    if ('missing' in entry) {
      history.found({ ...NOWHERE, streamId: entry.missing, version: 0, ...NO_RECORD });
      continue;
    }
    const { event, position } = entry;
    const examined = event && examineEvent(event, entry.isUnescaped);
    const isValid = addEntry(history, entry, examined, !isWhole);
    if (position === null || !isEvent(entry)) continue;
    if (isWhole) {
      const finding = isValid && event !== null ? statements.findingAt(event, history.headOf) : null;
      if (finding !== null && event !== null)
        history.found({ position, streamId: event.streamId, version: event.version, ...finding });
      statements.addHash(event?.hash);
    }
    if (examined !== null) redactions.add(examined, isValid);
    events += 1;
    reach(events, position);
    if (events % TURN_EVENTS === 0) await nextTurn();
  }
  for await (const divergence of redactions.divergences(store, isWhole)) history.found(divergence);
  const keptDivergence = kept === null ? null : statements.divergenceFrom(kept);
  for (const detail of isWhole ? [keptDivergence, lost] : [])
    if (detail !== null) history.found({ ...NOWHERE, code: 'head', detail });
  if (isWhole) warnAhead(history, now);
  return { ...history.finish(), checkpoint: statements.checkpoint };
}

/** Warns if events are dated in the future: a clock was wrong when they were recorded, or is wrong here. */
function warnAhead(history: HistoryVerifier, now: number): void {
  if (history.latest <= now + CLOCK_TOLERANCE_MS) return;
  const detail = `events were recorded up to ${instant(history.latest)}, and the time here is ${instant(now)}`;
  history.warn({ code: 'clock-leap', position: null, detail });
}

/** Reports whether an entry is an event, readable or not. */
const isEvent = ({ event, faults }: StoredEntry): boolean =>
  event !== null || faults.some(({ code }) => code === 'unreadable');

const NOWHERE = { position: null, streamId: null, version: null } as const;
const NO_RECORD = { code: 'not-found', detail: 'there is no such record' } as const;

/** Reports whether the entry is an event of the stream with valid content. */
function addEntry(
  history: HistoryVerifier,
  entry: StoredEntry,
  event: ExaminedEvent | null,
  inRecord: boolean,
): boolean {
  const { position, streamId, version, faults } = entry;
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
): AsyncGenerator<StoredEntry | { readonly missing: string }> {
  const seenStreams = new Set<string>();
  for (const name of names) {
    const streams = referencesOf(kinds, name).map(streamOf);
    for (const stream of streams) {
      if (seenStreams.has(stream)) continue;
      for await (const entry of store.inspect(stream)) {
        seenStreams.add(stream);
        yield entry;
      }
    }
    if (!streams.some((stream) => seenStreams.has(stream))) yield { missing: streams[0] ?? name };
  }
}
