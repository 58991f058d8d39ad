import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { COMMAND_DIGEST } from '#event-sourcing/envelope';
import type { Envelope, JsonObject, Pointer } from '#event-sourcing/envelope';
import { pointerTokens, valueAt, withoutMember } from '#event-sourcing/erasure';
import { saltedHash } from './event-hashes.ts';
import { messageOf } from '#event-sourcing/errors';

/** What is wrong with an event, seen from its own members and the event before it. */
export type DivergenceCode =
  /** Not the form of an envelope, so nothing of it can be checked. */
  | 'malformed'
  /** The versions of the stream have a hole, or one twice. */
  | 'version'
  /** The sealed members are not the ones that were hashed. */
  | 'hash'
  /** The event does not follow the one before it. */
  | 'previous-hash'
  /** A sensitive value, or its salt, is not the one that was committed to. */
  | 'commitment'
  /** A sensitive value is gone, and no redaction names it. */
  | 'missing-value';

export interface Divergence {
  readonly streamId: string;
  readonly version: number;
  readonly code: DivergenceCode;
  readonly detail: string;
}

/** The event that the next one of its stream must follow; without a hash where that is not known. */
export interface ChainHead {
  readonly version: number;
  readonly hash: string | null;
}

/** Where an event is found, which is not what it says where somebody has changed it. */
export interface Place {
  readonly streamId: string;
  readonly version: number;
}

/** The type of the event that names erased values: `data: {eventId, erased: [pointer…]}`, in the same stream. */
const REDACTION = 'CommentRedacted';

/**
 * Verifies one event: its hash, its commitments, and that it follows the stream's head (null before version 1). A
 * sensitive value that is missing is no divergence here: only the rest of the stream can tell (`missingValues`).
 */
export function verifyEvent(head: ChainHead | null, envelope: Envelope): Divergence | null {
  return (
    orMalformed(envelope, () => hashDivergence(envelope)) ??
    orMalformed(envelope, () => chainDivergence(head, envelope) ?? commitmentDivergence(envelope))
  );
}

function orMalformed(envelope: Envelope, look: () => Divergence | null): Divergence | null {
  try {
    return look();
  } catch (error) {
    return divergence(envelope, 'malformed', `it has not the form of an event: ${messageOf(error)}`);
  }
}

/** The pointers of the sensitive values that an event once had and that are gone. */
export const missingValues = (envelope: Envelope): Pointer[] =>
  Object.keys(envelope.commitments).filter((pointer) => valueAt(envelope, pointer) === undefined);

/** SHA-256 over the canonical JSON of the envelope without position, hash, salts and sensitive values. */
export function envelopeHash(envelope: Envelope): string {
  const { position: _position, hash: _hash, salts: _salts, ...sealed } = envelope;
  let body = sealed as unknown as JsonObject;
  for (const pointer of Object.keys(envelope.commitments)) body = withoutMember(body, pointerTokens(pointer));
  const text = canonicalize(body);
  if (text === undefined) throw new TypeError('the envelope has no canonical JSON');
  return hash('sha256', text, 'hex');
}

function hashDivergence(envelope: Envelope): Divergence | null {
  const actual = envelopeHash(envelope);
  if (actual === envelope.hash) return null;
  return divergence(
    envelope,
    'hash',
    `the event's content has the hash ${actual}, and it says ${envelope.hash}`,
  );
}

function chainDivergence(head: ChainHead | null, envelope: Envelope): Divergence | null {
  const expected = (head?.version ?? 0) + 1;
  if (envelope.version !== expected) {
    return divergence(envelope, 'version', `version ${envelope.version} stands where ${expected} should`);
  }
  if (head !== null && head.hash === null) return null;
  const previous = head?.hash ?? null;
  if (envelope.previousHash === previous) return null;
  const said = envelope.previousHash ?? 'none';
  return divergence(
    envelope,
    'previous-hash',
    `it follows ${said}, and the event before it is ${previous ?? 'none'}`,
  );
}

function commitmentDivergence(envelope: Envelope): Divergence | null {
  const { commitments, salts } = envelope;
  for (const [pointer, commitment] of Object.entries(commitments)) {
    const value = valueAt(envelope, pointer);
    const salt = salts[pointer];
    if (value === undefined) {
      if (salt === undefined) continue;
      return divergence(envelope, 'commitment', `${pointer} is gone, but its salt is still there`);
    }
    if (salt === undefined) return divergence(envelope, 'commitment', `${pointer} has no salt`);
    if (!SALT.test(salt) || saltedHash(salt, canonicalize(value) ?? '') !== commitment) {
      return divergence(envelope, 'commitment', `${pointer} is not the value that was sealed`);
    }
  }
  return strayMemberDivergence(envelope);
}

const SALT = /^[0-9a-f]{32}$/;

/** Salts are not hashed, so nothing else may stand among them. */
function strayMemberDivergence(envelope: Envelope): Divergence | null {
  for (const [pointer, salt] of Object.entries(envelope.salts)) {
    const expected =
      pointer === COMMAND_DIGEST
        ? envelope.command.digest !== null && SALT.test(salt)
        : Object.hasOwn(envelope.commitments, pointer);
    if (!expected) return divergence(envelope, 'commitment', `the salt at ${pointer} belongs to nothing`);
  }
  return null;
}

const divergence = ({ streamId, version }: Place, code: DivergenceCode, detail: string): Divergence => ({
  streamId,
  version,
  code,
  detail,
});

interface StreamState {
  head: ChainHead | null;
  /** What else the next event may follow: the hash of the last event's content, where it stated another. */
  contentHash: string | null;
  /** Event id → its missing values that no redaction has named yet. */
  unexplained: Map<string, { readonly version: number; readonly pointers: Set<Pointer> }> | null;
}

/**
 * Verifies events in the order of their streams; streams may be interleaved, as in the log. What it keeps for a
 * stream is its head and the values that are missing without a redaction so far.
 */
export class StreamVerifier {
  readonly #streams = new Map<string, StreamState>();

  /**
   * The divergence of this event, if any; missing values are judged in `finish`. What it says of its stream and version counts
   * where its content holds, else the place at which it was found.
   */
  add(envelope: Envelope, place: Place = envelope): Divergence | null {
    const changed = orMalformed(envelope, () => hashDivergence(envelope));
    const { streamId, version } = changed === null ? envelope : place;
    const state = this.#stateOf(streamId);
    const found = changed ?? verifyAfter(state, envelope);
    if (found === null) {
      state.head = { version, hash: envelope.hash };
      state.contentHash = null;
      noteMissing(state, envelope);
      if (envelope.type === REDACTION) explain(state, envelope.data);
      return null;
    }
    goOnAfter(found, state, envelope);
    return { ...found, streamId, version };
  }

  /** Passes over an event that cannot be read: the next one may follow it. */
  passOver({ streamId, version }: Place): void {
    const state = this.#stateOf(streamId);
    state.head = { version, hash: null };
    state.contentHash = null;
  }

  #stateOf(streamId: string): StreamState {
    const state = this.#streams.get(streamId) ?? { head: null, contentHash: null, unexplained: null };
    this.#streams.set(streamId, state);
    return state;
  }

  /** Ends the streams: every value that is missing and that no redaction names is a divergence. */
  finish(): Divergence[] {
    const divergences: Divergence[] = [];
    for (const [streamId, { unexplained }] of this.#streams) {
      for (const { version, pointers } of unexplained?.values() ?? []) {
        for (const pointer of pointers) {
          const detail = `${pointer} is gone, and no later ${REDACTION} names it`;
          divergences.push({ streamId, version, code: 'missing-value', detail });
        }
      }
    }
    this.#streams.clear();
    return divergences;
  }
}

function verifyAfter({ head, contentHash }: StreamState, envelope: Envelope): Divergence | null {
  const found = verifyEvent(head, envelope);
  if (found?.code !== 'previous-hash' || head === null || contentHash === null) return found;
  return verifyEvent({ version: head.version, hash: contentHash }, envelope);
}

/**
 * Goes on after an event with a divergence, so that one changed event is one divergence: the next one follows the hash
 * that this one states, or (where that was what was changed) the hash of its content.
 */
function goOnAfter({ code }: Divergence, state: StreamState, envelope: Envelope): void {
  const version = code === 'version' ? envelope.version : (state.head?.version ?? 0) + 1;
  const isTold = code !== 'malformed' && typeof envelope.hash === 'string';
  state.head = { version, hash: isTold ? envelope.hash : null };
  state.contentHash = code === 'hash' ? envelopeHash(envelope) : null;
  // What is missing of it would be a second divergence of the same event, unless its content holds.
  if (code === 'version' || code === 'previous-hash') {
    noteMissing(state, envelope);
    if (envelope.type === REDACTION) explain(state, envelope.data);
  }
}

function noteMissing(state: StreamState, envelope: Envelope): void {
  const missing = missingValues(envelope);
  if (missing.length === 0) return;
  state.unexplained ??= new Map();
  state.unexplained.set(envelope.eventId, { version: envelope.version, pointers: new Set(missing) });
}

function explain(state: StreamState, { eventId, erased }: JsonObject): void {
  if (typeof eventId !== 'string' || !Array.isArray(erased)) return;
  const entry = state.unexplained?.get(eventId);
  for (const pointer of erased as readonly unknown[]) entry?.pointers.delete(String(pointer));
  if (entry?.pointers.size === 0) state.unexplained?.delete(eventId);
}
