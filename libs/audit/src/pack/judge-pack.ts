import { cosignersOf } from '../tlog/cosignature.ts';
import type { Cosigned } from '../tlog/cosignature.ts';
import { ed25519Bytes } from '../tlog/ed25519.ts';
import { printNote, signersOf } from '../tlog/signed-note.ts';
import type { SignedNote, VerifierKey } from '../tlog/signed-note.ts';
import type { PackCheckpoint, ReadPack } from './check-log.ts';
import type { Findings } from './findings.ts';
import { PACK } from './pack-names.ts';
import type { PackTrust } from './read-trust.ts';
import { quoteTruncated } from './strict-text.ts';
import { UnknownAlgorithmError, verifyTimeStamp } from './verify-time-stamp.ts';

/** The pack is consistent, but cannot be checked against something that the caller supplied. There is no verdict. */
export class NoVerdictError extends Error {
  override readonly name = 'NoVerdictError';
}

/** What the caller's keys, certificate and checkpoint show about the pack. */
export interface Judgement {
  /** The caller's keys that signed the checkpoint. */
  readonly signers: readonly VerifierKey[];
  /** The caller's witnesses that signed the checkpoint, each key once. */
  readonly cosigned: readonly Cosigned[];
  /** The time before which the checkpoint existed. */
  readonly stampedAt: Date | null;
}

type Checked = Omit<ReadPack, 'checkpoint'> & { readonly checkpoint: PackCheckpoint };

/**
 * Judges a pack whose parts were checked. Adds a finding for everything supplied that does not fit.
 * @throws NoVerdictError if there are no findings and something supplied cannot be checked.
 */
export function judgePack(
  read: Checked,
  timestamp: Uint8Array | null,
  trust: PackTrust,
  findings: Findings,
): Judgement {
  const signers = checkSignatures(read, trust.keys, findings);
  const cosigned = checkWitnesses(read.checkpoint, trust, findings);
  const gaps = [checkKept(read, trust.kept, findings)];
  let stampedAt: Date | null = null;
  if (trust.authority !== null && timestamp === null) gaps.push(UNSTAMPED);
  else if (trust.authority !== null && timestamp !== null)
    try {
      stampedAt = verifyTimeStamp(timestamp, signedByLog(read.checkpoint), trust.authority);
    } catch (error) {
      if (error instanceof UnknownAlgorithmError) gaps.push(`${error.message}.`);
      else findings.add('time-stamp', PACK.timestamp, (error as Error).message);
    }
  const gap = gaps.find((each) => each !== null);
  if (gap !== undefined && findings.count === 0) throw new NoVerdictError(gap);
  return { signers, cosigned, stampedAt };
}

const UNSTAMPED = 'The pack has no time stamp to check against your certificate.';

/** Returns the keys that signed the checkpoint. One must have, and one must have signed the statement. */
function checkSignatures(
  { statement, checkpoint, previous }: Checked,
  keys: readonly VerifierKey[],
  findings: Findings,
): VerifierKey[] {
  if (keys.length === 0) return [];
  const signersIn = (path: string, note: SignedNote | undefined) =>
    note && findings.attempt('signature', path, () => signersOf(note, keys));
  signersIn(PACK.previous, previous?.note);
  const both = [
    [PACK.statement, statement?.note],
    [PACK.checkpoint, checkpoint.note],
  ] as const;
  const [, ofCheckpoint = []] = both.map(([path, note]) => {
    const signers = signersIn(path, note)?.filter(({ name }) => name === checkpoint.origin);
    if (note !== undefined && signers?.length === 0)
      findings.add('signature', path, otherKey(note, checkpoint.origin, keys));
    return signers;
  });
  return ofCheckpoint;
}

/** Returns an explanation of a note without a signature of the caller's keys. */
function otherKey({ signatures }: SignedNote, origin: string, keys: readonly VerifierKey[]): string {
  const own = new Set(
    signatures.filter(({ name }) => name === origin).map(({ keyId }) => `${origin}+${keyId}`),
  );
  const why = keys.some(({ name }) => name === origin)
    ? "The log may have a new key: get the log's keys again from a source other than the pack."
    : 'The pack is from a different log than your key.';
  const supplied = keys.map(({ name, keyId }) => `${name}+${keyId}`);
  return `is signed with ${[...own].join(', ') || 'no key of the log'}, but you supplied ${supplied.join(', ')}. ${why}`;
}

const bytesOf = ({ key }: VerifierKey): string => ed25519Bytes(key).toString('hex');

/** Counts keys, not names: one that signs under two names is one witness, and the log is none. */
function checkWitnesses(
  { note }: PackCheckpoint,
  { keys, witnesses }: PackTrust,
  findings: Findings,
): readonly Cosigned[] {
  if (witnesses.length === 0) return [];
  const ofLog = keys.map(bytesOf);
  const all = cosignersOf(note, witnesses).filter(({ witness }) => !ofLog.includes(bytesOf(witness)));
  const cosigned = [...Map.groupBy(all, ({ witness }) => bytesOf(witness)).values()].flatMap(
    ([first]) => first ?? [],
  );
  const seen = cosigned.map(({ witness }) => bytesOf(witness));
  const named = new Map(witnesses.map((key) => [bytesOf(key), key.name]));
  if (2 * seen.length > named.size) return cosigned;
  const missing = [...named].filter(([bytes]) => !seen.includes(bytes)).map(([, name]) => name);
  findings.add(
    'witness',
    PACK.checkpoint,
    `is signed by ${seen.length} of your ${named.size} witnesses, which is not more than half; missing: ${missing.join(', ')}`,
  );
  return cosigned;
}

/** Returns why the pack cannot be compared with the caller's checkpoint; null if it can, or without one. */
function checkKept(
  { checkpoint, previous }: Checked,
  kept: PackCheckpoint | null,
  findings: Findings,
): string | null {
  if (kept === null) return null;
  const { size, origin, root } = kept;
  if (origin !== checkpoint.origin) {
    const [own, other] = [quoteTruncated(origin), quoteTruncated(checkpoint.origin)];
    findings.add('kept', PACK.checkpoint, `is of the log ${other}, but your checkpoint is of ${own}`);
    return null;
  }
  if (size > checkpoint.size)
    return `Your checkpoint covers ${size} events. The pack is older: its checkpoint covers ${checkpoint.size}. Request a newer pack.`;
  const same = [checkpoint, previous].find((each) => each?.size === size);
  if (!same)
    return `The pack has no proof from your checkpoint of ${size} events. Request a pack that is made with --since and this file.`;
  if (Buffer.compare(same.root, root) !== 0)
    findings.add(
      'kept',
      same === checkpoint ? PACK.checkpoint : PACK.previous,
      'has a different root from your checkpoint for the same number of events: the log was rewritten. Keep both files',
    );
  return null;
}

/** Returns the stamped bytes: the checkpoint with the signatures in the log's name. */
const signedByLog = ({ note: { text, signatures }, origin }: PackCheckpoint): Uint8Array =>
  Buffer.from(printNote({ text, signatures: signatures.filter(({ name }) => name === origin) }));
