import { isUuid } from '#event-sourcing/envelope';
import type { JsonValue } from '#event-sourcing/envelope';
import { memberOf, pointerTokens } from '#event-sourcing/erasure';
import { FORM, isKnownForm } from '#event-sourcing/forms';
import type { PackedEvent } from './lay-out-pack.ts';
import { has, isCount, isHash, mapOf, matches, orNull, unfit } from './shapes.ts';
import type { Check } from './shapes.ts';
import { isObject, isText, isTexts, quoteTruncated } from './strict-text.ts';

/** A JSON pointer (RFC 6901) to a sensitive value in `data`. */
const POINTER = /^\/data(?:\/(?:[^~/]|~[01])*)+$/;

const isNonce = matches(/^[0-9a-f]{32}$/);
/** An id is in lower case, so that it has only one spelling. */
const isId: Check = (value) => isText(value) && isUuid(value) && value === value.toLowerCase();
/** Years 0001 to 9999: implementations differ for other years. */
export const isInstant: Check = (value) =>
  isText(value) &&
  /^(?!0000)\d{4}-/.test(value) &&
  !Number.isNaN(Date.parse(value)) &&
  new Date(value).toISOString() === value;
export const isDay: Check = (value) => isText(value) && isInstant(`${value}T00:00:00.000Z`);

/** The checks of an envelope's members, form 1; docs/event-format.md describes them. */
const MEMBERS: Readonly<Record<keyof PackedEvent, Check>> = {
  envelope: (value) => value === FORM,
  eventId: isId,
  type: isText,
  schemaVersion: isCount,
  streamId: isText,
  version: isCount,
  recordedAt: isInstant,
  effectiveOn: isDay,
  actor: has({ subject: isText, roles: isTexts }),
  command: has({ id: isId, name: isText, digest: orNull(isHash) }),
  decision: orNull(has({ role: isText, guards: isTexts })),
  correlationId: isText,
  causationId: orNull(isText),
  origin: (value) => isText(value) && ['command', 'import', 'sweep'].includes(value),
  lifecycle: orNull(has({ name: isText, version: isCount, digest: isHash })),
  state: orNull(mapOf(/^/, isText)),
  data: isObject,
  nonce: isNonce,
  commitments: mapOf(POINTER, isHash),
  salts: mapOf(POINTER, isNonce),
  previousHash: orNull(isHash),
  hash: isHash,
};

/** Returns the number of a form that this verifier does not know; null for a known one or another value. */
export function unknownForm(value: JsonValue): number | null {
  const form = isObject(value) ? value['envelope'] : undefined;
  return typeof form === 'number' && !isKnownForm(form) ? form : null;
}

/**
 * Returns a value as an event.
 * @throws TypeError naming the invalid member.
 */
export function readEnvelope(value: JsonValue): PackedEvent {
  const wrong = unfit(value, MEMBERS);
  if (wrong !== null) throw new TypeError(`is not an event, or has an invalid ${quoteTruncated(wrong)}`);
  const event = value as unknown as PackedEvent;
  if ((event.state === null) !== (event.lifecycle === null))
    throw new TypeError('has a state without a lifecycle, or a lifecycle without a state');
  for (const pointer of Object.keys(event.salts))
    if (!Object.hasOwn(event.commitments, pointer))
      throw new TypeError(`has a salt without a value: ${pointer}`);
  for (const pointer of Object.keys(event.commitments))
    if (isOfList(event, pointer)) throw new TypeError(`commits to an item of a list: ${pointer}`);
  const nested = findNested(Object.keys(event.commitments));
  if (nested !== undefined) throw new TypeError(`commits to a value within another: ${nested}`);
  return event;
}

/** Returns a pointer into another pointer's value: neither could be omitted alone. Sorted pointers have it directly after the other. */
const findNested = (pointers: readonly string[]): string | undefined =>
  pointers
    .map((pointer) => `${pointer}/`)
    .sort()
    .find((pointer, index, all) => index > 0 && pointer.startsWith(all[index - 1] ?? '/'));

/** Reports whether a pointer names an item of a list: omitting it would move the other items. */
function isOfList({ data }: PackedEvent, pointer: string): boolean {
  let around: JsonValue | undefined = data;
  for (const token of pointerTokens(pointer).slice(1, -1)) around = memberOf(around, token);
  return Array.isArray(around);
}
