import { isUuid } from '#event-sourcing/envelope';
import type { JsonValue } from '#event-sourcing/envelope';
import { memberOf, pointerTokens } from '#event-sourcing/erasure';
import { FORM, isKnownForm } from '#event-sourcing/forms';
import type { PackedEvent } from './lay-out-pack.ts';
import { has, isCount, isHash, mapOf, matches, orNull, unfit } from './shapes.ts';
import type { Check } from './shapes.ts';
import { isObject, isText, isTexts, shown } from './strict-text.ts';

/** Of a sensitive value: in `data`, and written in the one way that RFC 6901 has. */
const POINTER = /^\/data(?:\/(?:[^~/]|~[01])*)+$/;

const isNonce = matches(/^[0-9a-f]{32}$/);
/** In lower case, so that one id has one spelling. */
const isId: Check = (value) => isText(value) && isUuid(value) && value === value.toLowerCase();
/** Of the years 0001 to 9999: programs differ on others. */
const isInstant: Check = (value) =>
  isText(value) &&
  /^(?!0000)\d{4}-/.test(value) &&
  !Number.isNaN(Date.parse(value)) &&
  new Date(value).toISOString() === value;
export const isDay: Check = (value) => isText(value) && isInstant(`${value}T00:00:00.000Z`);

/** What each member of an envelope, form 1, has to be; docs/event-format.md says what it means. */
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

/** The number of a form that no verifier of this version knows; null for one that it knows, and for what is no number. */
export function unknownForm(value: JsonValue): number | null {
  const form = isObject(value) ? value['envelope'] : undefined;
  return typeof form === 'number' && !isKnownForm(form) ? form : null;
}

/**
 * A value as an event.
 * @throws TypeError naming the member that is none of an envelope's.
 */
export function readEnvelope(value: JsonValue): PackedEvent {
  const wrong = unfit(value, MEMBERS);
  if (wrong !== null) throw new TypeError(`is no event, or has no ${shown(wrong)} as one has it`);
  const event = value as unknown as PackedEvent;
  if ((event.state === null) !== (event.lifecycle === null))
    throw new TypeError('has a state without a lifecycle, or a lifecycle without a state');
  for (const pointer of Object.keys(event.salts))
    if (!Object.hasOwn(event.commitments, pointer)) throw new TypeError(`has a salt of nothing: ${pointer}`);
  for (const pointer of Object.keys(event.commitments))
    if (isOfList(event, pointer)) throw new TypeError(`commits to an item of a list: ${pointer}`);
  const nested = nestedIn(Object.keys(event.commitments));
  if (nested !== undefined) throw new TypeError(`commits to a value within another: ${nested}`);
  return event;
}

/** A pointer that leads into the value of another, of which one alone could not be left out. In order, it stands right behind that. */
const nestedIn = (pointers: readonly string[]): string | undefined =>
  pointers
    .map((pointer) => `${pointer}/`)
    .sort()
    .find((pointer, index, all) => index > 0 && pointer.startsWith(all[index - 1] ?? '/'));

/** Whether a pointer leads to an item of a list, which could not be left out without moving the others. */
function isOfList({ data }: PackedEvent, pointer: string): boolean {
  let around: JsonValue | undefined = data;
  for (const token of pointerTokens(pointer).slice(1, -1)) around = memberOf(around, token);
  return Array.isArray(around);
}
