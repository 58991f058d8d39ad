import { hash } from 'node:crypto';
import type { Envelope, JsonObject, JsonValue, Pointer } from '#event-sourcing/envelope';
import type { Folding } from '#event-sourcing/folding';
import { canonicalJson } from '../canonical.ts';
import { BAGIT, byPath, eventPath, isPayload, lifecyclePath } from './pack-names.ts';
import { PACK, proofPath, STATEMENT_FORM } from './pack-names.ts';
import type { PackFiles } from './pack-names.ts';

/** An event in a pack, without its position, which only its store knows. */
export type PackedEvent = Omit<Envelope, 'position'>;

/** A value that was omitted but not erased, with the exemption's code. */
export interface WithheldValue {
  readonly version: number;
  readonly pointer: Pointer;
  /** `[A-Za-z0-9().-]{1,32}` */
  readonly code: string;
}

/** An earlier checkpoint's note, and its consistency proof to the pack's checkpoint. */
export interface EarlierCheckpoint {
  readonly checkpoint: string;
  readonly consistency: readonly Uint8Array[];
}

export interface PackParts {
  /** The disclosed events from version 1, without erased and withheld values, their salts, and the salts of command digests. */
  readonly events: readonly PackedEvent[];
  /** A tlog-proof for each event, ending in `checkpoint`. */
  readonly proofs: readonly string[];
  readonly packMade: PackedEvent;
  readonly packMadeProof: string;
  /** The checkpoint's note, with the witnesses' cosignatures. */
  readonly checkpoint: string;
  /** An RFC 3161 token over the checkpoint. */
  readonly timestamp?: Uint8Array;
  readonly previous?: EarlierCheckpoint;
  /** The object over which each named lifecycle's digest is computed, without duplicates. */
  readonly lifecycles: readonly JsonObject[];
  readonly withheld: readonly WithheldValue[];
  /** Display names by subject. */
  readonly names?: Readonly<Record<string, string>>;
  readonly forPeople: { readonly html: string; readonly text: string; readonly svg: string };
  readonly verifiers: { readonly html: Uint8Array; readonly python: Uint8Array };
  /** The lines of bag-info.txt, except `Payload-Oxum`. */
  readonly info: Readonly<Record<string, string>>;
  /** Signs a text with the log's key and returns the note. */
  readonly sign: (text: string) => string;
}

const sha256 = (bytes: Uint8Array | string): string => hash('sha256', bytes, 'hex');
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const asJson = (value: unknown): Uint8Array => utf8(canonicalJson(value as JsonValue));

/** Compares withheld values by version, then by the pointer's UTF-16 code units. */
export const byPlace = (a: WithheldValue, b: WithheldValue): number =>
  a.version - b.version || byPath(a.pointer, b.pointer);

function withheldFile(withheld: readonly WithheldValue[]): Uint8Array {
  const listed = withheld.map(({ version, pointer, code }) => ({ version, pointer, code }));
  return asJson(listed.sort(byPlace));
}

/** Returns the summary of withheld values that `PackMade` contains. */
export const withheldDigest = (withheld: readonly WithheldValue[]): { count: number; sha256: string } => ({
  count: withheld.length,
  sha256: sha256(withheldFile(withheld)),
});

/** The number of files or bytes, some milliseconds of work, after which `layOutPack` yields to other work. */
const FILES_AT_ONCE = 50;
const BYTES_AT_ONCE = 256 * 1024;

/** Returns a generator function that yields to other work once enough was written or hashed. */
function pacing(): (bytes: Uint8Array) => Folding<void> {
  let [files, written] = [0, 0];
  return function* ({ length }) {
    [files, written] = [files + 1, written + length];
    if (files < FILES_AT_ONCE && written < BYTES_AT_ONCE) return;
    [files, written] = [0, 0];
    yield;
  };
}

/**
 * Returns the files of an evidence pack. Does not check the parts; `verifyPack` does.
 * @throws TypeError for a text with a lone surrogate.
 */
export function* layOutPack(parts: PackParts): Folding<PackFiles> {
  const files = yield* payload(parts);
  const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  const oxum = { 'Payload-Oxum': `${bytes}.${files.size}` };
  files.set(PACK.manifest, yield* manifestOf(files, isPayload));
  files.set(PACK.bagit, utf8(BAGIT));
  files.set(PACK.info, utf8(infoLines({ ...parts.info, ...oxum })));
  files.set(PACK.html, parts.verifiers.html);
  files.set(PACK.python, parts.verifiers.python);
  const tags = yield* manifestOf(files, (path) => !isPayload(path));
  files.set(PACK.tagManifest, tags);
  files.set(PACK.statement, utf8(parts.sign(statementText(sha256(tags), parts))));
  return new Map([...files].sort(([a], [b]) => byPath(a, b)));
}

function* payload(parts: PackParts): Folding<Map<string, Uint8Array>> {
  const { events, proofs, packMade, previous, names, forPeople } = parts;
  const files = new Map<string, Uint8Array>();
  const pace = pacing();
  for (const [index, event] of events.entries()) {
    const bytes = asJson(event);
    files.set(eventPath(event.version), bytes);
    files.set(proofPath(index + 1), utf8(proofs[index] ?? ''));
    yield* pace(bytes);
  }
  files.set(PACK.packMade, asJson(packMade));
  files.set(PACK.packMadeProof, utf8(parts.packMadeProof));
  files.set(PACK.checkpoint, utf8(parts.checkpoint));
  if (parts.timestamp !== undefined) files.set(PACK.timestamp, parts.timestamp);
  if (previous !== undefined) {
    files.set(PACK.previous, utf8(previous.checkpoint));
    files.set(PACK.consistency, utf8(previous.consistency.map(base64Line).join('')));
  }
  for (const lifecycle of parts.lifecycles) {
    const bytes = asJson(lifecycle);
    files.set(lifecyclePath(sha256(bytes)), bytes);
  }
  files.set(PACK.withheld, withheldFile(parts.withheld));
  if (names !== undefined) files.set(PACK.names, asJson(names));
  files.set(PACK.recordHtml, utf8(forPeople.html));
  files.set(PACK.recordText, utf8(forPeople.text));
  files.set(PACK.chart, utf8(forPeople.svg));
  return files;
}

const base64Line = (bytes: Uint8Array): string => `${Buffer.from(bytes).toString('base64')}\n`;

/** Returns the digests of the files, one per line, in the order of their paths. */
export function* manifestOf(files: PackFiles, isListed: (path: string) => boolean): Folding<Uint8Array> {
  const lines: string[] = [];
  const pace = pacing();
  const paths = [...files.keys()].filter(isListed).sort(byPath);
  for (const path of paths) {
    const bytes = files.get(path) ?? new Uint8Array();
    lines.push(`${sha256(bytes)}  ${path}\n`);
    yield* pace(bytes);
  }
  return utf8(lines.join(''));
}

const infoLines = (info: Readonly<Record<string, string>>): string =>
  Object.entries(info)
    // A line feed in a value would start a new label.
    .map(([label, value]) => `${label}: ${value.replaceAll(/\s+/g, ' ').trim()}\n`)
    .join('');

const statementText = (tagsDigest: string, { events, packMade }: PackParts): string =>
  `${STATEMENT_FORM}\nsha256 ${tagsDigest}\n${events[0]?.streamId ?? ''} ${events.length}\n` +
  `${packMade.recordedAt} ${packMade.actor.subject}\n`;
