import { hash } from 'node:crypto';
import type { Findings } from './findings.ts';
import { BAGIT, byPath, eventPath, FILE_BYTES_MAX, isPayload } from './pack-names.ts';
import { PACK, PACK_BYTES_MAX, proofPath } from './pack-names.ts';
import type { PackFiles } from './pack-names.ts';
import { readText, quoteTruncated } from './strict-text.ts';

const NUMBERED = /^data\/(?:events\/(\d{6})\.json|proofs\/(\d{6})\.tlog-proof)$/;
const LIFECYCLE = /^data\/lifecycles\/([0-9a-f]{64})\.json$/;
/** A pack has both or neither. */
const PAIR = [PACK.previous, PACK.consistency];
const MAY_BE: readonly string[] = [PACK.timestamp, PACK.names, ...PAIR];
const NAMES: readonly string[] = Object.values(PACK);

/** Returns the version in the path of an event or a proof. */
const versionOf = (path: string): number | null => {
  const [, ofEvent, ofProof] = NUMBERED.exec(path) ?? [];
  const version = Number(ofEvent ?? ofProof ?? 0);
  return version === 0 ? null : version;
};

const isKnown = (path: string): boolean =>
  NAMES.includes(path) || versionOf(path) !== null || LIFECYCLE.test(path);

/** Returns the digest in the name of a lifecycle's file. */
export const lifecycleDigestOf = (path: string): string | null => LIFECYCLE.exec(path)?.[1] ?? null;

/** Returns the versions that have an event file, in order. */
export const versionsIn = (files: PackFiles): number[] =>
  [...files.keys()]
    .filter((path) => path.startsWith('data/events/'))
    .flatMap((path) => versionOf(path) ?? [])
    .sort((a, b) => a - b);

/** Checks that the bag has exactly the files of a pack, and that its manifests match them. */
export function checkBag(files: PackFiles, findings: Findings): void {
  checkNames(files, findings);
  const { bagit, info, manifest, tagManifest, statement } = PACK;
  const lines = files.get(bagit);
  if (lines !== undefined && Buffer.compare(lines, Buffer.from(BAGIT)) !== 0)
    findings.add('bag', bagit, 'does not declare BagIt 1.0 and UTF-8, a line each');
  const about = files.get(info);
  if (about !== undefined)
    findings.attempt('bag', info, () => {
      checkOxum(readText(about), files);
    });
  const tags = (path: string): boolean => !isPayload(path) && path !== tagManifest && path !== statement;
  checkManifest(manifest, isPayload, files, findings);
  checkManifest(tagManifest, tags, files, findings);
}

function checkNames(files: PackFiles, findings: Findings): void {
  for (const [path, { length }] of files) {
    if (!isKnown(path)) findings.add('bag', path, 'is not a file of a pack');
    if (length > FILE_BYTES_MAX) findings.add('bag', path, 'exceeds the size limit of a file');
  }
  const total = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  if (total > PACK_BYTES_MAX) findings.add('bag', null, 'the pack exceeds the size limit');
  const versions = versionsIn(files);
  const pairs = [...files.keys()].flatMap((path) => versionOf(path) ?? []);
  const needed = [
    ...NAMES.filter((path) => !MAY_BE.includes(path)),
    ...(versions.length === 0 ? [eventPath(1)] : []),
    ...new Set(pairs.flatMap((version) => [eventPath(version), proofPath(version)])),
    ...(PAIR.some((path) => files.has(path)) ? PAIR : []),
  ];
  for (const path of needed) if (!files.has(path)) findings.add('bag', path, 'is missing');
}

/** Checks that the bag's info states the payload's size. @throws TypeError */
function checkOxum(text: string, files: PackFiles): void {
  if (!/^(?:[^:\r\n]+: [^\r\n]*\n)*$/.test(text))
    throw new TypeError('has a line that is not a label and its value');
  const payload = [...files].filter(([path]) => isPayload(path));
  const bytes = payload.reduce((sum, [, { length }]) => sum + length, 0);
  const oxums = text.split('\n').filter((line) => /^payload-oxum:/i.test(line));
  const right = `Payload-Oxum: ${bytes}.${payload.length}`;
  if (oxums.length !== 1 || oxums[0] !== right)
    throw new TypeError(`says ${oxums.map(quoteTruncated).join(', ') || 'no Payload-Oxum'}, not ${right}`);
}

const LINE = /^([0-9a-f]{64}) {2}(\S+)$/;

function checkManifest(
  path: string,
  isListed: (path: string) => boolean,
  files: PackFiles,
  findings: Findings,
): void {
  const bytes = files.get(path);
  const listed = bytes && findings.attempt('manifest', path, () => readManifest(readText(bytes)));
  if (listed === undefined) return;
  for (const [name, digest] of listed) {
    const file = files.get(name);
    if (!isListed(name))
      findings.add('manifest', path, `lists ${quoteTruncated(name)}, which it must not list`);
    else if (file === undefined) findings.add('manifest', name, 'is listed, but missing');
    else if (hash('sha256', file, 'hex') !== digest)
      findings.add('manifest', name, 'does not match its listed digest');
  }
  for (const name of files.keys())
    if (isListed(name) && !listed.has(name)) findings.add('manifest', name, `is not in ${path}`);
}

/** Parses a manifest into digests by path. @throws TypeError */
function readManifest(text: string): Map<string, string> {
  if (!text.endsWith('\n')) throw new TypeError('does not end with a line feed');
  const listed = new Map<string, string>();
  let before = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const [, digest = '', path = ''] = LINE.exec(line) ?? [];
    if (path === '') throw new TypeError(`has a line that is not a manifest's: ${quoteTruncated(line)}`);
    if (byPath(before, path) >= 0) throw new TypeError(`has ${quoteTruncated(path)} twice, or out of order`);
    listed.set(path, digest);
    before = path;
  }
  return listed;
}
