import { cosignersOf } from '../tlog/cosignature.ts';
import { signersOf } from '../tlog/signed-note.ts';
import type { VerifierKey } from '../tlog/signed-note.ts';
import type { Checkpoint } from '../tlog/checkpoint.ts';
import type { WitnessPolicy } from '../tlog/witness-policy.ts';
import { checkGone, checkIds, checkSeals, checkStates } from './check-events.ts';
import type { GoneValues } from './check-events.ts';
import { checkConsistency, checkpointIn, checkPackMade, checkProofs, checkSignatures } from './check-log.ts';
import { checkStatement, readStatement } from './check-log.ts';
import type { PackCheckpoint, Statement } from './check-log.ts';
import { readEnvelope, unknownForm } from './envelope-form.ts';
import { Findings } from './findings.ts';
import type { PackDivergence } from './findings.ts';
import type { PackedEvent, WithheldValue } from './lay-out-pack.ts';
import { eventPath, PACK } from './pack-names.ts';
import type { PackFiles } from './pack-names.ts';
import { checkBag, versionsIn } from './read-bag.ts';
import { readZip, ZipError } from './read-zip.ts';
import { readStrictJson, shown } from './strict-text.ts';

/** From the least to the most that can be said of a pack. */
export type PackVerdict = 'does-not-hold' | 'unanchored' | 'anchored' | 'kept' | 'witnessed';
/** What can be asked for. */
export type RequiredVerdict = 'anchored' | 'kept' | 'witnessed';

/** What a verifier is told from outside the pack, and what is asked for. */
export interface PackTrust {
  /** The log's keys. */
  readonly keys: readonly VerifierKey[];
  readonly policy: WitnessPolicy | null;
  /** A checkpoint that somebody kept. */
  readonly kept: PackCheckpoint | null;
  readonly required: RequiredVerdict | null;
}

export interface PackVerification {
  readonly verdict: PackVerdict;
  readonly anchored: boolean;
  readonly kept: boolean;
  readonly witnessed: boolean;
  readonly required: RequiredVerdict | null;
  readonly origin: string | null;
  readonly streamId: string | null;
  readonly version: number | null;
  readonly events: number;
  /** How many values are erased, and how many withheld. */
  readonly erased: number;
  readonly withheld: number;
  readonly divergences: readonly PackDivergence[];
}

/** What was found, and the events from which the record is told. */
export interface VerifiedPack {
  readonly verification: PackVerification;
  readonly events: readonly PackedEvent[];
  readonly withheld: readonly WithheldValue[];
}

/** Whether a pack holds, and is what was asked for. */
export const isEnough = (verification: PackVerification): boolean =>
  verification.verdict !== 'does-not-hold' &&
  (verification.required === null || verification[verification.required]);

/**
 * Verifies an evidence pack by its files alone, as docs/pack-format.md says: it opens nothing and asks nobody, so that the same code
 * runs in a browser. What was found before, when the files were read, is given in `found`.
 */
export function verifyPack(
  files: PackFiles,
  trust: PackTrust,
  found: readonly PackDivergence[] = [],
): VerifiedPack {
  const findings = new Findings();
  for (const { code, file, detail } of found) findings.add(code, file, detail);
  checkBag(files, findings);
  const read = readParts(files, findings);
  const { erased, withheld } = checkParts(files, read, findings);
  const { versions, statement, events, checkpoint } = read;
  return {
    verification: {
      ...judge(read, trust, findings),
      required: trust.required,
      origin: checkpoint?.origin ?? null,
      streamId: statement?.streamId ?? null,
      version: statement?.version ?? null,
      events: versions.length,
      erased,
      withheld: withheld.length,
      divergences: findings.list,
    },
    events,
    withheld,
  };
}

/** What a pack has, as far as it can be read. */
interface ReadParts {
  /** Of which there are files. */
  readonly versions: readonly number[];
  readonly statement: Statement | null;
  readonly events: readonly PackedEvent[];
  readonly packMade: PackedEvent | null;
  readonly checkpoint: PackCheckpoint | null;
  readonly previous: PackCheckpoint | null;
}

function readParts(files: PackFiles, findings: Findings): ReadParts {
  const versions = versionsIn(files);
  const bytes = files.get(PACK.statement);
  const statement =
    (bytes && findings.attempt('statement', PACK.statement, () => readStatement(bytes))) ?? null;
  const names = files.get(PACK.names);
  if (names !== undefined) findings.attempt('json', PACK.names, () => readStrictJson(names));
  return {
    versions,
    statement,
    events: readEvents(files, versions, statement?.streamId ?? null, findings),
    packMade: readEvent(files, PACK.packMade, findings),
    checkpoint: checkpointIn(files, PACK.checkpoint, findings),
    previous: checkpointIn(files, PACK.previous, findings),
  };
}

/** Whether the parts hold, each by itself and beside the others. */
function checkParts(files: PackFiles, read: ReadParts, findings: Findings): GoneValues {
  const { versions, statement, events, packMade, checkpoint, previous } = read;
  if (statement !== null) checkVersions(versions, statement, findings);
  checkSeals(events, findings);
  checkIds(events, packMade, findings);
  const gone = checkGone(files, events, findings);
  checkStates(files, events, findings);
  const content = { files, events: versions.length, packMade, origin: checkpoint?.origin ?? null };
  if (statement !== null) checkStatement(statement, content, findings);
  if (packMade !== null && statement !== null) {
    const last = events.at(-1) ?? null;
    checkPackMade(packMade, content, statement.streamId, last, gone.withheld.length, findings);
  }
  if (checkpoint !== null) checkProofs(files, events, packMade, checkpoint, findings);
  if (checkpoint !== null && previous !== null) checkConsistency(files, previous, checkpoint, findings);
  return gone;
}

/** Verifies a pack that is a zip. */
export function verifyZip(zip: Uint8Array, trust: PackTrust): VerifiedPack {
  let files: PackFiles;
  try {
    files = readZip(zip);
  } catch (error) {
    if (!(error instanceof ZipError)) throw error;
    const verification = nothingRead(trust, { code: 'zip', file: null, detail: error.message });
    return { verification, events: [], withheld: [] };
  }
  return verifyPack(files, trust);
}

const nothingRead = ({ required }: PackTrust, divergence: PackDivergence): PackVerification => ({
  verdict: 'does-not-hold',
  anchored: false,
  kept: false,
  witnessed: false,
  required,
  origin: null,
  streamId: null,
  version: null,
  events: 0,
  erased: 0,
  withheld: 0,
  divergences: [divergence],
});

function readEvents(
  files: PackFiles,
  versions: readonly number[],
  streamId: string | null,
  findings: Findings,
): PackedEvent[] {
  return versions.flatMap((version) => {
    const path = eventPath(version);
    const event = readEvent(files, path, findings);
    if (event === null) return [];
    if (streamId !== null && event.streamId !== streamId)
      findings.add('stream', path, `is of ${shown(event.streamId)}`);
    if (event.version === version) return [event];
    findings.add('stream', path, `is version ${event.version}`);
    return [];
  });
}

/** An event in a file of the pack; null where there is none that can be read. */
function readEvent(files: PackFiles, path: string, findings: Findings): PackedEvent | null {
  const bytes = files.get(path);
  const value = bytes && findings.attempt('json', path, () => readStrictJson(bytes));
  if (value === undefined) return null;
  const form = unknownForm(value);
  if (form !== null) {
    findings.add('unknown-form', path, `is an event of the form ${form}, which is not known here`);
    return null;
  }
  const code = path === PACK.packMade ? 'pack-made' : 'malformed';
  return findings.attempt(code, path, () => readEnvelope(value)) ?? null;
}

/** Whether the versions are all up to the statement's, of a record. */
function checkVersions(
  versions: readonly number[],
  { streamId, version: last }: Statement,
  findings: Findings,
): void {
  if (!streamId.startsWith('recommendation-'))
    findings.add('stream', PACK.statement, `names ${shown(streamId)}, which is no record's`);
  versions.forEach((version, index) => {
    if (version !== (versions[index - 1] ?? 0) + 1)
      findings.add('stream', eventPath(version), 'does not follow the version before it');
  });
  if (versions.at(-1) !== last)
    findings.add('stream', PACK.statement, `the record ends at version ${last}, and the pack does not`);
}

/** Which of the verdicts hold; what does not lead to a kept checkpoint, or is signed by no given key, is found. */
function judge(
  { statement, checkpoint, previous }: ReadParts,
  { keys, policy, kept }: PackTrust,
  findings: Findings,
): Pick<PackVerification, 'verdict' | 'anchored' | 'kept' | 'witnessed'> {
  const logs = policy === null ? [] : policy.logs.map(({ key }) => key);
  const origin = checkpoint?.origin ?? null;
  const notes = [
    [PACK.statement, statement?.note ?? null],
    [PACK.checkpoint, checkpoint?.note ?? null],
    [PACK.previous, previous?.note ?? null],
  ] as const;
  const isAnchored = checkSignatures(notes, [...keys, ...logs], origin, findings);
  if (kept !== null)
    findings.attempt('kept', PACK.checkpoint, () => signersOf(kept.note, [...keys, ...logs]));
  const isKept = kept !== null && [checkpoint, previous].some((own) => own !== null && isSame(own, kept));
  if (kept !== null && !isKept)
    findings.add('kept', PACK.checkpoint, whyNotKept([checkpoint, previous], kept));
  if (findings.count > 0) return { verdict: 'does-not-hold', anchored: false, kept: false, witnessed: false };
  const isWitnessed = checkpoint !== null && policy !== null && isSeen(checkpoint, policy);
  const verdict = isWitnessed ? 'witnessed' : isKept ? 'kept' : isAnchored ? 'anchored' : 'unanchored';
  return { verdict, anchored: isAnchored, kept: isKept, witnessed: isWitnessed };
}

/** What somebody does next depends on it: ask for another pack, or show both checkpoints to others. */
function whyNotKept(signed: readonly (Checkpoint | null)[], kept: Checkpoint): string {
  if (signed.some((own) => own !== null && own.origin !== kept.origin))
    return `is of another log than the checkpoint that was kept, which is of ${kept.origin}`;
  if (signed.some((own) => own?.size === kept.size))
    return 'has another root than the checkpoint that was kept, of as many events: the log was written anew';
  return 'this pack was not made to lead on from the checkpoint you kept: ask for one made since it';
}

const isSame = (a: Checkpoint, b: Checkpoint): boolean =>
  a.origin === b.origin && a.size === b.size && Buffer.compare(a.root, b.root) === 0;

/** Whether a log of the policy signed a checkpoint, and its quorum of witnesses, which is not none. */
function isSeen({ origin, note }: PackCheckpoint, { logs, witnesses, isQuorum }: WitnessPolicy): boolean {
  const signers = signersOf(
    note,
    logs.map(({ key }) => key),
  );
  const seen = cosignersOf(
    note,
    witnesses.map(({ key }) => key),
  );
  return (
    signers.some(({ name }) => name === origin) &&
    !isQuorum([]) &&
    isQuorum(seen.map(({ witness }) => witness))
  );
}
