import type { KeyObject } from 'node:crypto';
import { createPublicKey } from 'node:crypto';
import { readCheckpoint } from '#audit/tlog/checkpoint';
import type { Checkpoint, ReadCheckpoint } from '#audit/tlog/checkpoint';
import { cosign } from '#audit/tlog/cosignature';
import {
  MalformedNoteError,
  parseSignatureLine,
  printNote,
  printSignatureLine,
  verifierKey,
} from '#audit/tlog/signed-note';
import type { VerifierKey } from '#audit/tlog/signed-note';
import type { LogHead } from '#audit/log-head';
import type { LifecycleReference } from '#event-sourcing/envelope';
import { streamEvents } from '#event-sourcing/event-store';
import type { EventStore } from '#event-sourcing/event-store';
import type { KnownStatecharts, LifecycleEvent } from '#lifecycle/lifecycles';
import { asCheckpointEvent, CHECKPOINTS_STREAM } from '#state-machines/checkpoint-events';
import { verifyStore } from '../log/verify-store.ts';
import type { Verification, VerifyOptions } from '../log/verify-store.ts';

/** The last checkpoint of a log that a cosigner signed. */
export interface LastSeen extends Checkpoint {
  readonly note: string;
}

/** The digest of a lifecycle that an examiner accepts, or the name that it signs under. */
export interface Pin {
  readonly kind: 'lifecycle' | 'name';
  readonly value: string;
}

export interface ToKeep {
  /** The newly signed note; null to keep none. */
  readonly seen: string | null;
  readonly pins?: readonly Pin[];
}

/** What an examiner remembers between examinations, outside the store. */
export interface ExaminerMemory {
  readonly last: (origin: string) => LastSeen | null;
  readonly pinned: (kind: Pin['kind']) => string[];
  /** Stores what `decide` returns, on disk before this method returns. No other process can decide at the same time. */
  readonly update: <Decided extends ToKeep>(
    origin: string,
    decide: (last: LastSeen | null) => Decided,
  ) => Decided;
}

/** The examiner refuses to sign for a reason other than a failed verification of the store. */
class ExaminationRefusedError extends Error {
  override readonly name = 'ExaminationRefusedError';
  readonly code = 'examination-refused';
}

interface Examiner {
  readonly name: string;
  /** An Ed25519 private key. */
  readonly key: KeyObject;
  readonly memory: ExaminerMemory;
  /** The time of the signature, in milliseconds since 1970. */
  readonly now: number;
  /** The log's keys, if known: one of them must have signed the checkpoint. */
  readonly logKeys: readonly VerifierKey[];
  /** Digests of lifecycles to pin with this examination. */
  readonly accepted: readonly string[];
}

export interface Cosigned {
  /** The checkpoint with the log's and the examiner's signatures. */
  readonly note: string;
  /** Only the examiner's signature line. */
  readonly signature: string;
  readonly checkpoint: Checkpoint;
  /** The checkpoint of this log that was examined before; null if this memory has none. */
  readonly before: Checkpoint | null;
  readonly lifecycles: readonly string[];
}

export interface Examination {
  readonly verified: Verification;
  /** Null if the store fails verification: then nothing is signed or stored. */
  readonly cosigned: Cosigned | null;
}

/**
 * Verifies a whole store and cosigns its latest checkpoint. The log must match that checkpoint and every checkpoint that the examiner
 * signed before, and use only lifecycles that the examiner pinned.
 * @throws ExaminationRefusedError
 */
export async function examineLog(
  store: EventStore,
  lifecycles: KnownStatecharts,
  examiner: Examiner,
  options: Pick<VerifyOptions, 'examined' | 'onProgress'> = {},
): Promise<Examination> {
  const { memory, accepted } = examiner;
  const signed = await readSignedLog(store);
  const { latest } = signed;
  refuseUnknownSigner(latest, examiner.logKeys);
  const lastSeen = [...signed.origins].flatMap((origin) => memory.last(origin) ?? []);
  refuseLostMemory(signed, examiner, lastSeen);
  const pins = [...memory.pinned('lifecycle'), ...accepted];
  const pinned = new PinnedLifecycles(lifecycles, pins.length === 0 ? null : new Set(pins));
  const expectedHeads = [latest.checkpoint, ...lastSeen].map(headOf);
  const verified = await verifyStore(store, pinned, [], { ...options, expectedHeads });
  if (!verified.ok) return { verified, cosigned: null };
  const kept = { before: lastSeen, lifecycles: [...new Set([...pins, ...pinned.followed])] };
  return { verified, cosigned: sign(latest, examiner, kept) };
}

const headOf = ({ size, root }: Checkpoint): LogHead => ({
  events: Number(size),
  hash: Buffer.from(root).toString('hex'),
});

interface SignedLog {
  readonly latest: ReadCheckpoint;
  /** All names under which the log was signed. */
  readonly origins: ReadonlySet<string>;
  /** Name and key id of each recorded cosigner. */
  readonly cosigners: ReadonlySet<string>;
}

async function readSignedLog(store: EventStore): Promise<SignedLog> {
  let note: string | null = null;
  const [origins, cosigners] = [new Set<string>(), new Set<string>()];
  for await (const event of streamEvents(store, CHECKPOINTS_STREAM)) {
    const { type, data } = asCheckpointEvent(event);
    if (type === 'CheckpointSigned') {
      note = data.note;
      origins.add(data.origin);
    } else if (type === 'CheckpointCosigned')
      for (const line of data.signatures) cosigners.add(cosignerIn(line));
  }
  if (note === null)
    throw new ExaminationRefusedError(
      'The log was never signed, so there is no checkpoint to cosign. Sign it first: docket checkpoint',
    );
  return { latest: readCheckpoint(Buffer.from(note), []), origins, cosigners };
}

function cosignerIn(line: string): string {
  const { name, keyId } = parseSignatureLine(line);
  return `${name} ${keyId}`;
}

function refuseUnknownSigner({ note, checkpoint }: ReadCheckpoint, keys: readonly VerifierKey[]): void {
  if (keys.length === 0) return;
  let why = 'no key from the command line signed it';
  try {
    if (readCheckpoint(Buffer.from(printNote(note)), keys).signers.length > 0) return;
  } catch (error) {
    if (!(error instanceof MalformedNoteError)) throw error;
    why = `it ${error.message}`;
  }
  throw new ExaminationRefusedError(
    `The latest checkpoint, of ${checkpoint.origin}, is not cosigned: ${why}`,
  );
}

/** Refuses a log that already has this examiner's signature although its memory does not know the log. */
function refuseLostMemory(
  { cosigners, origins }: SignedLog,
  { name, key }: Examiner,
  known: readonly LastSeen[],
): void {
  const ownKey = verifierKey(name, 'cosignature', createPublicKey(key));
  if (known.length > 0 || !cosigners.has(`${ownKey.name} ${ownKey.keyId}`)) return;
  throw new ExaminationRefusedError(
    `This key has cosigned ${[...origins].join(', ')} before, but the memory does not contain that log. Use the memory from that time. If it ` +
      'is lost, examine under a different name with a different key',
  );
}

/** Signs a checkpoint, after its note is stored. */
function sign(
  { checkpoint, note }: ReadCheckpoint,
  { name, key, memory, now }: Examiner,
  { before, lifecycles }: { readonly before: readonly LastSeen[]; readonly lifecycles: readonly string[] },
): Cosigned {
  const ownLast = before.find(({ origin }) => origin === checkpoint.origin) ?? null;
  const pins = [...lifecycles.map(asLifecycle), { kind: 'name', value: name } as const];
  const { why } = memory.update(checkpoint.origin, (last) => {
    const why = whyNotSigned(ownLast, last, checkpoint);
    return why === null ? { why, seen: printNote(note), pins } : { why, seen: null };
  });
  if (why !== null) throw new ExaminationRefusedError(why);
  const signature = cosign(note.text, name, key, BigInt(Math.floor(now / 1_000)));
  return {
    note: printNote({ ...note, signatures: [...note.signatures, signature] }),
    signature: printSignatureLine(signature),
    checkpoint,
    before: ownLast,
    lifecycles,
  };
}

const asLifecycle = (value: string): Pin => ({ kind: 'lifecycle', value });

/** @param own the checkpoint that the store was compared with. */
function whyNotSigned(own: LastSeen | null, last: LastSeen | null, { size }: Checkpoint): string | null {
  if (last?.note !== own?.note)
    return 'Another examination with this memory finished in the meantime. Nothing was signed; examine again';
  if (last !== null && last.size > size)
    return `The latest checkpoint covers ${size} events, but ${last.size} were examined before: the log lost a checkpoint`;
  return null;
}

/** The lifecycles of this build that the examiner accepts: the pinned ones, or all if none is pinned yet. */
class PinnedLifecycles implements KnownStatecharts {
  readonly #known: KnownStatecharts;
  readonly #pinned: ReadonlySet<string> | null;
  /** The digests of lifecycles that the log's events name. */
  readonly followed = new Set<string>();

  constructor(known: KnownStatecharts, pinned: ReadonlySet<string> | null) {
    this.#known = known;
    this.#pinned = pinned;
  }

  find(reference: LifecycleReference | null): ReturnType<KnownStatecharts['find']> {
    const lifecycle = this.#known.find(reference);
    if (lifecycle === null || reference === null || this.#pinned?.has(reference.digest) === false)
      return null;
    this.followed.add(reference.digest);
    return lifecycle;
  }

  notKnown(event: LifecycleEvent): string {
    if (event.lifecycle === null || this.#known.find(event.lifecycle) === null)
      return this.#known.notKnown(event);
    const { name, version, digest } = event.lifecycle;
    return (
      `Version ${event.version} of ${event.streamId} was recorded under lifecycle ${name} v${version}, whose digest is not pinned. Compare it with ` +
      `the published digests; if it is one of them, examine again with --lifecycle ${digest}`
    );
  }
}
