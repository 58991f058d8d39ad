import { COMMAND_DIGEST } from '#event-sourcing/envelope';
import type { Envelope, JsonObject, Pointer } from '#event-sourcing/envelope';
import { redactionOf, valueAt } from '#event-sourcing/erasure';
import type { NamedValues } from '#event-sourcing/erasure';
import { messageOf } from '#event-sourcing/errors';
import { canonicalJson } from './canonical.ts';
import { hashOfForm1, numberWithin, saltedHash } from './event-hashes.ts';

/** A fault of an event that its own members or the previous event show. */
export type DivergenceCode =
  /** The event is not a valid envelope, so nothing in it can be checked. */
  | 'malformed'
  /** The event is sealed in a form that this build does not support, so nothing in it can be checked. */
  | 'unknown-form'
  /** The stream's versions have a gap or a duplicate. */
  | 'version'
  /** The sealed members do not match the hash. */
  | 'hash'
  /** The event does not follow the previous event. */
  | 'previous-hash'
  /** A sensitive value or its salt does not match its commitment. */
  | 'commitment'
  /** A sensitive value is missing, and no redaction names it. */
  | 'missing-value'
  /** The event's id does not derive from the command's id. */
  | 'event-id';

/** A fault of an event, without its position. */
export interface Finding {
  readonly code: DivergenceCode;
  readonly detail: string;
}

/** An event's own members. Stored data can contain anything. */
export type EventHeader = Readonly<ReturnType<typeof headerOf>>;

/** @param number the event's number within its command, derived from its id; null if no number matches. */
export const headerOf = (envelope: Envelope, number: number | null = null) => ({
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

/** The results of examining an event by itself. They are computed in any order and on any thread, and judged in stream order. */
export interface ExaminedEvent {
  readonly header: EventHeader;
  /** A change since sealing; if set, all other members of the event are ignored. */
  readonly changed: Finding | null;
  /** The hash of the content, if it differs from the event's hash. */
  readonly contentHash: string | null;
  /** A fault of the sensitive values or their salts. */
  readonly values: Finding | null;
  /** The sensitive values that were committed to and are missing. */
  readonly missing: readonly Pointer[];
  /** The values of an earlier event that this redaction names. */
  readonly redaction: NamedValues | null;
  /** The command's id, if its digest has no salt: then no request can be compared with the digest. */
  readonly unsaltedCommand: string | null;
}

/**
 * Examines an event of form 1 by itself. Invalid stored data is returned as a finding, never thrown.
 * @param isUnescaped as for `canonicalJson`.
 */
export function examineForm1(envelope: Envelope, isUnescaped: boolean): ExaminedEvent {
  const stated = envelope.hash;
  const sensitive = sensitiveIn(envelope);
  // The event may contain no hash, or one that no content can have.
  const actual = orMalformed(() => hashOfForm1(envelope, isUnescaped));
  const changed = typeof actual !== 'string' ? actual : actual === stated ? null : otherHash(actual, stated);
  const finding = orMalformed(() => valuesFinding(envelope, sensitive, isUnescaped) ?? idIn(envelope));
  const number = typeof finding === 'number' ? finding : null;
  const values = typeof finding === 'number' ? null : finding;
  return {
    header: headerOf(envelope, number),
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
    return { code: 'malformed', detail: `it is not a valid event: ${messageOf(error)}` };
  }
}

const otherHash = (actual: string, stated: string): Finding => ({
  code: 'hash',
  detail: `the event's content has the hash ${actual}, but it states ${stated}`,
});

/** Returns the values that a redaction names; null for other events. Stored data may have the type of a redaction without its members. */
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

function missingOf(envelope: Envelope, sensitive: readonly Pointer[]): readonly Pointer[] {
  const isMissing = (pointer: Pointer): boolean => valueAt(envelope, pointer) === undefined;
  return sensitive.some(isMissing) ? sensitive.filter(isMissing) : NOTHING;
}

/** Returns the pointers of an event's sensitive values; none if the data is not an event. */
const sensitiveIn = ({ commitments }: { readonly commitments?: object | null }): readonly Pointer[] =>
  commitments === null || commitments === undefined ? NOTHING : Object.keys(commitments);

/** A lower-case UUID of any version, and one of version 5. */
const COMMAND_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const EVENT_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** The event whose number was found last. The next search starts there, which affects only speed. */
let last = { command: '', number: -1 };

/** Returns the event's number within its command, or a finding if its id does not derive from the command's. */
function idIn({ eventId: id, command }: Envelope): Finding | number {
  const commandId = (command as Partial<Envelope['command']> | null)?.id;
  if (typeof commandId !== 'string' || !COMMAND_ID.test(commandId))
    return {
      code: 'event-id',
      detail: `the id of its command, ${JSON.stringify(commandId)}, is not a lower-case UUID`,
    };
  const likely = last.command === commandId ? last.number + 1 : 0;
  const number =
    numberWithin(commandId, id, likely, likely) ?? (EVENT_ID.test(id) ? numberWithin(commandId, id) : null);
  if (number === null)
    return { code: 'event-id', detail: `${JSON.stringify(id)} is not an id of its command's events` };
  last = { command: commandId, number };
  return number;
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

/** Returns how a sensitive value differs from its commitment; null if it matches, or is erased with its salt. */
export function wrongValue(
  event: Pick<Envelope, 'data' | 'salts'>,
  pointer: Pointer,
  commitment: string,
  isUnescaped = false,
): string | null {
  const value = valueAt(event, pointer);
  const salt = event.salts[pointer];
  if (value === undefined)
    return salt === undefined ? null : `${pointer} is missing, but its salt is present`;
  if (salt === undefined) return `${pointer} has no salt`;
  if (isSalt(salt) && saltedHash(salt, canonicalJson(value, undefined, isUnescaped)) === commitment)
    return null;
  return `${pointer} is not the value that was sealed`;
}

const notSealed = (detail: string): Finding => ({ code: 'commitment', detail });

const SALT = /^[0-9a-f]{32}$/;
const isSalt = (salt: unknown): boolean => typeof salt === 'string' && SALT.test(salt);

/** Returns a finding if a salt has no commitment. Salts are not hashed, so such a member could contain anything. */
function straySalt(envelope: Envelope): Finding | null {
  for (const pointer of Object.keys(envelope.salts)) {
    const expected =
      pointer === COMMAND_DIGEST
        ? envelope.command.digest !== null && isSalt(envelope.salts[pointer])
        : Object.hasOwn(envelope.commitments, pointer);
    if (!expected) return notSealed(`the salt at ${pointer} belongs to no value`);
  }
  return null;
}
