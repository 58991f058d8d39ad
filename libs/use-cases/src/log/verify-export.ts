import { isDeepStrictEqual } from 'node:util';
import { missingValues } from '#audit/examine-event';
import { examineEvent } from '#audit/forms';
import { COMMAND_DIGEST } from '#event-sourcing/envelope';
import type { Envelope, Pointer } from '#event-sourcing/envelope';
import { escapeToken, redactionOf, valueAt } from '#event-sourcing/erasure';
import { UnknownShapeError } from '#event-sourcing/errors';
import type { KnownStatecharts } from '#lifecycle/lifecycles';
import { detailsOf } from '#state-machines/any-kind';
import { lifecycles as ofThisBuild } from '#state-machines/lifecycles';
import { NO_PARTS } from '#state-machines/record-parts';
import { kinds } from '#state-machines/record-streams';
import type { Withheld } from '../register/export-record.ts';
import { jsonErrorPlace } from './json-error-place.ts';
import { repeatedMember } from './repeated-members.ts';
import { HistoryVerifier } from './verify-history.ts';
import type { HistoryDivergence, HistoryVerification } from './verify-history.ts';

export interface ExportVerification extends HistoryVerification {
  /** The record's id according to the file. */
  readonly id: string | null;
  /** The number of erased values, and of values only withheld from this file. */
  readonly erased: number;
  readonly withheld: number;
}

/** The text is not an export of a record. */
export class NoExportError extends Error {
  override readonly name = 'NoExportError';
}

interface Export {
  readonly id: string | null;
  readonly events: readonly Envelope[];
  readonly withheld: readonly Withheld[];
  /** The file's statements about the record besides its events. */
  readonly details: Readonly<Record<string, unknown>>;
  /** The first member that is named more than once: another reader may use its other value. */
  readonly repeated: Pointer | null;
}

/**
 * Verifies that a record's JSON export is consistent, without a store. A missing value must be erased or
 * named as withheld. It cannot prove that the file contains the whole record or matches the log.
 * @throws NoExportError
 */
export function verifyExport(lifecycles: KnownStatecharts, text: string): ExportVerification {
  const { id, events, withheld, details, repeated } = parseExport(text);
  const history = new HistoryVerifier(lifecycles);
  const found = (event: Envelope | undefined, code: HistoryDivergence['code'], detail: string): void => {
    const { position = null, streamId = null, version = null } = event ?? {};
    history.found({ position, streamId, version, code, detail });
  };
  if (repeated !== null) found(undefined, 'file', `${truncateName(repeated)} occurs more than once`);
  for (const name of Object.keys(details).filter((each) => !DETAILS.includes(each))) {
    found(undefined, 'file', `${shownPointer(name)} is not a member of exports`);
  }
  for (const [index, event] of events.entries()) {
    for (const pointer of unknownMembers(event)) {
      found(event, 'malformed', `/events/${index}${pointer} is not a member of events`);
    }
    history.judge(examineEvent(event), { streamId: event.streamId, version: index + 1 });
    if ((kinds.ofStream(event.streamId)?.id ?? null) !== id)
      found(event, 'file', `the file is for record ${id}, but the event belongs to ${event.streamId}`);
  }
  const named = new Set<string>();
  for (const [index, entry] of withheld.entries()) {
    const { eventId, pointer, ...others } = entry;
    for (const name of Object.keys(others))
      found(undefined, 'file', `/withheld/${index}${shownPointer(name)} is not a member of exports`);
    const value = `${eventId} ${pointer}`;
    if (named.has(value)) found(undefined, 'file', `/withheld/${index} is listed twice`);
    named.add(value);
    const event = events.find((each) => each.eventId === eventId);
    const wrong = withholdingDivergence(event, pointer);
    if (wrong !== null)
      found(event, 'file', `${pointer} of event ${eventId} is listed as withheld, but ${wrong}`);
  }
  const erased = erasedValues(events);
  const missing = events.flatMap((event) =>
    orNone(() => missingValues(event).map((pointer) => `${event.eventId} ${pointer}`)),
  );
  const verified = history.finish(({ streamId, version, detail }) => {
    const event = events.find((each) => each.streamId === streamId && each.version === version);
    const [pointer] = detail.split(' is gone');
    return named.has(`${event?.eventId} ${pointer}`);
  });
  // Reported after the problems of events.
  const differing = detailsDivergence(events, details);
  return {
    ...(differing === null ? verified : withDivergence(verified, differing)),
    id,
    erased: missing.filter((value) => erased.has(value)).length,
    withheld: missing.filter((value) => named.has(value) && !erased.has(value)).length,
  };
}

/** The members in which an export describes its record. */
const DETAILS: readonly string[] = [...Object.keys(NO_PARTS), 'moreAnomalies', 'says'];

/** The members of an envelope, and of its objects whose members are the same in every event. */
const MEMBERS: Readonly<Record<keyof Envelope, readonly string[] | null>> = {
  envelope: null,
  eventId: null,
  type: null,
  schemaVersion: null,
  streamId: null,
  version: null,
  position: null,
  recordedAt: null,
  effectiveOn: null,
  actor: ['subject', 'roles'],
  command: ['id', 'name', 'digest'],
  decision: ['role', 'guards'],
  correlationId: null,
  causationId: null,
  origin: null,
  lifecycle: ['name', 'version', 'digest'],
  state: null,
  data: null,
  nonce: null,
  commitments: null,
  salts: null,
  previousHash: null,
  hash: null,
};

/** Returns the members of an event that no envelope has. They are not sealed. */
function unknownMembers(event: object): Pointer[] {
  return Object.entries(event).flatMap(([name, value]) => {
    if (!Object.hasOwn(MEMBERS, name)) return [shownPointer(name)];
    const members = MEMBERS[name as keyof Envelope];
    if (members === null || !isObject(value)) return [];
    return Object.keys(value)
      .filter((member) => !members.includes(member))
      .map((member) => `/${name}${shownPointer(member)}`);
  });
}

/** The number of characters shown of an unknown name. */
const NAME_SHOWN = 80;

const truncateName = (name: string): string =>
  name.length > NAME_SHOWN ? `${name.slice(0, NAME_SHOWN)}…` : name;

const shownPointer = (name: string): Pointer => `/${escapeToken(truncateName(name))}`;

function withholdingDivergence(event: Envelope | undefined, pointer: string): string | null {
  if (event === undefined) return 'the file has no such event';
  return (
    orNone(() => {
      if (pointer === COMMAND_DIGEST)
        return Object.hasOwn(event.salts, pointer) ? ['its salt is present'] : [];
      if (!Object.hasOwn(event.commitments, pointer)) return ['the event never had this value'];
      return valueAt(event, pointer) === undefined ? [] : ['it is present'];
    })[0] ?? null
  );
}

const erasedValues = (events: readonly Envelope[]): Set<string> =>
  new Set(
    events.flatMap((event) =>
      orNone(() => {
        const redaction = redactionOf(event);
        return (redaction?.erased ?? []).map((pointer) => `${redaction?.eventId} ${pointer}`);
      }),
    ),
  );

/** Returns none if the content is malformed, which was already reported. An unknown shape is still thrown. */
function orNone(look: () => string[]): string[] {
  try {
    return look();
  } catch (error) {
    if (error instanceof UnknownShapeError) throw error;
    return [];
  }
}

/** Returns the file's statements that contradict the events. Values missing from the events are missing here too. */
function differingDetails(events: readonly Envelope[], details: Readonly<Record<string, unknown>>): string[] {
  const derived: Readonly<Record<string, unknown>> = { ...detailsOf(ofThisBuild.readAll(events)) };
  return DETAILS.filter((name) => !isDeepStrictEqual(details[name], derived[name])).map(
    (name) => `the file's ${name} does not match its events`,
  );
}

/**
 * Returns how the file contradicts its events; null if it does not. If an event's shape is unknown, the details cannot be compared either.
 */
function detailsDivergence(events: readonly Envelope[], details: Export['details']): DivergenceText | null {
  try {
    const [detail] = orNone(() => differingDetails(events, details));
    return detail === undefined ? null : { code: 'file', detail };
  } catch (error) {
    if (error instanceof UnknownShapeError) return { code: error.code, detail: error.message };
    throw error;
  }
}

type DivergenceText = Pick<HistoryDivergence, 'code' | 'detail'>;

function withDivergence(verified: HistoryVerification, divergence: DivergenceText): HistoryVerification {
  const place = { position: null, streamId: null, version: null };
  const divergences = [...verified.divergences, { ...place, ...divergence }];
  return {
    ...verified,
    ok: false,
    firstDivergence: divergences[0] ?? null,
    divergences,
    divergenceCount: verified.divergenceCount + 1,
  };
}

function parseExport(text: string): Export {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const { line, column } = jsonErrorPlace(text) ?? { line: 1, column: 1 };
    throw new NoExportError(`is not JSON from line ${line}, column ${column}`);
  }
  if (!isObject(value)) throw new NoExportError('is not an export of a record: it is not an object');
  const { id, events, withheld = [], ...details } = value;
  if (typeof id !== 'string') throw new NoExportError('is not an export of a record: /id is not a string');
  if (!Array.isArray(events) || events.length === 0)
    throw new NoExportError('is not an export of a record: /events is not a list of events');
  for (const [index, event] of (events as unknown[]).entries()) {
    const isEvent = isObject(event) && typeof event['streamId'] === 'string';
    if (!isEvent) throw new NoExportError(`is not an export of a record: /events/${index} is not an event`);
  }
  return {
    id,
    events: events as Envelope[],
    withheld: parseWithheld(withheld),
    details,
    repeated: repeatedMember(text, value),
  };
}

function parseWithheld(withheld: unknown): Withheld[] {
  if (!Array.isArray(withheld))
    throw new NoExportError('is not an export of a record: /withheld is not a list');
  for (const [index, each] of (withheld as unknown[]).entries()) {
    const { eventId, pointer } = isObject(each) ? each : {};
    if (typeof eventId !== 'string' || typeof pointer !== 'string' || !/^\/./.test(pointer))
      throw new NoExportError(`is not an export of a record: /withheld/${index} has no event and pointer`);
  }
  return withheld as Withheld[];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
