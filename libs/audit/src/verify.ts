import type { Envelope, Pointer } from '#event-sourcing/envelope';
import { REDACTION } from '#event-sourcing/erasure';
import { examineEvent } from './forms.ts';
import type { ExaminedEvent, Finding, EventHeader } from './examine-event.ts';

export interface Divergence extends Finding {
  readonly streamId: string;
  readonly version: number;
}

/** The last event of a stream, which the next one must follow. Its hash is null if it is unknown. */
interface ChainHead {
  readonly version: number;
  readonly hash: string | null;
}

/** The place where an event was found. It differs from the place in the event if someone changed the event. */
export interface Place {
  readonly streamId: string;
  readonly version: number;
}

const findingAfter = (head: ChainHead | null, { header, changed, values }: ExaminedEvent): Finding | null =>
  changed ?? chainFinding(head, header) ?? values;

function chainFinding(head: ChainHead | null, { version, previousHash }: EventHeader): Finding | null {
  const expected = (head?.version ?? 0) + 1;
  if (version !== expected) {
    return { code: 'version', detail: `version ${version} is in the place of ${expected}` };
  }
  if (head !== null && head.hash === null) return null;
  const previous = head?.hash ?? null;
  if (previousHash === previous) return null;
  const stated = previousHash ?? 'none';
  const detail = `it follows ${stated}, but the event before it is ${previous ?? 'none'}`;
  return { code: 'previous-hash', detail };
}

/** The state of a stream, with a value of the caller. */
interface StreamState<Value> {
  head: ChainHead | null;
  /** Another hash that the next event may follow: that of the last event's content, if the event contains a different one. */
  contentHash: string | null;
  /** The missing values that no redaction has named yet, by event id. */
  unexplained: Map<string, { readonly version: number; readonly pointers: Set<Pointer> }> | null;
  /** The caller's value; null before the first event. */
  value: Value | null;
}

/**
 * Verifies events in stream order. Streams may be interleaved, as in the log. For each stream it stores the
 * head and the missing values that no redaction has named yet.
 */
export class StreamVerifier<Value = null> {
  readonly #streams = new Map<string, StreamState<Value>>();

  get size(): number {
    return this.#streams.size;
  }

  /** Returns the last event of a stream so far; null if there is none. */
  headOf(streamId: string): ChainHead | null {
    return this.#streams.get(streamId)?.head ?? null;
  }

  /**
   * Adds an event and returns its divergence or null. Missing values are judged in `finish`. If the event's
   * content is intact, its own stream and version count, otherwise the place where it was found.
   */
  add(envelope: Envelope, place: Place = envelope): Divergence | null {
    return this.judge(examineEvent(envelope), place);
  }

  /** Adds an event that was already examined, as `add` does. */
  judge(event: ExaminedEvent, place: Place): Divergence | null {
    const { header, changed } = event;
    const { streamId, version } = changed === null ? header : place;
    const state = this.stateOf(streamId);
    const finding = changed ?? verifyAfter(state.head, state.contentHash, event);
    if (finding === null) {
      state.head = { version, hash: header.hash };
      state.contentHash = null;
      noteMissing(state, event);
      explain(state, event);
      return null;
    }
    goOnAfter(finding, state, event);
    return { streamId, version, ...finding };
  }

  /** Skips an unreadable event. Any hash may then follow. */
  passOver({ streamId, version }: Place): void {
    const state = this.stateOf(streamId);
    state.head = { version, hash: null };
    state.contentHash = null;
  }

  /** Returns a stream's state; creates it if necessary. */
  stateOf(streamId: string): StreamState<Value> {
    const existing = this.#streams.get(streamId);
    if (existing !== undefined) return existing;
    const state = { head: null, contentHash: null, unexplained: null, value: null };
    this.#streams.set(streamId, state);
    return state;
  }

  /** Returns a divergence for every missing value that no redaction names. Call it after the last event. */
  finish(): Divergence[] {
    const divergences: Divergence[] = [];
    for (const [streamId, { unexplained }] of this.#streams) {
      for (const { version, pointers } of unexplained?.values() ?? []) {
        for (const pointer of pointers) {
          const detail = `${pointer} is gone, but no later ${REDACTION} names it`;
          divergences.push({ streamId, version, code: 'missing-value', detail });
        }
      }
    }
    this.#streams.clear();
    return divergences;
  }
}

function verifyAfter(
  head: ChainHead | null,
  contentHash: string | null,
  event: ExaminedEvent,
): Finding | null {
  const finding = findingAfter(head, event);
  if (finding?.code !== 'previous-hash' || head === null || contentHash === null) return finding;
  return findingAfter({ version: head.version, hash: contentHash }, event);
}

type State = StreamState<unknown>;

/**
 * Continues after a divergence, so that one changed event is reported once. The next event must follow the
 * hash in this one or, if that was changed, the hash of its content.
 */
function goOnAfter({ code }: Finding, state: State, event: ExaminedEvent): void {
  const { version, hash } = event.header;
  const hasStatedHash = code !== 'malformed' && typeof hash === 'string';
  state.head = {
    version: code === 'version' ? version : (state.head?.version ?? 0) + 1,
    hash: hasStatedHash ? hash : null,
  };
  state.contentHash = event.contentHash;
  // Missing values would be a second divergence of the same event, except if its content is intact.
  if (code === 'version' || code === 'previous-hash') {
    noteMissing(state, event);
    explain(state, event);
  }
}

function noteMissing(state: State, { header: { eventId, version }, missing }: ExaminedEvent): void {
  if (missing.length === 0) return;
  state.unexplained ??= new Map();
  state.unexplained.set(eventId, { version, pointers: new Set(missing) });
}

function explain(state: State, { redaction }: ExaminedEvent): void {
  if (redaction === null) return;
  const { eventId, erased } = redaction;
  const entry = state.unexplained?.get(eventId);
  for (const pointer of erased) entry?.pointers.delete(pointer);
  if (entry?.pointers.size === 0) state.unexplained?.delete(eventId);
}
