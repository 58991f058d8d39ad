import { isUuid } from '#event-sourcing/envelope';
import type { JsonValue } from '#event-sourcing/envelope';
import { memberOf, pointerTokens } from '#event-sourcing/erasure';
import { FORM, isKnownForm } from '#event-sourcing/forms';
import type { PackedEvent } from './lay-out-pack.ts';
import { hasExactly, isObject, isText, isTexts } from './strict-text.ts';

type Check = (value: JsonValue | undefined) => boolean;

const DAY = /^\d{4}-\d\d-\d\d$/;
const HASH = /^[0-9a-f]{64}$/;
const NONCE = /^[0-9a-f]{32}$/;
/** Of a sensitive value: in `data`, and written in the one way that RFC 6901 has. */
const POINTER = /^\/data(?:\/(?:[^~/]|~[01])*)+$/;

const matches =
  (form: RegExp): Check =>
  (value) =>
    isText(value) && form.test(value);
const isHash = matches(HASH);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 1;
const isInstant: Check = (value) =>
  isText(value) && !Number.isNaN(Date.parse(value)) && new Date(value).toISOString() === value;
const isDay: Check = (value) => isText(value) && DAY.test(value) && isInstant(`${value}T00:00:00.000Z`);
const isMapOf =
  (key: RegExp, check: Check): Check =>
  (value) =>
    isObject(value) && Object.entries(value).every(([name, member]) => key.test(name) && check(member));
const has =
  (members: Readonly<Record<string, Check>>): Check =>
  (value) =>
    hasExactly(value, Object.keys(members)) &&
    Object.entries(members).every(([name, check]) => check(value[name]));

/** What each member of an envelope, form 1, has to be; docs/event-format.md says what it means. */
const MEMBERS: Readonly<Record<keyof PackedEvent, Check>> = {
  envelope: (value) => value === FORM,
  eventId: isText,
  type: isText,
  schemaVersion: isCount,
  streamId: isText,
  version: isCount,
  recordedAt: isInstant,
  effectiveOn: isDay,
  actor: has({ subject: isText, roles: isTexts }),
  command: has({ id: (id) => isText(id) && isUuid(id), name: isText, digest: orNull(isHash) }),
  decision: orNull(has({ role: isText, guards: isTexts })),
  correlationId: isText,
  causationId: orNull(isText),
  origin: (value) => isText(value) && ['command', 'import', 'sweep'].includes(value),
  lifecycle: orNull(has({ name: isText, version: isCount, digest: isHash })),
  state: orNull(isMapOf(/^/, isText)),
  data: isObject,
  nonce: matches(NONCE),
  commitments: isMapOf(POINTER, isHash),
  salts: isMapOf(POINTER, matches(NONCE)),
  previousHash: orNull(isHash),
  hash: isHash,
};
const NAMES = Object.keys(MEMBERS) as (keyof PackedEvent)[];

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
  if (!isObject(value)) throw new TypeError('is no object');
  const stray = Object.keys(value).find((name) => !Object.hasOwn(MEMBERS, name));
  if (stray !== undefined) throw new TypeError(`has a member that no event has: ${JSON.stringify(stray)}`);
  const wrong = NAMES.find((name) => !Object.hasOwn(value, name) || !MEMBERS[name](value[name]));
  if (wrong !== undefined) throw new TypeError(`has no ${wrong} as an event has it`);
  const event = value as unknown as PackedEvent;
  if ((event.state === null) !== (event.lifecycle === null))
    throw new TypeError('has a state without a lifecycle, or a lifecycle without a state');
  for (const pointer of Object.keys(event.salts))
    if (!Object.hasOwn(event.commitments, pointer)) throw new TypeError(`has a salt of nothing: ${pointer}`);
  for (const pointer of Object.keys(event.commitments))
    if (isOfList(event, pointer)) throw new TypeError(`commits to an item of a list: ${pointer}`);
  return event;
}

/** Whether a pointer leads to an item of a list, which could not be left out without moving the others. */
function isOfList({ data }: PackedEvent, pointer: string): boolean {
  let around: JsonValue | undefined = data;
  for (const token of pointerTokens(pointer).slice(1, -1)) around = memberOf(around, token);
  return Array.isArray(around);
}
