import type { Clock } from '#event-sourcing/clock';
import type { Random } from '#event-sourcing/random';
import type { EventStore } from '#event-sourcing/event-store';
import { messageOf } from '#event-sourcing/errors';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { treeProjection } from '#read-models/tree/tree-projection';
import { CheckpointRefusedError } from '#use-cases/audit/make-checkpoint';
import type { CheckpointCall, LogSigner } from '#use-cases/audit/make-checkpoint';
import { signLog } from '#use-cases/audit/sign-log';
import type { SignedLog, SigningContext } from '#use-cases/audit/sign-log';
import { Timestamps } from '#use-cases/audit/timestamps';
import { Witnesses } from '#use-cases/audit/witnesses';
import type { WitnessPolicy } from '#audit/tlog/witness-policy';
import { postToAuthority } from '../post-limited.ts';
import { postToWitness } from '../witness/open-witnesses.ts';
import { whenFolded } from '../projector.ts';
import type { Settings } from '../settings.ts';
import { openSigner } from './open-signer.ts';
import { outlivesProcess, storeName } from '../stores.ts';
import type { OpenSigner } from './open-signer.ts';
import { CheckpointMemory, IN_MEMORY } from './checkpoint-memory.ts';

interface LogSigningOptions {
  readonly settings: Pick<Settings, 'store' | 'checkpoints'>;
  readonly store: EventStore;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Random;
  readonly database: ReadModelDatabase;
  /** Told why nothing is signed, when that begins and when it changes. */
  readonly onRefused: (message: string) => void;
  /** Who else signs; null where nobody does. */
  readonly policy: WitnessPolicy | null;
  /** Told what a witness does not do. */
  readonly onUnwitnessed: (message: string) => void;
  /** Where checkpoints are time-stamped, and who is told where they are not; null where they are not to be. */
  readonly timestamps: { readonly url: string; readonly onFailure: (message: string) => void } | null;
}

/** How much of the log was signed when this process signed it last, or found nothing new in it. */
interface LastSigned {
  readonly size: bigint;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Signs the log for a process that goes on: with a key and a memory that are opened when they are first needed, and until they can be. */
export class LogSigning {
  readonly #options: LogSigningOptions;
  /** Null where the log has none. */
  readonly witnesses: Witnesses | null;
  readonly timestamps: Timestamps | null;
  #memory: CheckpointMemory | null = null;
  #refusal: string | null = null;
  #last: LastSigned | null = null;

  constructor(options: LogSigningOptions) {
    this.#options = options;
    const { policy, onUnwitnessed, timestamps } = options;
    const log = this.#log();
    this.witnesses =
      policy && new Witnesses({ ...log, policy, post: postToWitness, onFailure: onUnwitnessed });
    this.timestamps =
      timestamps &&
      new Timestamps({ ...log, post: postToAuthority(timestamps.url), onFailure: timestamps.onFailure });
  }

  /** Why nothing was signed when it was tried last, or that a witness saw another log; null where neither is so. */
  get refusal(): string | null {
    return this.#refusal ?? this.witnesses?.fork ?? null;
  }

  get last(): LastSigned | null {
    return this.#last;
  }

  /**
   * Opens the memory once, and the keys each time: they may have been replaced.
   * @throws CheckpointRefusedError where they cannot be used; it is tried again the next time.
   */
  async open(): Promise<OpenSigner> {
    const { settings } = this.#options;
    const memory = outlivesProcess(settings.store) ? settings.checkpoints.memory : IN_MEMORY;
    try {
      this.#memory ??= new CheckpointMemory(memory);
      return await openSigner(settings.checkpoints, this.#options.clock.now(), this.#memory);
    } catch (error) {
      throw this.#refused(new CheckpointRefusedError(messageOf(error), { cause: error }));
    }
  }

  /** Who signs what is told of the log. @throws CheckpointRefusedError as `open` does. */
  async signer(): Promise<LogSigner> {
    return (await this.open()).signer;
  }

  /** Signs the log as it ends now, and has it witnessed and time-stamped, as far as that can be done at once. @throws as `signLog` does. */
  async sign(call: CheckpointCall): Promise<SignedLog> {
    const { signer, memory } = await this.open();
    try {
      const outcome = await signLog({ ...this.#log(), signer, memory }, call);
      this.#refusal = null;
      if (outcome.result === 'empty') return outcome;
      this.#last = { size: outcome.size, at: call.now };
      const note = (await this.#witnessed(call)) ?? outcome.note;
      await this.#stamped(call, outcome.size);
      return { ...outcome, note };
    } catch (error) {
      throw error instanceof CheckpointRefusedError ? this.#refused(error) : error;
    }
  }

  /** What cannot be witnessed is signed all the same. */
  async #witnessed(call: CheckpointCall): Promise<string | null> {
    try {
      return (await this.witnesses?.gather(call)) ?? null;
    } catch (error) {
      this.#options.onUnwitnessed(messageOf(error));
      return null;
    }
  }

  async #stamped(call: CheckpointCall, size: bigint): Promise<void> {
    try {
      await this.timestamps?.stamp(call, size);
    } catch (error) {
      this.#options.timestamps?.onFailure(messageOf(error));
    }
  }

  #log(): Pick<SigningContext, 'store' | 'random' | 'database' | 'storeName' | 'whenFolded'> {
    const { settings, store, random, database } = this.#options;
    return {
      store,
      random,
      database,
      storeName: storeName(settings.store),
      whenFolded: (position, timeoutMs) => whenFolded(database)(position, timeoutMs, [treeProjection.name]),
    };
  }

  /** Lets go of the memory. */
  close(): void {
    this.#memory?.close();
    this.#memory = null;
  }

  #refused(error: CheckpointRefusedError): CheckpointRefusedError {
    if (error.message !== this.#refusal) this.#options.onRefused(error.message);
    this.#refusal = error.message;
    return error;
  }
}
