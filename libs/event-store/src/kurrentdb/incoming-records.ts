import { setImmediate } from 'node:timers/promises';
import type { AllStreamResolvedEvent, AllStreamSubscription } from '@kurrent/kurrentdb-client';
import { READ_LIMIT } from '#event-sourcing/event-store';
import { recordOf } from './connection.ts';
import type { StoredRecord } from './connection.ts';
import { PAGE_LENGTH_MAX } from './log-reader.ts';
import { lengthOf } from './stored-event.ts';

/** Thrown if the server or the connection ended a subscription. */
export class DroppedError extends Error {
  override readonly name = 'DroppedError';
}

const CHANGES = ['readable', 'error', 'end', 'close'] as const;

/** Buffers the records of a subscription until they are read. If the buffer is full, the server waits. */
export class IncomingRecords {
  readonly #stream: AllStreamSubscription;
  #dropped: DroppedError | undefined;
  #taken = 0;
  #handled = 0;
  #position: string;
  #checkpoint: { readonly position: string; readonly after: number } | undefined;

  constructor(
    position: string,
    subscribe: (checkpointReached: (position: string) => void) => AllStreamSubscription,
  ) {
    this.#position = position;
    this.#stream = subscribe((reached) => {
      this.#checkpoint = { position: reached, after: this.#taken + this.#stream.readableLength };
    });
    const drop = (cause?: unknown) => {
      this.#dropped ??= new DroppedError('the subscription has ended', { cause });
    };
    this.#stream.on('error', drop).on('end', drop).on('close', drop);
  }

  /**
   * The position where the next subscription continues: of the last handled record, or of the server's last checkpoint.
   */
  get position(): string {
    return this.#checkpoint?.after === this.#handled ? this.#checkpoint.position : this.#position;
  }

  /**
   * Waits for a record; returns false if `closing` comes first.
   * @throws DroppedError
   */
  async some(closing: AbortSignal): Promise<boolean> {
    while (this.#stream.readableLength === 0) {
      if (closing.aborted) return false;
      if (this.#dropped) throw this.#dropped;
      await this.#change(closing);
    }
    return !closing.aborted;
  }

  /** Returns the buffered records, up to one page. */
  async nextRecords(): Promise<StoredRecord[]> {
    const records: StoredRecord[] = [];
    let length = 0;
    while (records.length < READ_LIMIT && length < PAGE_LENGTH_MAX) {
      const next = this.#stream.read() as AllStreamResolvedEvent | null;
      if (next === null) {
        // The client decodes arrived data in steps, so records that are there one turn later belong to the same batch.
        await setImmediate();
        if (this.#stream.readableLength === 0) break;
        continue;
      }
      this.#taken++;
      if (next.event === undefined) continue;
      const record = recordOf(next.event);
      records.push(record);
      length += lengthOf(record);
    }
    return records;
  }

  /** Marks records as handled, so that a new subscription starts after them. */
  markHandled(records: readonly StoredRecord[]): void {
    this.#handled = this.#taken;
    this.#position = records.at(-1)?.position ?? this.#position;
  }

  /** Ends the subscription without waiting for a client that is still looking for a server. */
  end(): void {
    this.#stream.unsubscribe().catch(() => undefined);
    this.#stream.destroy();
  }

  /** Resolves when there is a record, when the subscription has ended, or when `closing` is aborted. */
  async #change(closing: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const wake = () => {
      resolve(undefined);
    };
    for (const name of CHANGES) this.#stream.once(name, wake);
    closing.addEventListener('abort', wake, { once: true });
    await promise;
    for (const name of CHANGES) this.#stream.removeListener(name, wake);
    closing.removeEventListener('abort', wake);
  }
}
