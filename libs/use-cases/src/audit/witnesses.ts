import type { KeyObject } from 'node:crypto';
import { systemClock } from '#event-sourcing/clock';
import { parseCheckpoint, sizeOf } from '#audit/tlog/checkpoint';
import type { Checkpoint } from '#audit/tlog/checkpoint';
import { cosignersOf, printAddCheckpoint } from '#audit/tlog/cosignature';
import { ed25519Bytes } from '#audit/tlog/ed25519';
import {
  MalformedNoteError,
  parseNote,
  parseSignatureLine,
  printSignatureLine,
} from '#audit/tlog/signed-note';
import type { NoteSignature, VerifierKey } from '#audit/tlog/signed-note';
import { consistencyProof } from '#audit/tlog/tree-proofs';
import { inOneLine } from '#audit/pack/pack-report';
import { messageOf } from '#event-sourcing/errors';
import { readTree } from '#read-models/tree/tree-query';
import type { SignedCheckpoint } from '#read-models/tree/tree-query';
import { checkpointDraft } from '#state-machines/checkpoint-events';
import { londonDate } from '#state-machines/london';
import { statedHead } from './make-checkpoint.ts';
import type { CheckpointCall } from './make-checkpoint.ts';
import { recordOnCheckpoint } from './record-on-checkpoint.ts';
import type { RecordingContext } from './record-on-checkpoint.ts';

/** A party that signs checkpoints if each extends the last one that it signed. */
export interface Witness {
  readonly key: VerifierKey;
  readonly url: string;
}

/** A witness's response to a request of C2SP tlog-witness. */
export interface WitnessAnswer {
  readonly status: number;
  readonly text: string;
}

interface WitnessesOptions extends RecordingContext {
  /** Witnesses, each with a key of its own. */
  readonly witnesses: readonly Witness[];
  /** Posts a request to a witness and returns its response. @throws on failure or timeout. */
  readonly post: (url: string, body: string, signal: AbortSignal) => Promise<WitnessAnswer>;
  /** Called with the reason when a witness does not sign. */
  readonly onFailure: (message: string) => void;
}

/** A witness's state. */
export interface WitnessStatus {
  readonly name: string;
  /** The size of the last checkpoint that it signed, as far as this process knows. */
  readonly size: bigint;
  /** Why it did not sign at the last request. */
  readonly failure: string | null;
}

interface WitnessContact extends Witness {
  size: bigint;
  failures: number;
  /** The earliest time of the next request, in milliseconds since 1970. */
  nextAt: number;
  failure: string | null;
  /** How its log differs from this one; null if it does not. */
  fork: string | null;
}

/** The timeout of a request to a witness. */
const WITNESS_MS_MAX = 5_000;
const WAIT_MS = 30_000;
const WAIT_MS_MAX = 3_600_000;
/** Returns the delay after failures, which doubles each time. */
export const waitAfter = (failures: number): number => Math.min(WAIT_MS * 2 ** failures, WAIT_MS_MAX);
/** The number of attempts. An attempt fails if the witness reports another size. */
const ATTEMPTS_MAX = 4;

/** Requests the witnesses' signatures of checkpoints and records them. */
export class Witnesses {
  readonly #options: WitnessesOptions;
  readonly #witnesses: readonly WitnessContact[];
  /** Runs one round at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  #isWitnessed: boolean | null = null;

  constructor(options: WitnessesOptions) {
    this.#options = options;
    const fresh = { size: 0n, failures: 0, nextAt: 0, failure: null, fork: null };
    this.#witnesses = options.witnesses.map(({ key, url }) => ({ key, url, ...fresh }));
  }

  /** Whether more than half of the witnesses signed the last checkpoint; null before the first request. */
  get isWitnessed(): boolean | null {
    return this.#isWitnessed;
  }

  /** The keys that verify their signatures. */
  get keys(): readonly VerifierKey[] {
    return this.#witnesses.map(({ key }) => key);
  }

  get statuses(): readonly WitnessStatus[] {
    return this.#witnesses.map(({ key, size, failure }) => ({ name: key.name, size, failure }));
  }

  /** How a witness's log differs from this one; null if none does. */
  get fork(): string | null {
    return this.#witnesses.find(({ fork }) => fork !== null)?.fork ?? null;
  }

  /**
   * Requests signatures from all witnesses that have not signed the last checkpoint, in parallel; a witness that failed is skipped until
   * its delay is over. Failures are reported.
   * @param own the log's keys, which count for nothing as witnesses.
   * @param includesSigned also requests signatures from witnesses that already signed: they may have seen a larger tree since.
   * @returns the checkpoint with all its signatures; null if there is none.
   */
  gather(
    call: CheckpointCall,
    own: readonly KeyObject[],
    { includesSigned = false } = {},
  ): Promise<string | null> {
    const gathered = this.#turn.then(() => this.#gather(call, own, includesSigned));
    this.#turn = gathered.catch(() => undefined);
    return gathered;
  }

  async #gather(
    call: CheckpointCall,
    own: readonly KeyObject[],
    includesSigned: boolean,
  ): Promise<string | null> {
    const { database } = this.#options;
    const newest = await readTree(database, (tree) => tree.checkpoint());
    if (newest === null) return null;
    const { keys } = this;
    const note = parseNote(Buffer.from(newest.note));
    const wanted = this.#witnesses.filter(
      ({ key }) => includesSigned || cosignersOf(note, [key]).length === 0,
    );
    const due = wanted.filter(({ nextAt }) => nextAt <= systemClock.elapsed());
    const lines = (await Promise.all(due.map((witness) => this.#cosignInTime(witness, newest.note)))).flat();
    if (lines.length > 0 && !(await this.#record(parseCheckpoint(note.text), lines, call)))
      this.#options.onFailure('the signatures of witnesses could not be recorded: other nodes keep signing');
    const now = await readTree(database, (tree) => tree.checkpoint(newest.size));
    const latest = now?.note ?? newest.note;
    const ownKeys = own.map((key) => ed25519Bytes(key).toString('hex'));
    const signed = cosignersOf(parseNote(Buffer.from(latest)), keys).filter(
      ({ witness }) => !ownKeys.includes(ed25519Bytes(witness.key).toString('hex')),
    );
    this.#isWitnessed = 2 * signed.length > keys.length;
    return latest;
  }

  /** Records signatures unless they are already recorded. Returns false if other nodes appended first on every attempt. */
  #record(checkpoint: Checkpoint, lines: readonly string[], call: CheckpointCall): Promise<boolean> {
    const draftOf = (recorded: SignedCheckpoint | null) => {
      const existing = parseNote(Buffer.from(recorded?.note ?? '')).signatures;
      const isNew = ({ name, keyId }: NoteSignature): boolean =>
        !existing.some((other) => other.name === name && other.keyId === keyId);
      const signatures = lines.filter((line) => isNew(parseSignatureLine(line)));
      const data = { ...statedHead(checkpoint), signatures };
      return signatures.length === 0
        ? null
        : checkpointDraft('CheckpointCosigned', data, londonDate(call.now));
    };
    return recordOnCheckpoint(this.#options, checkpoint.size, draftOf, call);
  }

  async #cosignInTime(witness: WitnessContact, note: string): Promise<string[]> {
    try {
      const line = await this.#cosign(witness, note, AbortSignal.timeout(WITNESS_MS_MAX));
      Object.assign(witness, { failures: 0, nextAt: 0, failure: null, fork: null });
      return [line];
    } catch (error) {
      const wait = waitAfter(witness.failures);
      const failure = `the witness ${witness.key.name} ${messageOf(error)}`;
      if (error instanceof ForkError) witness.fork = failure;
      Object.assign(witness, {
        failures: witness.failures + 1,
        nextAt: systemClock.elapsed() + wait,
        failure,
      });
      this.#options.onFailure(failure);
      return [];
    }
  }

  /** Returns a witness's new signature line. @throws Error that describes a response without a signature. */
  async #cosign(witness: WitnessContact, note: string, signal: AbortSignal): Promise<string> {
    const { database, post } = this.#options;
    const { text } = parseNote(Buffer.from(note));
    const { size } = parseCheckpoint(text);
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const old = witness.size;
      const proof =
        old === 0n ? [] : await readTree(database, (tree) => consistencyProof(old, size, tree.nodes));
      const answer = await post(witness.url, printAddCheckpoint({ old, proof, note }), signal);
      if (answer.status === 200) {
        const line = signedLine(text, answer.text, witness.key);
        witness.size = size;
        return line;
      }
      if (answer.status !== 409) throw refusalOf(answer, old);
      witness.size = await this.#seenBy(answer, old, size);
    }
    throw new Error('reports a different size of the log each time');
  }

  /** Returns the size that a witness saw, if it differs from the size sent to it. @throws ForkError if its events are not of this log. */
  async #seenBy({ text }: WitnessAnswer, old: bigint, size: bigint): Promise<bigint> {
    const { store, database, whenFolded } = this.#options;
    const seen = sizeOf(text.trimEnd());
    if (seen === null) throw new Error('does not report the size that it saw');
    if (seen === old && old === size)
      throw new ForkError(`has seen a different root of the log at size ${size}`);
    if (seen <= size) return seen;
    // Another node may have sent it a larger tree, which that node recorded first.
    await whenFolded(await store.lastPosition(), WITNESS_MS_MAX);
    if (await readTree(database, async (tree) => (await tree.checkpoint(seen)) !== null))
      throw new Error(`has already seen ${seen} events of the log`);
    throw new ForkError(
      `has seen ${seen} events of the log, which was never signed at that size: its end is missing, or an older copy replaced it`,
    );
  }
}

/** A witness saw a different log. */
class ForkError extends Error {}

function refusalOf({ status, text }: WitnessAnswer, old: bigint): Error {
  if (status === 422)
    return new ForkError(
      `reports that the first ${old} events of the log are not those that it saw: an event was lost, inserted or changed`,
    );
  const [firstLine = ''] = text.split('\n');
  // The text is printed in a terminal or a log.
  return new Error(`responded with ${status}: ${inOneLine(firstLine.slice(0, 200))}`);
}

/** Returns the witness's signature line in its response. @throws Error if no line is valid. */
function signedLine(text: string, lines: string, key: VerifierKey): string {
  try {
    for (const line of lines.trimEnd().split('\n')) {
      const signature = parseSignatureLine(line);
      if (cosignersOf({ text, signatures: [signature] }, [key]).length > 0)
        return printSignatureLine(signature);
    }
  } catch (error) {
    if (!(error instanceof MalformedNoteError)) throw error;
  }
  throw new Error('responded without a valid signature by its key');
}
