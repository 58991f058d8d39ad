import { checkGone, checkIds, checkSeals, checkStates } from './check-events.ts';
import type { GoneValues } from './check-events.ts';
import {
  adoptionsIn,
  checkConsistency,
  checkpointIn,
  checkPackMade,
  checkProofs,
  checkStatement,
  NO_INDICES,
  readStatement,
} from './check-log.ts';
import type { Adoption, ReadPack, Statement } from './check-log.ts';
import { readEnvelope, unknownForm } from './envelope-form.ts';
import { Findings } from './findings.ts';
import type { PackDivergence } from './findings.ts';
import { judgePack } from './judge-pack.ts';
import type { Judgement } from './judge-pack.ts';
import type { PackedEvent, WithheldValue } from './lay-out-pack.ts';
import { eventPath, PACK } from './pack-names.ts';
import type { PackFiles } from './pack-names.ts';
import { warningsOf } from './pack-warnings.ts';
import type { PackWarning } from './pack-warnings.ts';
import { checkBag, versionsIn } from './read-bag.ts';
import type { PackTrust } from './read-trust.ts';
import { readZip, ZipError } from './read-zip.ts';
import { readStrictJson, quoteTruncated } from './strict-text.ts';

export type PackVerdict = 'does-not-hold' | 'consistent' | 'signed' | 'witnessed';

/** The exit code of each verdict. */
export const PACK_EXITS = { 'does-not-hold': 1, consistent: 4, signed: 0, witnessed: 0 } as const;

/** The result of a verification; null for parts that cannot be read. */
export interface PackVerification {
  readonly verdict: PackVerdict;
  readonly origin: string | null;
  readonly streamId: string | null;
  readonly version: number | null;
  readonly events: number;
  /** The numbers of erased and of withheld values. */
  readonly erased: number;
  readonly withheld: number;
  /** When the pack was made and for whom, as the operator states it. */
  readonly madeAt: string | null;
  readonly madeFor: { readonly subject: string; readonly roles: readonly string[] } | null;
  readonly checkpoint: { readonly size: number; readonly root: string } | null;
  /** The caller's keys that signed, each as its name and id. */
  readonly signers: readonly string[];
  /** The caller's witnesses that signed; the time is null after the year 9999. */
  readonly witnesses: readonly { readonly name: string; readonly at: string | null }[];
  /** The time before which the checkpoint existed, by the caller's time-stamping authority. */
  readonly stampedAt: string | null;
  /** The number of events that the caller's checkpoint already covered; null without one. */
  readonly keptEvents: number | null;
  /** The log indices of the events, in order of version. */
  readonly indices: readonly (number | null)[];
  /** The digests of lifecycles that events name, without duplicates, in order. */
  readonly lifecycles: readonly string[];
  readonly adoptions: readonly Adoption[];
  readonly warnings: readonly PackWarning[];
  readonly divergences: readonly PackDivergence[];
}

/** A verification and the parts that it read, for printing. */
export interface VerifiedPack {
  readonly verification: PackVerification;
  readonly read: ReadPack;
  readonly withheld: readonly WithheldValue[];
}

/**
 * Verifies an evidence pack by its files alone, as docs/pack-format.md specifies. Uses neither file system
 * nor network, so that it also runs in a browser.
 * @param found the findings from reading the files.
 * @throws NoVerdictError
 */
export function verifyPack(
  files: PackFiles,
  trust: PackTrust,
  found: readonly PackDivergence[] = [],
): VerifiedPack {
  const findings = new Findings();
  for (const { code, file, detail } of found) findings.add(code, file, detail);
  checkBag(files, findings);
  const parts = readParts(files, findings);
  const { erased, withheld, indices } = checkParts(files, parts, findings);
  const read = { ...parts, indices };
  const { checkpoint } = parts;
  const timestamp = files.get(PACK.timestamp) ?? null;
  const judgement = checkpoint && judgePack({ ...read, checkpoint }, timestamp, trust, findings);
  return {
    verification: {
      ...resultOf(read, judgement, trust, findings),
      erased,
      withheld: withheld.length,
    },
    read,
    withheld,
  };
}

function resultOf(
  read: ReadPack,
  judgement: Judgement | null,
  { witnesses, kept }: PackTrust,
  findings: Findings,
): Omit<PackVerification, 'erased' | 'withheld'> {
  const { versions, statement, events, packMade, checkpoint, indices } = read;
  const { signers = [], cosigned = [], stampedAt = null } = judgement ?? {};
  const places = versions.map((version) => indices.events.get(version) ?? null);
  const verdict = signers.length === 0 ? 'consistent' : cosigned.length === 0 ? 'signed' : 'witnessed';
  return {
    // With witnesses that are too few, there is a finding.
    verdict: findings.count > 0 ? 'does-not-hold' : verdict,
    origin: checkpoint?.origin ?? null,
    streamId: statement?.streamId ?? null,
    version: statement?.version ?? null,
    events: versions.length,
    madeAt: packMade?.recordedAt ?? null,
    madeFor: packMade && { subject: packMade.actor.subject, roles: packMade.actor.roles },
    checkpoint: checkpoint && {
      size: Number(checkpoint.size),
      root: Buffer.from(checkpoint.root).toString('base64'),
    },
    signers: signers.map(({ name, keyId }) => `${name}+${keyId}`),
    witnesses: cosigned.map(({ witness, seconds }) => ({ name: witness.name, at: instantOf(seconds) })),
    stampedAt: stampedAt && stampedAt.toISOString(),
    keptEvents:
      kept && findings.count === 0
        ? places.filter((index) => index !== null && index < kept.size).length
        : null,
    indices: places.map((index) => (index === null ? null : Number(index))),
    lifecycles: [...new Set(events.flatMap(({ lifecycle }) => lifecycle?.digest ?? []))].sort(),
    adoptions: adoptionsIn(packMade),
    warnings: warningsOf(read, witnesses),
    divergences: findings.list,
  };
}

/** The last second of the year 9999. */
const SECONDS_MAX = 253_402_300_799n;

/** Returns a witness's time in UTC; null for times after the year 9999, which implementations format differently. */
const instantOf = (seconds: bigint): string | null =>
  seconds > SECONDS_MAX ? null : new Date(Number(seconds) * 1_000).toISOString();

type ReadParts = Omit<ReadPack, 'indices'>;

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

/** Checks each part by itself and against the others. */
function checkParts(
  files: PackFiles,
  read: ReadParts,
  findings: Findings,
): GoneValues & Pick<ReadPack, 'indices'> {
  const { versions, statement, events, packMade, checkpoint, previous } = read;
  if (statement !== null) checkVersions(versions, statement, findings);
  checkSeals(events, findings);
  checkIds(events, packMade, findings);
  const missing = checkGone(files, events, findings);
  checkStates(files, events, findings);
  const content = { files, events: versions.length, packMade, origin: checkpoint?.origin ?? null };
  if (statement !== null) checkStatement(statement, content, findings);
  if (packMade !== null && statement !== null) {
    const last = events.at(-1) ?? null;
    checkPackMade(packMade, content, statement.streamId, last, missing.withheld.length, findings);
  }
  if (checkpoint === null) return { ...missing, indices: NO_INDICES };
  if (previous !== null) checkConsistency(files, previous, checkpoint, findings);
  return { ...missing, indices: checkProofs(files, events, packMade, checkpoint, findings) };
}

export function verifyZip(zip: Uint8Array, trust: PackTrust): VerifiedPack {
  try {
    return verifyPack(readZip(zip), trust);
  } catch (error) {
    if (!(error instanceof ZipError)) throw error;
    const findings = new Findings();
    findings.add('zip', null, error.message);
    const notes = { statement: null, checkpoint: null, previous: null };
    const read = { versions: [], events: [], packMade: null, indices: NO_INDICES, ...notes };
    const result = resultOf(read, null, { ...trust, kept: null }, findings);
    return { verification: { ...result, erased: 0, withheld: 0 }, read, withheld: [] };
  }
}

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
      findings.add('stream', path, `is of ${quoteTruncated(event.streamId)}`);
    if (event.version === version) return [event];
    findings.add('stream', path, `is version ${event.version}`);
    return [];
  });
}

/** Returns the event of a pack's file; null if there is none or it cannot be read. */
function readEvent(files: PackFiles, path: string, findings: Findings): PackedEvent | null {
  const bytes = files.get(path);
  const value = bytes && findings.attempt('json', path, () => readStrictJson(bytes));
  if (value === undefined) return null;
  const form = unknownForm(value);
  if (form !== null) {
    findings.add('unknown-form', path, `is an event of the unknown form ${form}`);
    return null;
  }
  const code = path === PACK.packMade ? 'pack-made' : 'malformed';
  return findings.attempt(code, path, () => readEnvelope(value)) ?? null;
}

/** Checks that all versions up to the statement's are present. */
function checkVersions(versions: readonly number[], { version: last }: Statement, findings: Findings): void {
  versions.forEach((version, index) => {
    if (version !== (versions[index - 1] ?? 0) + 1)
      findings.add('stream', eventPath(version), 'does not follow the version before it');
  });
  if (versions.at(-1) !== last)
    findings.add('stream', PACK.statement, `the record ends at version ${last}, but the pack does not`);
}
