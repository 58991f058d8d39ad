import { setTimeout as sleep } from 'node:timers/promises';

export interface RetryPauses {
  /** The first and the longest pause, in milliseconds. */
  readonly first: number;
  readonly max: number;
}

/** Waits, or returns at once when the signal is given. */
export async function pause(milliseconds: number, stopping?: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { ...(stopping && { signal: stopping }) }).catch(() => undefined);
}

/** Pauses that grow from one failure to the next. */
export class BackOff {
  readonly #pauses: RetryPauses;
  readonly #stopping: AbortSignal;
  #next: number;

  constructor(pauses: RetryPauses, stopping: AbortSignal) {
    this.#pauses = pauses;
    this.#stopping = stopping;
    this.#next = pauses.first;
  }

  reset(): void {
    this.#next = this.#pauses.first;
  }

  async wait(atMost = Infinity): Promise<void> {
    const milliseconds = Math.min(this.#next, atMost);
    this.#next = Math.min(this.#next * 2, this.#pauses.max);
    await pause(milliseconds, this.#stopping);
  }
}
