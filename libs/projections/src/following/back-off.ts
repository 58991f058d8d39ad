import { systemClock } from '#event-sourcing/clock';

export interface RetryPauses {
  /** The first and the longest pause, in milliseconds. */
  readonly first: number;
  readonly max: number;
}

/** Waits, and returns early if the signal is aborted. */
export async function pause(milliseconds: number, stopping?: AbortSignal): Promise<void> {
  await systemClock.sleep(milliseconds, { signal: stopping }).catch(() => undefined);
}

/** The pauses between retries, which grow with each failure. */
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

  /** Returns the next pause in milliseconds, and doubles the one after it up to the maximum. */
  next(): number {
    const milliseconds = this.#next;
    this.#next = Math.min(this.#next * 2, this.#pauses.max);
    return milliseconds;
  }

  async wait(atMost = Infinity): Promise<void> {
    await pause(Math.min(this.next(), atMost), this.#stopping);
  }
}
