import { isFork, isSame } from '../tlog/checkpoint.ts';
import { cosignersOf } from '../tlog/cosignature.ts';
import type { Cosigned } from '../tlog/cosignature.ts';
import { keyOf, MalformedNoteError, signersOf } from '../tlog/signed-note.ts';
import type { SignedNote, VerifierKey } from '../tlog/signed-note.ts';
import type { WitnessPolicy } from '../tlog/witness-policy.ts';
import type { PackCheckpoint, ReadPack } from './check-log.ts';
import type { Findings } from './findings.ts';
import { anchorsOf, challengeOf, lifecyclesOf, warningsOf } from './pack-anchors.ts';
import type { PackAnchors, PackWarning } from './pack-anchors.ts';
import { PACK } from './pack-names.ts';
import { quoteTruncated } from './strict-text.ts';

/** The levels that a caller can require of a pack, in ascending order. */
export const REACHABLE = ['anchored', 'kept', 'witnessed', 'examined'] as const;
export type RequiredVerdict = (typeof REACHABLE)[number];
export type PackVerdict = 'does-not-hold' | 'unanchored' | RequiredVerdict;

export interface PackTrust {
  /** The log's keys. */
  readonly keys: readonly VerifierKey[];
  readonly policy: WitnessPolicy | null;
  /** A checkpoint that the caller stored earlier. */
  readonly kept: PackCheckpoint | null;
  readonly required: RequiredVerdict | null;
  /** The digests of the permitted lifecycle definitions; empty permits any. */
  readonly lifecycles: readonly string[];
  /** The challenge that the caller sent with the pack request. */
  readonly challenge: string | null;
}

/** A condition of the caller that the pack does not meet. The pack can still be genuine. */
export interface UnmetCondition {
  readonly code: 'key' | 'kept' | 'policy' | 'require' | 'lifecycle' | 'challenge';
  readonly detail: string;
}

/** A verifier's conclusion from the checked parts and the caller's trust settings. */
export interface Judgement {
  readonly verdict: PackVerdict;
  readonly anchored: boolean;
  readonly kept: boolean;
  readonly witnessed: boolean;
  readonly examined: boolean;
  readonly required: RequiredVerdict | null;
  readonly anchors: PackAnchors;
  readonly unmet: readonly UnmetCondition[];
  readonly warnings: readonly PackWarning[];
}

/** Judges a pack whose parts were checked. Adds findings for invalid signatures and for forks. */
export function judgePack(read: ReadPack, trust: PackTrust, findings: Findings): Judgement {
  const { checkpoint } = read;
  const { policy, kept, required } = trust;
  const keys = [...trust.keys, ...(policy?.logs.map(({ key }) => key) ?? [])];
  const witnesses = policy?.witnesses.map(({ key }) => key) ?? [];
  const cosigned = checkpoint === null ? [] : cosignersOf(checkpoint.note, witnesses);
  const unmet: UnmetCondition[] = [];
  const unsigned = unsignedNotes(read, keys, findings);
  for (const path of unsigned) unmet.push({ code: 'key', detail: otherKey(path, read, keys) });
  const isAnchored =
    keys.length > 0 && !unsigned.some((path) => path === PACK.statement || path === PACK.checkpoint);
  const isKept = kept !== null && isExtensionOfKept(kept, read, keys, { findings, unmet });
  const hasQuorum = policy !== null && !policy.isQuorum([]);
  const lacking = hasQuorum && checkpoint ? policyLacks(policy, checkpoint, cosigned) : null;
  if (lacking !== null) unmet.push({ code: 'policy', detail: lacking });
  const examiners = policy?.examiners ?? [];
  const unexamined = policy !== null && examiners.length > 0 ? examinersLack(policy, read) : null;
  if (unexamined !== null) unmet.push({ code: 'policy', detail: unexamined });
  unmet.push(...unmetPins(read, trust));
  const isValid = findings.count === 0;
  const isWitnessed = isValid && isAnchored && hasQuorum && lacking === null;
  const reached: Readonly<Record<RequiredVerdict, boolean>> = {
    anchored: isValid && isAnchored,
    kept: isValid && isKept,
    witnessed: isWitnessed,
    examined: isWitnessed && examiners.length > 0 && unexamined === null,
  };
  if (required !== null && !reached[required])
    unmet.push({ code: 'require', detail: `The pack is not ${required}, which you required.` });
  const verdict = REACHABLE.findLast((each) => reached[each]) ?? 'unanchored';
  const trustedKeys = [...keys, ...witnesses, ...examiners];
  return {
    verdict: isValid ? verdict : 'does-not-hold',
    ...reached,
    required,
    anchors: anchorsOf(read, { cosigned, known: trustedKeys, keptSize: isKept ? kept.size : null }),
    unmet,
    warnings: warningsOf(read, kept, witnesses),
  };
}

/** Returns the paths of the notes that no trusted key signed under the log's name. */
function unsignedNotes(
  { statement, checkpoint, previous, examined }: ReadPack,
  keys: readonly VerifierKey[],
  findings: Findings,
): string[] {
  const origin = checkpoint?.origin ?? null;
  // The log need not sign it, because it is consistent with the checkpoint. But an invalid signature is always a finding.
  if (examined !== null) findings.attempt('signature', PACK.examined, () => signersOf(examined.note, keys));
  const notes: readonly (readonly [string, SignedNote | null])[] = [
    [PACK.statement, statement?.note ?? null],
    [PACK.checkpoint, checkpoint?.note ?? null],
    [PACK.previous, previous?.note ?? null],
  ];
  return notes.flatMap(([path, note]) => {
    if (note === null || origin === null || keys.length === 0) return [];
    if (!note.signatures.some(({ name }) => name === origin)) {
      findings.add(
        'signature',
        path,
        `has no signature under the name of the log, ${quoteTruncated(origin)}`,
      );
      return [];
    }
    const signers = findings.attempt('signature', path, () => signersOf(note, keys));
    return signers?.some(({ name }) => name === origin) === false ? [path] : [];
  });
}

/** Returns an explanation of the signatures in the pack: the log's key may have changed, or the pack is from another log. */
function otherKey(path: string, { checkpoint, statement, previous }: ReadPack, keys: readonly VerifierKey[]) {
  const origin = checkpoint?.origin ?? '';
  const note =
    path === PACK.statement ? statement?.note : path === PACK.checkpoint ? checkpoint?.note : previous?.note;
  const ids = new Set(note?.signatures.filter(({ name }) => name === origin).map(({ keyId }) => keyId));
  const supplied = keys.map(({ name, keyId }) => `${name}+${keyId}`).join(', ');
  const keyNames = [...ids].map((id) => `${origin}+${id}`).join(', ');
  const why = keys.some(({ name }) => name === origin)
    ? "The log may have a new key: get the log's keys again from a source other than the pack."
    : 'The pack is from a different log than your key.';
  return `${path} is signed with ${keyNames}, but you supplied ${supplied}. ${why}`;
}

interface Found {
  readonly findings: Findings;
  readonly unmet: UnmetCondition[];
}

/**
 * Reports whether the pack is consistent with the caller's checkpoint. A different root for the same size is
 * a finding; anything else is an unmet condition.
 */
function isExtensionOfKept(
  kept: PackCheckpoint,
  { checkpoint, previous }: ReadPack,
  keys: readonly VerifierKey[],
  { findings, unmet }: Found,
): boolean {
  const spoilt = spoiltBy(kept, keys);
  const packCheckpoints = [checkpoint, previous].filter((each) => each !== null);
  if (spoilt === null && packCheckpoints.some((each) => isSame(each, kept))) return true;
  if (spoilt === null && packCheckpoints.some((each) => isFork(each, kept)))
    findings.add('kept', PACK.checkpoint, FORK);
  else unmet.push({ code: 'kept', detail: spoilt ?? whyNotKept(kept, checkpoint) });
  return false;
}

const FORK =
  'has a different root from your checkpoint for the same number of events: the log was rewritten. Keep both files';

function whyNotKept({ origin, size }: PackCheckpoint, checkpoint: PackCheckpoint | null): string {
  if (checkpoint !== null && origin !== checkpoint.origin)
    return `Your checkpoint is from a different log, ${origin}. The pack is from ${checkpoint.origin}.`;
  if (checkpoint !== null && size > checkpoint.size)
    return `Your checkpoint covers ${size} events. The pack is older: its checkpoint covers ${checkpoint.size}. Request a newer pack.`;
  return `The pack has no proof from your checkpoint of ${size} events. Request a pack with since=${size}.`;
}

/** Returns a message if the caller's checkpoint has an invalid signature of a known key; otherwise null. */
function spoiltBy({ note }: PackCheckpoint, keys: readonly VerifierKey[]): string | null {
  try {
    signersOf(note, keys);
    return null;
  } catch (error) {
    if (!(error instanceof MalformedNoteError)) throw error;
    return `Your checkpoint ${error.message}.`;
  }
}

/** Returns the policy requirement that the checkpoint does not meet; null if it meets all. */
function policyLacks(
  policy: WitnessPolicy,
  { origin, note }: PackCheckpoint,
  cosigned: readonly Cosigned[],
): string | null {
  const logs = policy.logs.map(({ key }) => key).filter(({ name }) => name === origin);
  if (!note.signatures.some((signature) => keyOf(logs, signature)))
    return `No log of the policy signed ${PACK.checkpoint}.`;
  const seen = cosigned.map(({ witness }) => witness);
  if (policy.isQuorum(seen)) return null;
  const missing = policy.witnesses.map(({ key }) => key).filter((key) => !seen.includes(key));
  return `The quorum of the policy is not met. Witnesses that cosigned: ${namesOf(seen)}. Missing: ${namesOf(missing)}.`;
}

const namesOf = (keys: readonly VerifierKey[]): string => keys.map(({ name }) => name).join(', ') || 'none';

/**
 * Returns a description of the missing examiners; null if there are enough. Each must have cosigned a
 * checkpoint that covers every event of the record.
 */
function examinersLack(
  { examiners, examinersNeeded }: WitnessPolicy,
  { versions, indices, checkpoint, examined }: ReadPack,
): string | null {
  const places = versions.map((version) => indices.events.get(version));
  const covers = ({ size }: PackCheckpoint): boolean =>
    places.every((index) => index !== undefined && index < size);
  const notes = [checkpoint, examined].filter((each) => each !== null && covers(each));
  const present = examiners.filter((key) =>
    notes.some((each) => each !== null && cosignersOf(each.note, [key]).length > 0),
  );
  if (present.length >= examinersNeeded) return null;
  const missing = examiners.filter((key) => !present.includes(key));
  return (
    `The policy requires ${examinersNeeded} of its examiners, each with a checkpoint that covers every event of the record. ` +
    `Examined by: ${namesOf(present)}. Missing: ${namesOf(missing)}.`
  );
}

function unmetPins({ events, packMade }: ReadPack, { lifecycles, challenge }: PackTrust): UnmetCondition[] {
  const unmet: UnmetCondition[] = [];
  const otherDigests = lifecyclesOf(events).filter((digest) => !lifecycles.includes(digest));
  if (lifecycles.length > 0 && otherDigests.length > 0)
    unmet.push({
      code: 'lifecycle',
      detail: `Events name a lifecycle that you did not permit: ${otherDigests.join(', ')}.`,
    });
  const recorded = challengeOf(packMade);
  if (challenge !== null && challenge !== recorded) {
    const actual =
      recorded === null ? 'without a challenge' : `with the challenge ${JSON.stringify(recorded)}`;
    unmet.push({ code: 'challenge', detail: `The pack was made ${actual}, not for yours.` });
  }
  return unmet;
}
