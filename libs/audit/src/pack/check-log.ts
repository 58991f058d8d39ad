import { hash } from 'node:crypto';
import { canonicalJson } from '../canonical.ts';
import { hashOf, parseCheckpoint } from '../tlog/checkpoint.ts';
import type { Checkpoint } from '../tlog/checkpoint.ts';
import { MalformedNoteError, parseNote } from '../tlog/signed-note.ts';
import type { SignedNote } from '../tlog/signed-note.ts';
import { parseTlogProof, printTlogProof } from '../tlog/tlog-proof.ts';
import { isConsistent, rootFromInclusion } from '../tlog/tree-proofs.ts';
import { leafHash } from '../merkle-tree.ts';
import { checkAlone } from './check-events.ts';
import type { Findings } from './findings.ts';
import type { PackedEvent } from './lay-out-pack.ts';
import { PACK, proofPath, STATEMENT_FORM } from './pack-names.ts';
import type { PackFiles } from './pack-names.ts';
import { isDay, isInstant } from './envelope-form.ts';
import { has, isCount, listOf, orNull } from './shapes.ts';
import { isText, readText, quoteTruncated } from './strict-text.ts';

export interface PackCheckpoint extends Checkpoint {
  readonly note: SignedNote;
}

/** Parses a checkpoint and its note. @throws MalformedNoteError */
export function readPackCheckpoint(bytes: Uint8Array): PackCheckpoint {
  const note = parseNote(bytes);
  const checkpoint = parseCheckpoint(note.text);
  if (checkpoint.origin.startsWith('docket-pack/'))
    throw new MalformedNoteError('has an origin with the first words of a pack’s statement');
  if (checkpoint.size > BigInt(Number.MAX_SAFE_INTEGER))
    throw new MalformedNoteError('has a size above 2^53−1');
  return { ...checkpoint, note };
}

/** Returns the checkpoint of a pack's file; null if there is none or it cannot be read. */
export function checkpointIn(files: PackFiles, path: string, findings: Findings): PackCheckpoint | null {
  const bytes = files.get(path);
  return (bytes && findings.attempt('checkpoint', path, () => readPackCheckpoint(bytes))) ?? null;
}

/** The content of a pack's statement. */
export interface Statement {
  readonly note: SignedNote;
  readonly tagsDigest: string;
  readonly streamId: string;
  readonly version: number;
  readonly instant: string;
  readonly subject: string;
}

const STATEMENT = /^sha256 ([0-9a-f]{64})\n([^ \n]+) ([1-9]\d{0,6})\n([^ \n]+) ([^\n]*)\n$/;

/** Parses a pack's statement. @throws MalformedNoteError */
export function readStatement(bytes: Uint8Array): Statement {
  const note = parseNote(bytes);
  const [first, rest] = [
    note.text.slice(0, STATEMENT_FORM.length + 1),
    note.text.slice(STATEMENT_FORM.length + 1),
  ];
  const [, tagsDigest = '', streamId = '', version = '', instant = '', subject = ''] =
    STATEMENT.exec(rest) ?? [];
  if (first !== `${STATEMENT_FORM}\n` || streamId === '')
    throw new MalformedNoteError('is not a statement of a pack, which has four lines');
  return { note, tagsDigest, streamId, version: Number(version), instant, subject };
}

export function checkStatement(
  statement: Statement,
  { files, events, packMade, origin }: PackContent,
  findings: Findings,
): void {
  const wrong = (detail: string): void => {
    findings.add('statement', PACK.statement, detail);
  };
  const tags = files.get(PACK.tagManifest);
  if (tags !== undefined && hash('sha256', tags, 'hex') !== statement.tagsDigest)
    wrong(`does not state the digest of ${PACK.tagManifest}`);
  if (statement.version !== events)
    wrong(`states version ${statement.version}, but the pack has ${events} events`);
  if (packMade !== null && packMade.recordedAt !== statement.instant)
    wrong(`states ${statement.instant}, but the pack was made ${packMade.recordedAt}`);
  if (packMade !== null && packMade.actor.subject !== statement.subject)
    wrong(
      `states ${quoteTruncated(statement.subject)}, but ${quoteTruncated(packMade.actor.subject)} made the pack`,
    );
  if (origin !== null && statement.note.signatures.some(({ name }) => name !== origin))
    wrong(`has a signature under a name other than ${quoteTruncated(origin)}`);
}

/** The readable content of a pack. */
interface PackContent {
  readonly files: PackFiles;
  /** The number of event files. */
  readonly events: number;
  readonly packMade: PackedEvent | null;
  readonly origin: string | null;
}

/** The log indices that inclusion proofs prove: of events by version, and of the `PackMade` event. */
interface ProvedIndices {
  readonly events: ReadonlyMap<number, bigint>;
  readonly packMade: bigint | null;
}

export const NO_INDICES: ProvedIndices = { events: new Map(), packMade: null };

/** The adoption of a store that may have lost signed events, as the operator states it. */
export interface Adoption {
  readonly recordedAt: string;
  readonly reason: string;
  /** The last checkpoint that the store lost; null if it lost none. */
  readonly lost: { readonly size: number; readonly root: string } | null;
}

export interface ReadPack {
  /** The versions that have an event file. */
  readonly versions: readonly number[];
  readonly statement: Statement | null;
  readonly events: readonly PackedEvent[];
  readonly packMade: PackedEvent | null;
  readonly checkpoint: PackCheckpoint | null;
  readonly previous: PackCheckpoint | null;
  readonly indices: ProvedIndices;
}

/** Checks that the log contains each event, in the order of versions, and `PackMade` after the last. */
export function checkProofs(
  files: PackFiles,
  events: readonly PackedEvent[],
  packMade: PackedEvent | null,
  checkpoint: PackCheckpoint,
  findings: Findings,
): ProvedIndices {
  let last = -1n;
  const proved = new Map<number, bigint>();
  let madeIndex: bigint | null = null;
  const rows = events.map((event) => ({ event, path: proofPath(event.version) }));
  if (packMade !== null) rows.push({ event: packMade, path: PACK.packMadeProof });
  for (const { event, path } of rows) {
    const bytes = files.get(path);
    const index =
      bytes && findings.attempt('proof', path, () => provedIndex(files, bytes, event, checkpoint));
    if (index === undefined) continue;
    if (index <= last)
      findings.add('proof', path, 'proves an index that is not higher than that of the previous version');
    last = index;
    if (event === packMade) madeIndex = index;
    else proved.set(event.version, index);
  }
  return { events: proved, packMade: madeIndex };
}

/**
 * Returns the log index that a proof proves.
 * @throws MalformedNoteError if the proof does not connect the event and the checkpoint.
 */
function provedIndex(
  files: PackFiles,
  bytes: Uint8Array,
  event: PackedEvent,
  { size, root }: Checkpoint,
): bigint {
  const text = readText(bytes);
  const proof = parseTlogProof(text);
  if (printTlogProof(proof) !== text)
    throw new MalformedNoteError('is not in canonical form, or has an extra line');
  if (Buffer.compare(Buffer.from(proof.note), files.get(PACK.checkpoint) ?? Buffer.of()) !== 0)
    throw new MalformedNoteError(`does not end in ${PACK.checkpoint}`);
  const led = rootFromInclusion(leafHash(Buffer.from(event.hash, 'hex')), proof.index, size, proof.path);
  if (led === null || Buffer.compare(led, root) !== 0)
    throw new MalformedNoteError('does not prove that the log contains the event');
  return proof.index;
}

/** Checks that the earlier checkpoint is consistent with the pack's. */
export function checkConsistency(
  files: PackFiles,
  previous: PackCheckpoint,
  checkpoint: PackCheckpoint,
  findings: Findings,
): void {
  if (previous.origin !== checkpoint.origin)
    findings.add(
      'checkpoint',
      PACK.previous,
      `is of ${quoteTruncated(previous.origin)}, not of ${quoteTruncated(checkpoint.origin)}`,
    );
  const bytes = files.get(PACK.consistency);
  const proof = bytes && findings.attempt('consistency', PACK.consistency, () => readHashes(readText(bytes)));
  if (proof && !isConsistent(previous, checkpoint, proof))
    findings.add(
      'consistency',
      PACK.consistency,
      `does not prove that ${PACK.checkpoint} extends ${PACK.previous}`,
    );
}

/** Parses the hashes of a consistency proof. @throws TypeError */
function readHashes(text: string): Uint8Array[] {
  if (text === '') return [];
  if (!text.endsWith('\n')) throw new TypeError('does not end with a line feed');
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => {
      const bytes = hashOf(line);
      if (bytes === null) throw new TypeError(`has a line that is not a hash: ${quoteTruncated(line)}`);
      return bytes;
    });
}

export function checkPackMade(
  packMade: PackedEvent,
  { files, events }: PackContent,
  streamId: string,
  last: PackedEvent | null,
  withheld: number,
  findings: Findings,
): void {
  const wrong = (detail: string): void => {
    findings.add('pack-made', PACK.packMade, detail);
  };
  const { type, streamId: stream, lifecycle, data } = packMade;
  const [, day = ''] = /^access-(.*)$/.exec(stream) ?? [];
  if (packMade.schemaVersion !== 1) wrong(`has the unknown shape ${packMade.schemaVersion}`);
  if (type !== 'PackMade' || !isDay(day) || lifecycle !== null)
    wrong('is not a PackMade of a stream access-<date>');
  checkAlone(packMade, findings);
  const { adoptions = null } = data;
  if (!isAdoptions(adoptions)) wrong('has an invalid list of adoptions');
  const list = files.get(PACK.withheld);
  if (list === undefined) return;
  const expected = {
    adoptions,
    hash: last?.version === events ? last.hash : null,
    streamId,
    version: events,
    withheld: { count: withheld, sha256: hash('sha256', list, 'hex') },
  };
  if (canonicalJson(data) !== canonicalJson(expected))
    wrong('states a different last version of the record, or different withheld values');
}

const isAdoptions = listOf(
  has({
    recordedAt: isInstant,
    reason: isText,
    lost: orNull(has({ size: isCount, root: (value) => isText(value) && hashOf(value) !== null })),
  }),
);

/** Returns the adoptions that the event lists; none if the list is invalid. */
export function adoptionsIn(packMade: PackedEvent | null): readonly Adoption[] {
  const { adoptions = null } = packMade?.data ?? {};
  return isAdoptions(adoptions) ? (adoptions as unknown as readonly Adoption[]) : [];
}
