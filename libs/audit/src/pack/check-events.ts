import { hash } from 'node:crypto';
import { canonicalJson } from '../canonical.ts';
import type { Pointer } from '#event-sourcing/envelope';
import { REDACTION, valueAt } from '#event-sourcing/erasure';
import { numberWithin } from '../event-hashes.ts';
import { wrongValue } from '../examine-event.ts';
import { envelopeHash } from '../forms.ts';
import type { Findings } from './findings.ts';
import { byPlace } from './lay-out-pack.ts';
import type { PackedEvent, WithheldValue } from './lay-out-pack.ts';
import { eventPath, lifecyclePath, PACK } from './pack-names.ts';
import type { PackFiles } from './pack-names.ts';
import { lifecycleDigestOf } from './read-bag.ts';
import { replayOf } from './replay-definition.ts';
import type { Replay } from './replay-definition.ts';
import { has, isWhole, matches } from './shapes.ts';
import { isText, isTexts, readStrictJson, quoteTruncated } from './strict-text.ts';

const pathOf = ({ version }: PackedEvent): string => eventPath(version);
const sameHash = (event: PackedEvent): boolean => envelopeHash({ ...event, position: '' }) === event.hash;

/** Checks that each event matches its seal and follows the previous event. */
export function checkSeals(events: readonly PackedEvent[], findings: Findings): void {
  let before: PackedEvent | null = null;
  for (const event of events) {
    const path = pathOf(event);
    if (findings.attempt('hash', path, () => sameHash(event)) === false)
      findings.add('hash', path, 'its content does not match the hash that it states');
    // After a gap, the previous hash cannot be checked.
    const isNext = event.version === (before?.version ?? 0) + 1;
    if (isNext && event.previousHash !== (before?.hash ?? null))
      findings.add(
        'chain',
        path,
        `follows ${event.previousHash ?? 'nothing'} instead of ${before?.hash ?? 'nothing'}`,
      );
    if (before !== null && event.recordedAt < before.recordedAt)
      findings.add('malformed', path, 'was recorded before the previous event');
    checkCommitments(event, path, findings, 'commitment');
    before = event;
  }
}

/** Checks the sensitive values against their commitments. */
function checkCommitments(
  event: PackedEvent,
  path: string,
  findings: Findings,
  code: 'commitment' | 'pack-made',
): void {
  for (const [pointer, commitment] of Object.entries(event.commitments)) {
    const detail = wrongValue(event, pointer, commitment);
    if (detail !== null) findings.add(code, path, detail);
  }
}

/** Checks the event about the pack, whose stream is not in it: it must match its seal and have all its values. */
export function checkAlone(event: PackedEvent, findings: Findings): void {
  const wrong = (detail: string): void => {
    findings.add('pack-made', PACK.packMade, detail);
  };
  if ((event.version === 1) !== (event.previousHash === null))
    wrong('has a previous hash that does not fit its version');
  if (!sameHash(event)) wrong('its content does not match the hash that it states');
  checkCommitments(event, PACK.packMade, findings, 'pack-made');
  for (const pointer of Object.keys(event.commitments))
    if (!Object.hasOwn(event.salts, pointer)) wrong(`withholds ${pointer}`);
}

/** The number of unsuccessful searches for a number after which no more start. Each computes up to 10,000 hashes. */
const UNFOUND_MAX = 20;

/** Checks that each event's id derives from its command's. */
export function checkIds(
  events: readonly PackedEvent[],
  packMade: PackedEvent | null,
  findings: Findings,
): void {
  const seen = new Set<string>();
  const over = new Set<string>();
  let lastCommand: string | null = null;
  let lastNumber: number | null = null;
  let unfound = 0;
  for (const event of [...events, ...(packMade === null ? [] : [packMade])]) {
    const path = event === packMade ? PACK.packMade : pathOf(event);
    if (seen.has(event.eventId)) findings.add('event-id', path, `another event has the id ${event.eventId}`);
    seen.add(event.eventId);
    const { id } = event.command;
    const follows = event !== packMade && lastCommand === id;
    if (event !== packMade && !follows && over.has(id))
      findings.add('event-id', path, "is separated from its command's other events");
    const next: number | null = follows && lastNumber !== null ? lastNumber + 1 : null;
    const numberMax: number | undefined = next ?? (event === packMade ? 0 : undefined);
    lastNumber = unfound < UNFOUND_MAX ? numberWithin(id, event.eventId, next ?? 0, numberMax) : null;
    if (lastNumber === null) findings.add('event-id', path, 'has an id that does not match its command');
    if (lastNumber === null) unfound += 1;
    lastCommand = id;
    over.add(id);
  }
}

/** The missing values: the number of erased ones, and those withheld. */
export interface GoneValues {
  readonly erased: number;
  readonly withheld: readonly WithheldValue[];
}

const placeOf = (version: number, pointer: Pointer): string => `${version} ${pointer}`;

/** Checks that every missing value was erased or is listed as withheld, and that no listed value is present. */
export function checkGone(files: PackFiles, events: readonly PackedEvent[], findings: Findings): GoneValues {
  const erased = erasedPlaces(events, findings);
  const missing = new Set<string>();
  for (const event of events) {
    for (const pointer of Object.keys(event.commitments)) {
      const isThere = valueAt(event, pointer) !== undefined;
      const place = placeOf(event.version, pointer);
      if (!isThere) missing.add(place);
      else if (erased.has(place))
        findings.add('erased', pathOf(event), `${pointer} was erased, but is present`);
    }
  }
  const withheld = readWithheld(files, findings);
  const listed = new Set(withheld.map(({ version, pointer }) => placeOf(version, pointer)));
  for (const place of listed)
    if (!missing.has(place) || erased.has(place))
      findings.add(
        'withheld',
        PACK.withheld,
        `lists ${quoteTruncated(place)}, which is not a withheld value`,
      );
  for (const event of events)
    for (const pointer of Object.keys(event.commitments)) {
      const place = placeOf(event.version, pointer);
      if (missing.has(place) && !erased.has(place) && !listed.has(place))
        findings.add('missing', pathOf(event), `${pointer} is missing, but was neither erased nor withheld`);
    }
  return { erased: [...erased].filter((place) => missing.has(place)).length, withheld };
}

function erasedPlaces(events: readonly PackedEvent[], findings: Findings): Set<string> {
  const byId = new Map<string, PackedEvent>();
  const erased = new Set<string>();
  for (const event of events) {
    if (event.type === REDACTION) {
      const { eventId: id, erased: pointers } = event.data;
      const redacted = isText(id) ? byId.get(id) : undefined;
      if (redacted === undefined || !isTexts(pointers))
        findings.add('erased', pathOf(event), 'is a redaction without an earlier event, or without pointers');
      else
        for (const pointer of pointers) {
          if (Object.hasOwn(redacted.commitments, pointer)) erased.add(placeOf(redacted.version, pointer));
          else
            findings.add(
              'erased',
              pathOf(event),
              `names ${quoteTruncated(pointer)}, which is not a sensitive value`,
            );
        }
    }
    byId.set(event.eventId, event);
  }
  return erased;
}

function readWithheld(files: PackFiles, findings: Findings): readonly WithheldValue[] {
  const bytes = files.get(PACK.withheld);
  const list = bytes && findings.attempt('json', PACK.withheld, () => readStrictJson(bytes));
  if (list === undefined) return [];
  if (!Array.isArray(list) || !list.every(isWithheld)) {
    findings.add('withheld', PACK.withheld, 'is not a list of version, pointer and code');
    return [];
  }
  const entries = list as unknown as readonly WithheldValue[];
  entries.forEach((entry, index) => {
    const before = entries[index - 1];
    if (before !== undefined && byPlace(before, entry) >= 0)
      findings.add('withheld', PACK.withheld, `entry ${index} is a duplicate, or out of order`);
  });
  return entries;
}

const isWithheld = has({ version: isWhole, pointer: isText, code: matches(/^[A-Za-z0-9().-]{1,32}$/) });

/** Checks that the pack contains the definitions that events name, and that these produce the events' states. */
export function checkStates(files: PackFiles, events: readonly PackedEvent[], findings: Findings): void {
  const replays = readReplays(files, findings);
  const named = new Set(events.map(({ lifecycle }) => lifecycle?.digest));
  for (const digest of replays.keys())
    if (!named.has(digest)) findings.add('lifecycle', lifecyclePath(digest), 'is not named by any event');
  let before: PackedEvent['state'] = null;
  for (const event of events) {
    const path = pathOf(event);
    const { lifecycle, state } = event;
    const replay = lifecycle && replays.get(lifecycle.digest);
    if (lifecycle === null) findings.add('lifecycle', path, 'names no lifecycle');
    else if (replay === undefined)
      findings.add('lifecycle', path, `names ${lifecycle.digest}, which is missing`);
    else if (replay !== null) {
      if (replay.name !== lifecycle.name || replay.version !== lifecycle.version)
        findings.add('lifecycle', path, `names ${lifecycle.name} ${lifecycle.version}, but its file differs`);
      const after = replay.after(event.type, event.version === 1 ? null : (before ?? {}));
      if (after === null)
        findings.add('state', path, `${quoteTruncated(event.type)} was not allowed in this state`);
      else if (canonicalJson(after) !== canonicalJson(state))
        findings.add('state', path, 'replay produces a different state from the one that it states');
    }
    before = state;
  }
}

const DEFINITION_BYTES_MAX = 1024 * 1024;

/** Returns the replays by digest; null for a definition that cannot be replayed. */
function readReplays(files: PackFiles, findings: Findings): Map<string, Replay | null> {
  const replays = new Map<string, Replay | null>();
  for (const [path, bytes] of files) {
    const digest = lifecycleDigestOf(path);
    if (digest === null) continue;
    if (hash('sha256', bytes, 'hex') !== digest)
      findings.add('lifecycle', path, 'has a digest that does not match its name');
    replays.set(digest, readReplay(path, bytes, findings));
  }
  return replays;
}

function readReplay(path: string, bytes: Uint8Array, findings: Findings): Replay | null {
  if (bytes.length > DEFINITION_BYTES_MAX) {
    findings.add('lifecycle', path, 'is larger than a definition can be');
    return null;
  }
  const definition = findings.attempt('json', path, () => readStrictJson(bytes));
  if (definition === undefined) return null;
  return findings.attempt('lifecycle', path, () => replayOf(definition)) ?? null;
}
