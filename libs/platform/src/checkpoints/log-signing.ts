import type { Clock } from '#event-sourcing/clock';
import type { Random } from '#event-sourcing/random';
import type { EventStore } from '#event-sourcing/event-store';
import { messageOf } from '#event-sourcing/errors';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { CheckpointRefusedError } from '#use-cases/audit/compare-log';
import { keysOf } from '#use-cases/audit/make-checkpoint';
import type { CheckpointCall, LogSigner } from '#use-cases/audit/make-checkpoint';
import { signLog } from '#use-cases/audit/sign-log';
import type { SignedLog, SigningContext } from '#use-cases/audit/sign-log';
import { Timestamps } from '#use-cases/audit/timestamps';
import { Witnesses } from '#use-cases/audit/witnesses';
import { postToAuthority, postToWitness } from '../post-limited.ts';
import { whenFolded } from '../projector.ts';
import type { Settings } from '../settings.ts';
import { openSigner } from './open-signer.ts';
import { outlivesProcess, storeName } from '../stores.ts';
import type { OpenSigner } from './open-signer.ts';
import { CheckpointMemory, IN_MEMORY } from './checkpoint-memory.ts';

interface LogSigningOptions {
  readonly settings: Pick<Settings, 'store' | 'checkpoints' | 'timestampUrl'>;
  readonly store: EventStore;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Random;
  readonly database: ReadModelDatabase;
  /** Called when signing starts to be refused, when the reason changes, and when a witness or time stamp is missing. */
  readonly onError: (message: string) => void;
}

/** The size that was signed when this process last signed the log or found nothing new. */
interface LastSigned {
  readonly size: bigint;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Signs the log for a long-running process. Opens the key and the memory on first use, and retries on failure. */
export class LogSigning {
  readonly #options: LogSigningOptions;
  /** Null if the log has no witnesses. */
  readonly witnesses: Witnesses | null;
  readonly timestamps: Timestamps | null;
  #memory: CheckpointMemory | null = null;
  #refusal: string | null = null;
  #last: LastSigned | null = null;

  constructor(options: LogSigningOptions) {
    this.#options = options;
    const { settings } = options;
    const { witnesses } = settings.checkpoints;
    const log = this.#log();
    this.witnesses =
      witnesses.length === 0
        ? null
        : new Witnesses({ ...log, witnesses, post: postToWitness, onFailure: this.#onUnwitnessed });
    this.timestamps =
      settings.timestampUrl === null
        ? null
        : new Timestamps({
            ...log,
            post: postToAuthority(settings.timestampUrl),
            onFailure: this.#onUnstamped,
          });
  }

  readonly #onUnwitnessed = (message: string): void => {
    this.#options.onError(`The log is not witnessed: ${message}`);
  };

  readonly #onUnstamped = (message: string): void => {
    this.#options.onError(`The log is not time-stamped: ${message}`);
  };

  /** Why the last attempt signed nothing, or that a witness saw a different log; otherwise null. */
  get refusal(): string | null {
    return this.#refusal ?? this.witnesses?.fork ?? null;
  }

  get last(): LastSigned | null {
    return this.#last;
  }

  /**
   * Opens the memory once, and the keys each time, because they may have been replaced.
   * @throws CheckpointRefusedError if they cannot be used; the next call tries again
   */
  async open(): Promise<OpenSigner> {
    const { settings } = this.#options;
    const memory = outlivesProcess(settings.store) ? settings.checkpoints.memory : IN_MEMORY;
    try {
      this.#memory ??= new CheckpointMemory(memory);
      return await openSigner(settings.checkpoints, this.#options.clock.now(), this.#memory);
    } catch (error) {
      throw this.#reportRefusal(new CheckpointRefusedError(messageOf(error), { cause: error }));
    }
  }

  /** Returns the signer of statements about the log. @throws CheckpointRefusedError as `open` does */
  async signer(): Promise<LogSigner> {
    return (await this.open()).signer;
  }

  /** Signs the log up to its end, and requests witnesses' signatures and a time-stamp if possible. Throws as `signLog` does. */
  async sign(call: CheckpointCall): Promise<SignedLog> {
    const { signer, memory } = await this.open();
    try {
      const outcome = await signLog({ ...this.#log(), signer, memory }, call);
      this.#refusal = null;
      if (outcome.result === 'empty') return outcome;
      this.#last = { size: outcome.size, at: call.now };
      const note = (await this.#gatherSignatures(call, signer)) ?? outcome.note;
      await this.#requestTimestamp(call, outcome.size);
      return { ...outcome, note };
    } catch (error) {
      throw error instanceof CheckpointRefusedError ? this.#reportRefusal(error) : error;
    }
  }

  /** Returns the checkpoint with the witnesses' signatures; null if they cannot be requested. The log is signed even without witnesses. */
  async #gatherSignatures(call: CheckpointCall, signer: LogSigner): Promise<string | null> {
    try {
      return (await this.witnesses?.gather(call, keysOf(signer))) ?? null;
    } catch (error) {
      this.#onUnwitnessed(messageOf(error));
      return null;
    }
  }

  async #requestTimestamp(call: CheckpointCall, size: bigint): Promise<void> {
    try {
      await this.timestamps?.stamp(call, size);
    } catch (error) {
      this.#onUnstamped(messageOf(error));
    }
  }

  #log(): Pick<SigningContext, 'store' | 'random' | 'database' | 'storeName' | 'whenFolded'> {
    const { settings, store, random, database } = this.#options;
    return {
      store,
      random,
      database,
      storeName: storeName(settings.store),
      whenFolded: whenFolded(database),
    };
  }

  close(): void {
    this.#memory?.close();
    this.#memory = null;
  }

  #reportRefusal(error: CheckpointRefusedError): CheckpointRefusedError {
    if (error.message !== this.#refusal) this.#options.onError(`The log is not signed: ${error.message}`);
    this.#refusal = error.message;
    return error;
  }
}
