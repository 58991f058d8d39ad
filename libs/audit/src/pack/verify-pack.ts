import { checkRestarts } from './check-restarts.ts';
import { checkGone, checkIds, checkSeals, checkStates } from './check-events.ts';
import type { GoneValues } from './check-events.ts';
import {
  checkConsistency,
  checkpointIn,
  checkPackMade,
  checkProofs,
  checkStatement,
  EXAMINED,
  NO_INDICES,
  PREVIOUS,
  readStatement,
} from './check-log.ts';
import { readEnvelope, unknownForm } from './envelope-form.ts';
import { Findings } from './findings.ts';
import type { PackDivergence } from './findings.ts';
import type { RestartEvent, ReadPack, Statement } from './check-log.ts';
import { judgePack } from './judge-pack.ts';
import type { Judgement, PackTrust } from './judge-pack.ts';
import type { PackedEvent, WithheldValue } from './lay-out-pack.ts';
import { restartPath, eventPath, PACK } from './pack-names.ts';
import type { PackFiles } from './pack-names.ts';
import { restartsIn, checkBag, versionsIn } from './read-bag.ts';
import { readZip, ZipError } from './read-zip.ts';
import { readStrictJson, quoteTruncated } from './strict-text.ts';

export interface PackVerification extends Judgement {
  readonly origin: string | null;
  readonly streamId: string | null;
  readonly version: number | null;
  readonly events: number;
  /** The numbers of erased and of withheld values. */
  readonly erased: number;
  readonly withheld: number;
  readonly divergences: readonly PackDivergence[];
}

/** A verification and the parts that it read, for printing and comparing. */
export interface VerifiedPack {
  readonly verification: PackVerification;
  readonly read: ReadPack;
  readonly withheld: readonly WithheldValue[];
}

/** The exit code of each result. */
export const PACK_EXITS = { enough: 0, 'not-enough': 1, 'not-shown': 4 } as const;

export function outcomeOf({ verdict, unmet }: PackVerification): keyof typeof PACK_EXITS {
  if (verdict === 'does-not-hold' || unmet.length > 0) return 'not-enough';
  return verdict === 'unanchored' ? 'not-shown' : 'enough';
}

/**
 * Verifies an evidence pack by its files alone, as docs/pack-format.md specifies. Uses neither file system
 * nor network, so that it also runs in a browser.
 * @param found the findings from reading the files.
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
  const { erased, withheld, indices, begun } = checkParts(files, parts, findings);
  const read = { ...parts, indices, begun };
  const { versions, statement, checkpoint } = parts;
  return {
    verification: {
      ...judgePack(read, trust, findings),
      origin: checkpoint?.origin ?? null,
      streamId: statement?.streamId ?? null,
      version: statement?.version ?? null,
      events: versions.length,
      erased,
      withheld: withheld.length,
      divergences: findings.list,
    },
    read,
    withheld,
  };
}

type ReadParts = Omit<ReadPack, 'indices' | 'begun'> & { readonly begun: readonly RestartEvent[] };

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
    examined: checkpointIn(files, PACK.examined, findings),
    begun: restartsIn(files).map((number) => ({
      number,
      event: readEvent(files, restartPath(number), findings),
    })),
  };
}

/** Checks each part by itself and against the others. */
function checkParts(
  files: PackFiles,
  read: ReadParts,
  findings: Findings,
): GoneValues & Pick<ReadPack, 'indices' | 'begun'> {
  const { versions, statement, events, packMade, checkpoint, previous, examined } = read;
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
  for (const [place, earlier] of [
    [PREVIOUS, previous],
    [EXAMINED, examined],
  ] as const)
    if (checkpoint !== null && earlier !== null)
      checkConsistency(files, place, earlier, checkpoint, findings);
  const indices =
    checkpoint === null ? NO_INDICES : checkProofs(files, events, packMade, checkpoint, findings);
  return { ...missing, indices, begun: checkRestarts(files, read.begun, checkpoint, findings) };
}

export function verifyZip(zip: Uint8Array, trust: PackTrust): VerifiedPack {
  let files: PackFiles;
  try {
    files = readZip(zip);
  } catch (error) {
    if (!(error instanceof ZipError)) throw error;
    return nothingRead(trust, { code: 'zip', file: null, detail: error.message });
  }
  return verifyPack(files, trust);
}

function nothingRead(trust: PackTrust, divergence: PackDivergence): VerifiedPack {
  const findings = new Findings();
  findings.add(divergence.code, divergence.file, divergence.detail);
  const notes = { statement: null, checkpoint: null, previous: null, examined: null };
  const read = { versions: [], events: [], packMade: null, begun: [], indices: NO_INDICES, ...notes };
  const counts = { events: 0, erased: 0, withheld: 0, divergences: findings.list };
  const nothing = { origin: null, streamId: null, version: null, ...counts };
  return { verification: { ...judgePack(read, trust, findings), ...nothing }, read, withheld: [] };
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
  const code = path === PACK.packMade ? 'pack-made' : path.startsWith('data/begun/') ? 'begun' : 'malformed';
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
