import { COMMAND_DIGEST } from './envelope.ts';
import type { Envelope, JsonObject, JsonValue, Pointer } from './envelope.ts';
import { refuseUnknownForm } from './forms.ts';

/** Caches parsed pointers. Nearly all are those of a few dozen kinds of sensitive values. */
const tokensByPointer = new Map<Pointer, readonly string[]>();
const READ_MAX = 1_000;
const LENGTH_READ_MAX = 200;

/** Returns the reference tokens of a JSON pointer (RFC 6901): `/data/a~1b` is `data`, `a/b`. */
export function pointerTokens(pointer: Pointer): readonly string[] {
  const cached = tokensByPointer.get(pointer);
  if (cached !== undefined) return cached;
  if (!pointer.startsWith('/')) throw new RangeError(`${JSON.stringify(pointer)} is not a JSON pointer`);
  const tokens = pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (tokensByPointer.size < READ_MAX && pointer.length <= LENGTH_READ_MAX)
    tokensByPointer.set(pointer, tokens);
  return tokens;
}

/** Returns a reference token escaped for a pointer. */
export const escapeToken = (token: string): string => token.replaceAll('~', '~0').replaceAll('/', '~1');

const INDEX = /^(?:0|[1-9]\d*)$/;

/** Returns the value of an own member of an object, or of an item of an array. */
export function memberOf(value: JsonValue | undefined, token: string): JsonValue | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (isArray(value)) return INDEX.test(token) ? value[Number(token)] : undefined;
  return Object.hasOwn(value, token) ? value[token] : undefined;
}

/** Returns the value at a pointer from the envelope; undefined if there is none. */
export function valueAt(envelope: { readonly data: JsonObject }, pointer: Pointer): JsonValue | undefined {
  let value: JsonValue | undefined = envelope;
  for (const token of pointerTokens(pointer)) value = memberOf(value, token);
  return value;
}

/** Returns a copy without the member at the end of the path; the same value if there is no such member. */
export function withoutMember<T extends JsonValue>(value: T, path: readonly string[]): T;
export function withoutMember(value: JsonValue, [token, ...rest]: readonly string[]): JsonValue {
  if (token === undefined) return value;
  const member = memberOf(value, token);
  if (member === undefined) return value;
  if (isArray(value)) {
    const item = withoutMember(member, rest);
    return item === member ? value : value.with(Number(token), item);
  }
  const object = value as JsonObject;
  if (rest.length === 0) {
    const copy = { ...object };
    Reflect.deleteProperty(copy, token);
    return copy;
  }
  const changed = withoutMember(member, rest);
  return changed === member ? value : { ...object, [token]: changed };
}

/**
 * Returns the envelope without the named sensitive values, their salts, and the salt of the command's digest. (With that salt, a short text
 * could be guessed from the request; it may be named alone.) Returns the same envelope if all of them are already erased.
 * @throws UnknownFormError
 * @throws RangeError if a pointer is not that of a sensitive value: the hash would no longer verify without it.
 */
export function eraseFromEnvelope<E extends Omit<Envelope, 'position'>>(
  envelope: E,
  pointers: readonly Pointer[],
): E {
  refuseUnknownForm(envelope);
  let { data, salts }: { data: JsonObject; salts: Envelope['salts'] } = envelope;
  for (const pointer of pointers) {
    if (pointer !== COMMAND_DIGEST && !Object.hasOwn(envelope.commitments, pointer)) {
      throw new RangeError(`${pointer} is not a sensitive value of event ${envelope.eventId}`);
    }
    if (pointer !== COMMAND_DIGEST) data = withoutMember(data, pointerTokens(pointer).slice(1));
    salts = withoutMember(salts as JsonObject, [pointer]) as Envelope['salts'];
    salts = withoutMember(salts as JsonObject, [COMMAND_DIGEST]) as Envelope['salts'];
  }
  return data === envelope.data && salts === envelope.salts ? envelope : { ...envelope, data, salts };
}

/**
 * Returns the event with only the sensitive values at these pointers. Commitments and salts still list the others.
 * @throws UnknownFormError
 */
export function withoutTexts<
  E extends Pick<Envelope, 'data' | 'commitments'> &
    Partial<Pick<Envelope, 'envelope' | 'streamId' | 'version'>>,
>(envelope: E, kept: readonly Pointer[] = []): E {
  refuseUnknownForm(envelope);
  let { data }: { data: JsonObject } = envelope;
  for (const pointer of Object.keys(envelope.commitments)) {
    if (!kept.includes(pointer)) data = withoutMember(data, pointerTokens(pointer).slice(1));
  }
  return data === envelope.data ? envelope : { ...envelope, data };
}

/**
 * The event type that names erased values of an earlier event in its stream. It is the only type with a meaning for the envelope's rules.
 */
export const REDACTION = 'CommentRedacted';

/** Erased values of an event. */
export interface NamedValues {
  readonly eventId: string;
  readonly erased: readonly Pointer[];
}

/** Returns the values that a redaction erases; null for any other event, and for a malformed redaction. */
export function redactionOf({ type, data }: Pick<Envelope, 'type' | 'data'>): NamedValues | null {
  if (type !== REDACTION) return null;
  const { eventId, erased } = data;
  if (typeof eventId !== 'string' || erased === undefined || !isArray(erased)) return null;
  return { eventId, erased: erased.filter((pointer) => typeof pointer === 'string') };
}

/** Returns the event without the values that a redaction names. Ignores pointers to other values. */
export function withoutNamed<E extends Omit<Envelope, 'position'>>(
  envelope: E,
  erased: readonly Pointer[],
): E {
  return eraseFromEnvelope(
    envelope,
    erased.filter((pointer) => Object.hasOwn(envelope.commitments, pointer)),
  );
}

const isArray = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);
