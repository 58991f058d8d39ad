import type { EventStore } from '#event-sourcing/event-store';
import { messageOf } from '#event-sourcing/errors';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { treeProjection } from '#read-models/tree/tree-projection';
import { CheckpointRefusedError } from '#use-cases/audit/make-checkpoint';
import type { CheckpointCall, LogSigner } from '#use-cases/audit/make-checkpoint';
import { signLog } from '#use-cases/audit/sign-log';
import type { SignedLog, SigningContext } from '#use-cases/audit/sign-log';
import { whenFolded } from '../projector.ts';
import type { Settings } from '../settings.ts';
import { openSigner, storeName } from './open-signer.ts';
import type { OpenSigner } from './open-signer.ts';
import { CheckpointMemory, IN_MEMORY } from './checkpoint-memory.ts';

export interface LogSigningOptions {
  readonly settings: Pick<Settings, 'store' | 'checkpoints'>;
  readonly store: EventStore;
  readonly database: ReadModelDatabase;
  /** Told why nothing is signed, when that begins and when it changes. */
  readonly onRefused: (message: string) => void;
}

/** How much of the log was signed when this process signed it last, or found nothing new in it. */
export interface LastSigned {
  readonly size: bigint;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Signs the log for a process that goes on: with a key and a memory that are opened when they are first needed, and until they can be. */
export class LogSigning {
  readonly #options: LogSigningOptions;
  #memory: CheckpointMemory | null = null;
  #refusal: string | null = null;
  #last: LastSigned | null = null;

  constructor(options: LogSigningOptions) {
    this.#options = options;
  }

  /** Why nothing was signed when it was tried last; null where that is not so. */
  get refusal(): string | null {
    return this.#refusal;
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
    const memory = settings.store.kind === 'memory' ? IN_MEMORY : settings.checkpoints.memory;
    try {
      this.#memory ??= new CheckpointMemory(memory);
      return await openSigner(settings.checkpoints, this.#memory);
    } catch (error) {
      throw this.#refused(new CheckpointRefusedError(messageOf(error), { cause: error }));
    }
  }

  /** Who signs what is told of the log. @throws CheckpointRefusedError as `open` does. */
  async signer(): Promise<LogSigner> {
    return (await this.open()).signer;
  }

  /** Signs the log as it ends now. @throws as `signLog` does. */
  async sign(call: CheckpointCall): Promise<SignedLog> {
    const { signer, memory } = await this.open();
    try {
      const outcome = await signLog({ ...this.#log(), signer, memory }, call);
      this.#refusal = null;
      if (outcome.result !== 'empty') this.#last = { size: outcome.size, at: call.now };
      return outcome;
    } catch (error) {
      throw error instanceof CheckpointRefusedError ? this.#refused(error) : error;
    }
  }

  #log(): Pick<SigningContext, 'store' | 'database' | 'storeName' | 'whenFolded'> {
    const { settings, store, database } = this.#options;
    return {
      store,
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
