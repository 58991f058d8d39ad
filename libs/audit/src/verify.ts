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
export interface StreamState<Value> {
  head: { -readonly [Member in keyof ChainHead]: ChainHead[Member] } | null;
  /** Whether the head's hash is in the verifier's array of words instead of in `head`. */
  isInWords: boolean;
  /** The offset of these words. */
  readonly words: number;
  /** Another hash that the next event may follow: that of the last event's content, if the event contains a different one. */
  contentHash: string | null;
  /** The missing values that no redaction has named yet, by event id. */
  unexplained: Map<string, { readonly version: number; readonly pointers: Set<Pointer> }> | null;
  /** The caller's value; null before the first event. */
  value: Value | null;
}

/** A SHA-256 in 32-bit words. */
export const HASH_WORDS = 8;
const HASH_BYTES = 4 * HASH_WORDS;
const FIRST_STREAMS = 1_024;

/**
 * Verifies events in stream order. Streams may be interleaved, as in the log. For each stream it stores the
 * head and the missing values that no redaction has named yet.
 */
export class StreamVerifier<Value = null> {
  readonly #streams = new Map<string, StreamState<Value>>();
  /** The hashes of the heads, consecutively. As strings, the garbage collector would move them with each event. */
  #hashes = Buffer.alloc(FIRST_STREAMS * HASH_BYTES);
  #words = wordsOf(this.#hashes);

  get size(): number {
    return this.#streams.size;
  }

  knows(streamId: string): boolean {
    return this.#streams.has(streamId);
  }

  /** Sets a stream's state before the first event. */
  begin(streamId: string, head: ChainHead): void {
    const state = this.stateOf(streamId);
    state.head = { ...head };
    state.isInWords = false;
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
    const finding = changed ?? verifyAfter(this.#headOf(state), state.contentHash, event);
    if (finding === null) {
      this.#moveTo(state, version);
      this.#hashes.write(header.hash, 4 * state.words, HASH_BYTES, 'hex');
      noteMissing(state, event);
      explain(state, event);
      return null;
    }
    goOnAfter(finding, state, event);
    return { streamId, version, ...finding };
  }

  /**
   * Reports whether an event without faults is the next in its stream, by its version and its previous hash in words (zero if it contains
   * none). Returns false also if the words cannot decide that; then call `judge`.
   */
  isNext(
    { head, isInWords, words: own }: StreamState<Value>,
    version: number,
    words: Uint32Array,
    at: number,
  ): boolean {
    if (version !== (head?.version ?? 0) + 1) return false;
    if (head === null) return true;
    if (!isInWords) return false;
    const heads = this.#words;
    for (let word = 0; word < HASH_WORDS; word++) if (heads[own + word] !== words[at + word]) return false;
    return true;
  }

  /** Adds the next event of a stream, with its own hash in words. */
  addNext(state: StreamState<Value>, version: number, words: Uint32Array, at: number): void {
    this.#moveTo(state, version);
    const heads = this.#words;
    for (let word = 0; word < HASH_WORDS; word++) heads[state.words + word] = words[at + word] as number;
  }

  #moveTo(state: StreamState<Value>, version: number): void {
    state.head ??= { version, hash: null };
    state.head.version = version;
    state.isInWords = true;
    state.contentHash = null;
  }

  #headOf({ head, isInWords, words }: StreamState<Value>): ChainHead | null {
    if (head === null || !isInWords) return head;
    return { ...head, hash: this.#hashes.toString('hex', 4 * words, 4 * words + HASH_BYTES) };
  }

  /** Skips an unreadable event. Any hash may then follow. */
  passOver({ streamId, version }: Place): void {
    const state = this.stateOf(streamId);
    state.head = { version, hash: null };
    state.isInWords = false;
    state.contentHash = null;
  }

  /** Returns a stream's state; creates it if necessary. */
  stateOf(streamId: string): StreamState<Value> {
    const existing = this.#streams.get(streamId);
    if (existing !== undefined) return existing;
    const words = HASH_WORDS * this.#streams.size;
    const nothing = { head: null, isInWords: false, contentHash: null, unexplained: null, value: null };
    const state = { ...nothing, words };
    this.#streams.set(streamId, state);
    if (words + HASH_WORDS > this.#words.length) this.#grow();
    return state;
  }

  #grow(): void {
    const hashes = Buffer.alloc(2 * this.#hashes.length);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    this.#words = wordsOf(hashes);
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

const wordsOf = ({ buffer, byteOffset, length }: Buffer): Uint32Array =>
  new Uint32Array(buffer, byteOffset, length / 4);

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
  state.isInWords = false;
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
