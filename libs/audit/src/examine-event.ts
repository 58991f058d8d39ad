import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { COMMAND_DIGEST } from '#event-sourcing/envelope';
import type { Envelope, JsonObject, JsonValue, Pointer } from '#event-sourcing/envelope';
import { pointerTokens, redactionOf, valueAt, withoutMember } from '#event-sourcing/erasure';
import type { NamedValues } from '#event-sourcing/erasure';
import { messageOf } from '#event-sourcing/errors';
import { canonicalJson, omittedTree } from './canonical.ts';
import type { Omitted } from './canonical.ts';
import { isEventId, isHex, SALT_BYTES, saltedHash } from './event-hashes.ts';

/** What is wrong with an event, seen from its own members and the event before it. */
export type DivergenceCode =
  /** Not the form of an envelope, so nothing of it can be checked. */
  | 'malformed'
  /** Sealed in a form that is not known here, so nothing of it can be checked. */
  | 'unknown-form'
  /** The versions of the stream have a hole, or one twice. */
  | 'version'
  /** The sealed members are not the ones that were hashed. */
  | 'hash'
  /** The event does not follow the one before it. */
  | 'previous-hash'
  /** A sensitive value, or its salt, is not the one that was committed to. */
  | 'commitment'
  /** A sensitive value is gone, and no redaction names it. */
  | 'missing-value'
  /** The id is not the one that its command gives to any of its events. */
  | 'event-id';

/** What an event shows to be wrong, wherever it stands. */
export interface Finding {
  readonly code: DivergenceCode;
  readonly detail: string;
}

/** What an event says of itself; what is stored may be anything. */
export interface Said extends Pick<
  Envelope,
  | 'streamId'
  | 'version'
  | 'position'
  | 'eventId'
  | 'type'
  | 'recordedAt'
  | 'lifecycle'
  | 'state'
  | 'hash'
  | 'previousHash'
> {
  readonly commandId: string;
  /** Which of its command's events it is, as its id says; null where that gives none. */
  readonly number: number | null;
}

/** What an event says of itself. */
export const saidIn = (envelope: Envelope, number: number | null = null): Said => ({
  streamId: envelope.streamId,
  version: envelope.version,
  position: envelope.position,
  eventId: envelope.eventId,
  type: envelope.type,
  recordedAt: envelope.recordedAt,
  commandId: (envelope.command as Partial<Envelope['command']> | null | undefined)?.id as string,
  number,
  lifecycle: envelope.lifecycle,
  state: envelope.state,
  hash: envelope.hash,
  previousHash: envelope.previousHash,
});

/** All that an event shows by itself: found in any order and on any thread, and judged in the order of its stream. */
export interface ExaminedEvent {
  readonly said: Said;
  /** That it is not what was sealed: then nothing else that it says counts. */
  readonly changed: Finding | null;
  /** The hash of its content, where it states another. */
  readonly contentHash: string | null;
  /** What is wrong with its sensitive values and salts. */
  readonly values: Finding | null;
  /** The sensitive values that it once had, and that are gone. */
  readonly missing: readonly Pointer[];
  /** What it says is gone of an event before it, where it is a redaction. */
  readonly redaction: NamedValues | null;
  /** Its command, where that has a digest and no salt, so that no request can be held against it. */
  readonly unsaltedCommand: string | null;
}

/**
 * Looks at an event of form 1 by itself. What is stored may be anything: that is found, and not thrown.
 * @param isUnescaped as `canonicalJson` has it.
 */
export function examineForm1(envelope: Envelope, isUnescaped: boolean): ExaminedEvent {
  const stated = envelope.hash;
  const sensitive = sensitiveIn(envelope);
  const quick = quickHash(envelope, sensitive, isUnescaped);
  // An event may state no hash at all, which is none that could be made.
  const actual = quick !== null && quick === stated ? stated : orMalformed(() => hashOfForm1(envelope));
  const changed = typeof actual !== 'string' ? actual : actual === stated ? null : otherHash(actual, stated);
  const found = orMalformed(() => valuesFinding(envelope, sensitive, isUnescaped) ?? idIn(envelope));
  const number = typeof found === 'number' ? found : null;
  const values = typeof found === 'number' ? null : found;
  return {
    said: saidIn(envelope, number),
    changed,
    contentHash: changed?.code === 'hash' ? (actual as string) : null,
    values,
    missing: changed === null ? missingOf(envelope, sensitive) : NOTHING,
    redaction: redactionIn(envelope),
    unsaltedCommand: changed === null && values === null ? unsaltedCommand(envelope) : null,
  };
}

const NOTHING: readonly never[] = [];

function orMalformed<Result>(look: () => Result): Result | Finding {
  try {
    return look();
  } catch (error) {
    return { code: 'malformed', detail: `it has not the form of an event: ${messageOf(error)}` };
  }
}

const otherHash = (actual: string, stated: string): Finding => ({
  code: 'hash',
  detail: `the event's content has the hash ${actual}, and it says ${stated}`,
});

/** What is stored may call itself a redaction, or a keyed command's event, and say nothing. */
const redactionIn = ({
  type,
  data,
}: {
  readonly type: string;
  readonly data?: JsonObject | null;
}): NamedValues | null => (data === null || data === undefined ? null : redactionOf({ type, data }));

function unsaltedCommand({
  command,
  salts,
}: {
  readonly command?: Partial<Envelope['command']> | null;
  readonly salts: object;
}): string | null {
  if (command?.id === undefined || (command.digest ?? null) === null) return null;
  return Object.hasOwn(salts, COMMAND_DIGEST) ? null : command.id;
}

/** The pointers of the sensitive values that an event once had and that are gone. */
export const missingValues = (envelope: Envelope): readonly Pointer[] =>
  missingOf(envelope, Object.keys(envelope.commitments));

function missingOf(envelope: Envelope, sensitive: readonly Pointer[]): readonly Pointer[] {
  const isMissing = (pointer: Pointer): boolean => valueAt(envelope, pointer) === undefined;
  return sensitive.some(isMissing) ? sensitive.filter(isMissing) : NOTHING;
}

/** The pointers of an event's sensitive values; none of what is no event. */
const sensitiveIn = ({ commitments }: { readonly commitments?: object | null }): readonly Pointer[] =>
  commitments === null || commitments === undefined ? NOTHING : Object.keys(commitments);

/**
 * The hash of form 1 by the canonical JSON that seals, in half the time: it only ever says that an event holds. Null where it cannot be
 * made; what is wrong then, the reference says.
 */
function quickHash(envelope: Envelope, sensitive: readonly Pointer[], isUnescaped: boolean): string | null {
  try {
    const omitted = omittedOf(sensitive);
    return hash('sha256', canonicalJson(envelope as unknown as JsonObject, omitted, isUnescaped), 'hex');
  } catch {
    return null;
  }
}

const NOT_HASHED = [['position'], ['hash'], ['salts']];

/** Nearly all events name one of few lists of sensitive values. */
const known = new Map<string, { readonly pointers: readonly Pointer[]; readonly omitted: Omitted }>();
const KNOWN_MAX = 1_000;
const KNOWN_LENGTH_MAX = 1_000;

/** What is not hashed of an event with sensitive values. */
function omittedOf(pointers: readonly Pointer[]): Omitted {
  const name = pointers.join();
  const found = known.get(name);
  if (found !== undefined && pointers.every((pointer, index) => pointer === found.pointers[index]))
    return found.omitted;
  const omitted = omittedTree([...NOT_HASHED, ...pointers.map(pointerTokens)]);
  if (known.size < KNOWN_MAX && name.length <= KNOWN_LENGTH_MAX) known.set(name, { pointers, omitted });
  return omitted;
}

/** SHA-256 over the canonical JSON of the envelope without position, hash, salts and sensitive values. */
export function hashOfForm1(envelope: Envelope): string {
  const { position: _position, hash: _hash, salts: _salts, ...sealed } = envelope;
  let body = sealed as unknown as JsonObject;
  for (const pointer of Object.keys(envelope.commitments)) body = withoutMember(body, pointerTokens(pointer));
  const text = canonicalize(body);
  if (text === undefined) throw new TypeError('the envelope has no canonical JSON');
  return hash('sha256', text, 'hex');
}

/** The largest number that the first event of a command can have in a stream. */
const FIRST_NUMBER_MAX = 9_999;
/** An id in lower case, of whatever version; and one of version 5. */
const COMMAND_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const EVENT_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** The event whose number was found last, where a search begins: the next one mostly has the next number. It changes no result. */
let last = { command: '', number: -1 };

/** Which of its command's events it is, by its id; what is wrong where the id is none that the command gives. */
function idIn({ eventId: id, command }: Envelope): Finding | number {
  const commandId = (command as Partial<Envelope['command']> | null)?.id;
  if (typeof commandId !== 'string' || !COMMAND_ID.test(commandId))
    return {
      code: 'event-id',
      detail: `the id of its command, ${JSON.stringify(commandId)}, is no UUID in lower case`,
    };
  const isNumbered = (number: number): boolean => typeof id === 'string' && isEventId(id, commandId, number);
  const likely = last.command === commandId ? last.number + 1 : 0;
  const number = isNumbered(likely) ? likely : EVENT_ID.test(id) ? numberOf(isNumbered) : null;
  if (number === null)
    return { code: 'event-id', detail: `${JSON.stringify(id)} is not an id that its command gives` };
  last = { command: commandId, number };
  return number;
}

function numberOf(isNumbered: (number: number) => boolean): number | null {
  for (let number = 0; number <= FIRST_NUMBER_MAX; number++) if (isNumbered(number)) return number;
  return null;
}

function valuesFinding(
  envelope: Envelope,
  sensitive: readonly Pointer[],
  isUnescaped: boolean,
): Finding | null {
  for (const pointer of sensitive) {
    const detail = wrongValue(envelope, pointer, envelope.commitments[pointer] as string, isUnescaped);
    if (detail !== null) return notSealed(detail);
  }
  return straySalt(envelope);
}

/** In what a sensitive value is not what was committed to; null where it is, or is gone with its salt. */
export function wrongValue(
  event: Pick<Envelope, 'data' | 'salts'>,
  pointer: Pointer,
  commitment: string,
  isUnescaped = false,
): string | null {
  const value = valueAt(event, pointer);
  const salt = event.salts[pointer];
  if (value === undefined) return salt === undefined ? null : `${pointer} is gone, and its salt is there`;
  if (salt === undefined) return `${pointer} has no salt`;
  const isHeld =
    isSalt(salt) &&
    (isQuicklySealed(salt, value, commitment, isUnescaped) || isSealed(salt, value, commitment));
  if (isHeld) return null;
  return `${pointer} is not the value that was sealed`;
}

const isSealed = (salt: string, value: JsonValue, commitment: string): boolean =>
  saltedHash(salt, canonicalize(value) ?? '') === commitment;

/** The same by the canonical JSON that seals, which only ever says that a value holds. */
function isQuicklySealed(salt: string, value: JsonValue, commitment: string, isUnescaped: boolean): boolean {
  try {
    return saltedHash(salt, canonicalJson(value, undefined, isUnescaped)) === commitment;
  } catch {
    return false;
  }
}

const notSealed = (detail: string): Finding => ({ code: 'commitment', detail });

/** What is stored may be anything. */
const isSalt = (salt: unknown): boolean => typeof salt === 'string' && isHex(salt, 2 * SALT_BYTES);

/** Salts are not hashed, so nothing else may stand among them. */
function straySalt(envelope: Envelope): Finding | null {
  for (const pointer of Object.keys(envelope.salts)) {
    const expected =
      pointer === COMMAND_DIGEST
        ? envelope.command.digest !== null && isSalt(envelope.salts[pointer])
        : Object.hasOwn(envelope.commitments, pointer);
    if (!expected) return notSealed(`the salt at ${pointer} belongs to nothing`);
  }
  return null;
}
