import { createPrivateKey, createPublicKey, hash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { eventId, saltedHash } from '#audit/event-hashes';
import { leafHash, nodeHash } from '#audit/merkle-tree';
import { layOutPack, manifestOf, withheldDigest } from '#audit/pack/lay-out-pack';
import type { PackedEvent, PackParts, WithheldValue } from '#audit/pack/lay-out-pack';
import { isPayload, PACK, STATEMENT_FORM } from '#audit/pack/pack-names';
import type { PackFiles } from '#audit/pack/pack-names';
import { printCheckpoint, signNote } from '#audit/tlog/checkpoint';
import { cosign } from '#audit/tlog/cosignature';
import { printNote, printVerifierKey, verifierKey } from '#audit/tlog/signed-note';
import type { NoteSignature } from '#audit/tlog/signed-note';
import { printTlogProof } from '#audit/tlog/tlog-proof';
import { envelopeHash } from '#audit/forms';
import { canonicalJson } from '#audit/canonical';
import type { JsonObject, JsonValue } from '#event-sourcing/envelope';
import { withoutMember } from '#event-sourcing/erasure';
import { atOnce } from '#event-sourcing/folding';
import { isKnownForm } from '#event-sourcing/forms';
import { letters } from '../second-lifecycle/letters.ts';

/** An event with mutable members. */
export interface AlterableEvent {
  [member: string]: unknown;
  eventId: string;
  type: string;
  streamId: string;
  version: number;
  recordedAt: string;
  effectiveOn: string;
  actor: { subject: string; roles: string[] };
  command: { id: string; name: string; digest: string | null };
  decision: { role: string; guards: string[] } | null;
  lifecycle: { name: string; version: number; digest: string } | null;
  state: Record<string, string> | null;
  data: Record<string, JsonValue>;
  nonce: string;
  commitments: Record<string, string>;
  salts: Record<string, string>;
  previousHash: string | null;
  hash: string;
}

/** The mutable parts of a pack. */
interface AlterableParts {
  checkpoint: string;
  proofs: string[];
  packMadeProof: string;
  previous?: { checkpoint: string; consistency: Uint8Array[] };
  timestamp?: Uint8Array;
}

const sha256 = (text: string | Uint8Array): string => hash('sha256', text, 'hex');

/** Returns a private key, which is always the same for a name. */
function keyFor(name: string): KeyObject {
  const der = Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    Buffer.from(sha256(name), 'hex'),
  ]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

export const ORIGIN = 'log.docket.example';
const LOG_KEY = keyFor('log');
const vkey = (name: string, type: 'note' | 'cosignature', key: KeyObject): string =>
  printVerifierKey(verifierKey(name, type, createPublicKey(key)));
export const LOG_VKEY = vkey(ORIGIN, 'note', LOG_KEY);
export const OTHER_VKEY = vkey(ORIGIN, 'note', keyFor('other'));
export const NEXT_VKEY = vkey(ORIGIN, 'note', keyFor('next'));
/** Returns the log's key under another name. */
export const vkeyOf = (name: string): string => vkey(name, 'note', LOG_KEY);
export const WITNESSES = ['ombudsman.example', 'archive.example', 'court.example'] as const;
export const WITNESS_VKEYS = WITNESSES.map((name) => vkey(name, 'cosignature', keyFor(name)));
/** Returns the key of a witness under another name. */
export const vkeyOfWitness = (witness: string, name: string): string =>
  vkey(name, 'cosignature', keyFor(witness));
/** The last checkpoint of a restored store, and the reason of its adoption. */
export const ADOPTION: JsonObject = {
  recordedAt: '2026-11-26T09:00:00.000Z',
  reason: 'Restored from the backup of 25 November: the disk failed.',
  lost: { size: 41, root: hash('sha256', 'lost', 'base64') },
};

export const logSignature = (text: string, name = ORIGIN, seed = 'log'): NoteSignature =>
  signNote(text, name, keyFor(seed));
export const witnessSignature = (
  text: string,
  name: string,
  seconds = 1_780_000_000n,
  seed = name,
): NoteSignature => cosign(text, name, keyFor(seed), seconds);

/** Returns a text with the log's signature and others. */
export const noteOf = (text: string, ...more: readonly NoteSignature[]): string =>
  printNote({ text, signatures: [logSignature(text), ...more] });

/**
 * Returns the size of the left subtree. The functions below implement RFC 9162, 2.1, literally: the root over leaf
 * hashes, inclusion proofs, and consistency proofs.
 */
const splitOf = (size: number): number => 2 ** Math.floor(Math.log2(size - 1));
function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 1) return leaves[0]!;
  const k = splitOf(leaves.length);
  return nodeHash(rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}
function pathOf(leaf: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length === 1) return [];
  const k = splitOf(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return leaf < k ? [...pathOf(leaf, left), rootOf(right)] : [...pathOf(leaf - k, right), rootOf(left)];
}
export function consistencyOf(old: number, leaves: readonly Uint8Array[], isWhole = true): Uint8Array[] {
  if (old === leaves.length) return isWhole ? [] : [rootOf(leaves)];
  const k = splitOf(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return old <= k
    ? [...consistencyOf(old, left, isWhole), rootOf(right)]
    : [...consistencyOf(old - k, right, false), rootOf(left)];
}

const RECORD = JSON.parse(readFileSync(new URL('./vectors/record-730.json', import.meta.url), 'utf8')) as {
  readonly lifecycle: JsonObject;
  readonly events: readonly PackedEvent[];
};

/** The rules to which the record's events refer. */
export const LIFECYCLE = RECORD.lifecycle;

/** Seals a changed event again, after another event. */
export function sealAnew(event: AlterableEvent, previousHash: string | null): void {
  event.previousHash = previousHash;
  const sealed = { ...(event as unknown as PackedEvent), position: '' };
  // An event of an unknown form is sealed as form 1.
  event.hash = envelopeHash(isKnownForm(sealed.envelope) ? sealed : { ...sealed, envelope: 1 });
}

/** Seals all events again, each after the previous one. */
function resealAll(events: readonly AlterableEvent[]): void {
  let before: string | null = null;
  for (const event of events) {
    sealAnew(event, before);
    before = event.hash;
  }
}

/** Changes a value and its commitment. */
export function recommit(event: AlterableEvent, pointer: string, value: JsonValue): void {
  event.data[pointer.slice('/data/'.length)] = value;
  event.commitments[pointer] = saltedHash(event.salts[pointer]!, canonicalJson(value));
}

/** The alterations of a pack. All other parts follow from them: proofs, statement, lists. */
export interface Altered {
  /** Changes the events before they are added to the log. */
  readonly events?: (events: AlterableEvent[]) => unknown;
  /** True to seal all events again after that. */
  readonly reseal?: true;
  readonly packMade?: (event: AlterableEvent) => unknown;
  /** The log indices of the events and of `PackMade`. */
  readonly indices?: readonly number[];
  readonly lifecycles?: readonly JsonObject[];
  readonly withheld?: readonly WithheldValue[];
  /** The content of the list's file, if it is not a valid list. */
  readonly list?: JsonValue;
  /** The list in `PackMade`, if it differs. */
  readonly saidWithheld?: readonly WithheldValue[];
  readonly origin?: string;
  /** The known hashes of the log; all others are of other records. */
  readonly log?: readonly (string | undefined)[];
  /** The size of the log. */
  readonly size?: number;
  /** The witnesses that cosign, and the time; by default half a minute after the pack was made. */
  readonly cosigned?: readonly string[];
  readonly cosignedAt?: bigint;
  /** The size of the earlier checkpoint. */
  readonly since?: number;
  readonly names?: Readonly<Record<string, string>>;
  readonly parts?: (parts: AlterableParts) => unknown;
  /** Changes the statement's text. */
  readonly statement?: (text: string) => string;
  readonly sign?: (text: string) => string;
}

const WITHHELD: readonly WithheldValue[] = [
  { version: 10, pointer: '/data/text', code: 'internal' },
  { version: 12, pointer: '/data/reason', code: 'internal' },
];

/** Returns the record's first event with other members. */
const eventLike = (members: Partial<AlterableEvent>): AlterableEvent =>
  Object.assign(structuredClone(RECORD.events[0]) as unknown as AlterableEvent, members);

/** Returns the record's events as disclosed. */
export const disclosedEvents = (withheld: readonly WithheldValue[]): AlterableEvent[] =>
  withoutValues(structuredClone(RECORD.events) as unknown as AlterableEvent[], withheld);

function withoutValues(events: AlterableEvent[], withheld: readonly WithheldValue[]): AlterableEvent[] {
  for (const { version, pointer } of withheld) {
    const event = events[version - 1];
    if (event === undefined) continue;
    event.data = withoutMember(event.data as JsonObject, pointer.split('/').slice(2));
    Reflect.deleteProperty(event.salts, pointer);
  }
  return events;
}

/** Returns the hash of another record's event. */
const stranger = (index: number): string => sha256(`stranger ${index}`);
export const INDICES = [3, 4, 5, 6, 9, 10, 14, 15, 21, 30, 31, 40, 44];
const LOG_SIZE = 47;
/** 2026-11-26T12:00:30Z */
const COSIGNED_AT = 1_795_694_430n;

function packMadeOf(events: readonly AlterableEvent[], withheld: JsonObject): AlterableEvent {
  return eventLike({
    eventId: 'c1333561-1177-5e08-8307-2355a0d330e5',
    type: 'PackMade',
    streamId: 'access-2026-11-26',
    version: 1,
    recordedAt: '2026-11-26T12:00:00.000Z',
    effectiveOn: '2026-11-26',
    actor: { subject: 'ann-auditor', roles: ['auditor'] },
    command: { id: '9b2ff9c6-4f1a-4f5e-8a4e-6e3c4a1e2b3c', name: 'make-pack', digest: null },
    decision: { role: 'auditor', guards: [] },
    correlationId: 'pack',
    origin: 'command',
    lifecycle: null,
    state: null,
    data: {
      adoptions: [],
      hash: events.at(-1)?.hash ?? null,
      streamId: (events[0] ?? RECORD.events[0]!).streamId,
      version: events.length,
      withheld,
    },
    nonce: sha256('nonce').slice(32),
    commitments: {},
    salts: {},
  });
}

function withheldSaid({ list, saidWithheld }: Altered, withheld: readonly WithheldValue[]): JsonObject {
  if (list === undefined) return withheldDigest(saidWithheld ?? withheld);
  return { count: Array.isArray(list) ? list.length : 0, sha256: sha256(canonicalJson(list)) };
}

/** Returns the hashes of a log that contains these events. */
function hashesWith(
  events: readonly AlterableEvent[],
  indices: readonly number[],
  { log = [], size = LOG_SIZE }: Altered,
): string[] {
  const hashes = Array.from({ length: size }, (_, index) => log[index] ?? stranger(index));
  events.forEach(({ hash: own }, at) => (hashes[indices[at]!] = own));
  return hashes;
}

/** Returns the content of the log: the events, `PackMade`, and their indices. */
function logged(altered: Altered) {
  const withheld = altered.withheld ?? WITHHELD;
  let events = disclosedEvents(WITHHELD);
  const chosen: unknown = altered.events?.(events);
  if (Array.isArray(chosen) && typeof chosen[0] === 'object') events = chosen as AlterableEvent[];
  if (altered.reseal) resealAll(events);
  const packMade = packMadeOf(events, withheldSaid(altered, withheld));
  altered.packMade?.(packMade);
  sealAnew(packMade, null);
  const indices = altered.indices ?? [...INDICES.slice(0, events.length), INDICES.at(-1)!];
  const hashes = hashesWith([...events, packMade], indices, altered);
  return { withheld, events, packMade, indices, hashes };
}

/** Returns the hashes of the log of such a pack. */
export const logOf = (altered: Altered): readonly string[] => logged(altered).hashes;

/**
 * Returns a pack of record 730 with alterations. It contains an import, withheld internal values and one erased text.
 */
export function makePack(altered: Altered = {}): PackFiles {
  const { withheld, events, packMade, indices, hashes } = logged(altered);
  const leaves = hashes.map((own) => leafHash(Buffer.from(own, 'hex')));
  const cosigned = (text: string): NoteSignature[] =>
    (altered.cosigned ?? []).map((who) => witnessSignature(text, who, altered.cosignedAt ?? COSIGNED_AT));
  const head = (size: number): string =>
    printCheckpoint({
      origin: altered.origin ?? ORIGIN,
      size: BigInt(size),
      root: rootOf(leaves.slice(0, size)),
    });
  const text = head(leaves.length);
  const name = altered.origin ?? ORIGIN;
  const checkpoint = printNote({
    text,
    signatures: [logSignature(text, name), ...cosigned(text)],
  });
  const proofs = indices.map((index) =>
    printTlogProof({ index: BigInt(index), path: pathOf(index, leaves), note: checkpoint }),
  );
  const parts = {
    events: events as unknown as PackedEvent[],
    proofs: proofs.slice(0, -1),
    packMade: packMade as unknown as PackedEvent,
    packMadeProof: proofs.at(-1)!,
    checkpoint,
    ...(altered.since !== undefined && {
      previous: {
        checkpoint: noteOf(head(altered.since), ...cosigned(head(altered.since))),
        consistency: consistencyOf(altered.since, leaves),
      },
    }),
    lifecycles: altered.lifecycles ?? [RECORD.lifecycle],
    withheld,
    ...(altered.names && { names: altered.names }),
    forPeople: {
      html: '<!doctype html><title>730</title>\n',
      text: '730\n',
      svg: '<svg xmlns="http://www.w3.org/2000/svg"/>\n',
    },
    verifiers: { html: Buffer.from('<!doctype html>\n'), python: Buffer.from('# verify\n') },
    info: { 'Source-Organization': 'Example', 'Bagging-Date': '2026-11-26' },
    sign:
      altered.sign ??
      ((said: string) =>
        printNote({
          text: altered.statement?.(said) ?? said,
          signatures: [logSignature(altered.statement?.(said) ?? said, name)],
        })),
  };
  altered.parts?.(parts);
  const laidOut = new Map(atOnce(layOutPack(parts satisfies PackParts)));
  if (altered.list === undefined) return laidOut;
  laidOut.set(PACK.withheld, Buffer.from(canonicalJson(altered.list)));
  return listAnew(laidOut);
}

/** Returns the manifest of the listed files. */
export const listOf = (files: PackFiles, isListed: (path: string) => boolean): Uint8Array =>
  atOnce(manifestOf(files, isListed));

/** Returns the files with lists and a signature for their current content. */
export function listAnew(files: Map<string, Uint8Array>): PackFiles {
  const payload = [...files].filter(([path]) => isPayload(path));
  const bytes = payload.reduce((sum, [, { length }]) => sum + length, 0);
  files.set(PACK.info, Buffer.from(`Bagging-Date: 2026-11-26\nPayload-Oxum: ${bytes}.${payload.length}\n`));
  files.set(PACK.manifest, listOf(files, isPayload));
  const tags = listOf(
    files,
    (path) => !isPayload(path) && path !== PACK.tagManifest && path !== PACK.statement,
  );
  files.set(PACK.tagManifest, tags);
  const before = Buffer.from(files.get(PACK.statement) ?? '').toString();
  const lines = before.slice(
    before.indexOf('\n', before.indexOf('\n') + 1) + 1,
    before.lastIndexOf('\n\n') + 1,
  );
  files.set(PACK.statement, Buffer.from(noteOf(`${STATEMENT_FORM}\nsha256 ${sha256(tags)}\n${lines}`)));
  return files;
}

/**
 * A second history of the record, with other events and earlier times, which was appended after the first one with the
 * log's key.
 */
export const SECOND_HISTORY: Altered = {
  cosigned: WITNESSES.slice(0, 2),
  log: logOf({}),
  size: 64,
  since: 47,
  indices: [...INDICES.keys()].map((at) => 48 + at),
  events(events) {
    for (const event of events) event.nonce = sha256(`second ${event.nonce}`).slice(32);
  },
  packMade: (event) => {
    event.recordedAt = '2026-11-26T12:10:00.000Z';
    event.eventId = eventId((event.command.id = '9b2ff9c6-4f1a-4f5e-8a4e-6e3c4a1e2b3d'), 0);
  },
  reseal: true,
};

/** The events of a record of another kind with its own rules: a letter that was sent, filed and answered. */
const LETTER_EVENTS = [
  ['LetterWritten', 'draft', { text: 'Dear Kent' }],
  ['LetterSent', 'sent', {}],
  ['LetterFiled', 'sent', { place: 'Room 4' }],
  ['LetterAnswered', 'answered', { answer: 'Dear Ann' }],
] as const satisfies readonly (readonly [string, string, Readonly<Record<string, string>>])[];

const letterEvent = ([type, post, data]: (typeof LETTER_EVENTS)[number], index: number): AlterableEvent => {
  const id = `9b2ff9c6-4f1a-4f5e-8a4e-6e3c4a1e2b5${index}`;
  const salts = Object.fromEntries(
    Object.keys(data).map((member) => [`/data/${member}`, sha256(`salt ${member}`).slice(32)]),
  );
  const event = eventLike({
    ...{ type, streamId: 'letter-1', version: index + 1, data: { ...data }, state: { post }, salts },
    ...{ eventId: eventId(id, 0), nonce: sha256(`letter ${index}`).slice(32), commitments: {} },
    command: { id, name: 'of-a-letter', digest: null },
    recordedAt: `2026-11-24T09:0${index}:00.000Z`,
    effectiveOn: '2026-11-24',
    actor: { subject: 'ann', roles: ['inspector'] },
    decision: { role: 'inspector', guards: [] },
    origin: 'command',
    lifecycle: { ...letters.reference },
  });
  for (const [member, value] of Object.entries(data)) recommit(event, `/data/${member}`, value);
  return event;
};

/** The values that are withheld from the letter's pack. */
const LETTER_WITHHELD: readonly WithheldValue[] = [{ version: 3, pointer: '/data/place', code: 'internal' }];

/** Returns the pack of a letter, with alterations. */
export const letterPack = (alter: (events: AlterableEvent[]) => unknown = () => undefined): Altered => ({
  events() {
    const events = LETTER_EVENTS.map(letterEvent);
    const chosen = alter(events);
    return withoutValues(Array.isArray(chosen) ? (chosen as AlterableEvent[]) : events, LETTER_WITHHELD);
  },
  reseal: true,
  lifecycles: [letters.identity],
  withheld: LETTER_WITHHELD,
});
