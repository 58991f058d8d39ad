import { hash } from 'node:crypto';
import { systemClock } from '#event-sourcing/clock';
import { assertTimeStamp, printTimeStampRequest } from '#audit/time-stamp';
import { checkpointOfNote } from '#audit/tlog/checkpoint';
import { messageOf } from '#event-sourcing/errors';
import { readTree } from '#read-models/tree/tree-query';
import type { SignedCheckpoint } from '#read-models/tree/tree-query';
import { checkpointDraft } from '#state-machines/checkpoint-events';
import { londonDate } from '#state-machines/london';
import { statedHead } from './make-checkpoint.ts';
import type { CheckpointCall } from './make-checkpoint.ts';
import { recordOnCheckpoint } from './record-on-checkpoint.ts';
import type { RecordingContext } from './record-on-checkpoint.ts';
import { waitAfter } from './witnesses.ts';

interface TimestampsOptions extends RecordingContext {
  /** Posts a request to the time-stamping authority and returns its response. @throws on failure or timeout. */
  readonly post: (request: Uint8Array<ArrayBuffer>, signal: AbortSignal) => Promise<Uint8Array>;
  /** Called with the reason when there is no timestamp. */
  readonly onFailure: (message: string) => void;
}

/** The timeout for the authority's response. */
const STAMP_MS_MAX = 5_000;
const NONCE_BYTES = 8;

/** Gets timestamps of checkpoints from a third party (RFC 3161) and records them. */
export class Timestamps {
  readonly #options: TimestampsOptions;
  /** Runs one request at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  #isTimestamped: boolean | null = null;
  #failures = 0;
  /** The earliest time of the next request, in milliseconds since 1970. */
  #nextAt = 0;

  constructor(options: TimestampsOptions) {
    this.#options = options;
  }

  /** Whether the last checkpoint has a timestamp; null before the first request. */
  get isTimestamped(): boolean | null {
    return this.#isTimestamped;
  }

  /**
   * Gets a timestamp for the checkpoint of a size unless it has one. After a failure, which it reports, it waits before the next request.
   */
  stamp(call: CheckpointCall, size: bigint): Promise<void> {
    const stamped = this.#turn.then(() => this.#stamp(call, size));
    this.#turn = stamped.catch(() => undefined);
    return stamped;
  }

  async #stamp(call: CheckpointCall, size: bigint): Promise<void> {
    const checkpoint = await readTree(this.#options.database, (tree) => tree.checkpoint(size));
    if (checkpoint === null) return;
    this.#isTimestamped = checkpoint.timestamp !== null;
    if (this.#isTimestamped || this.#nextAt > systemClock.elapsed()) return;
    try {
      const timestamp = await this.#request(checkpoint.signed);
      await this.#record(checkpoint, timestamp, call);
      this.#isTimestamped = true;
      [this.#failures, this.#nextAt] = [0, 0];
    } catch (error) {
      this.#nextAt = systemClock.elapsed() + waitAfter(this.#failures);
      this.#failures += 1;
      this.#options.onFailure(messageOf(error));
    }
  }

  /** Returns a new timestamp. @throws Error that describes a response without a timestamp. */
  async #request(signed: string): Promise<Uint8Array> {
    const request = {
      digest: hash('sha256', signed, 'buffer'),
      nonce: this.#options.random.bytes(NONCE_BYTES),
    };
    try {
      const signal = AbortSignal.timeout(STAMP_MS_MAX);
      const answer = await this.#options.post(printTimeStampRequest(request), signal);
      assertTimeStamp(answer, request);
      return answer;
    } catch (error) {
      throw new Error(`the time-stamping authority ${messageOf(error)}`, { cause: error });
    }
  }

  /** Records the timestamp unless another node already did. */
  async #record({ size, signed }: SignedCheckpoint, bytes: Uint8Array, call: CheckpointCall): Promise<void> {
    const timestamp = Buffer.from(bytes).toString('base64');
    const data = { ...statedHead(checkpointOfNote(signed)), timestamp };
    const event = checkpointDraft('CheckpointTimestamped', data, londonDate(call.now));
    const draftOf = (recorded: SignedCheckpoint | null) => (recorded?.timestamp ? null : event);
    if (!(await recordOnCheckpoint(this.#options, size, draftOf, call)))
      throw new Error('the timestamp could not be recorded: other nodes keep signing');
  }
}
