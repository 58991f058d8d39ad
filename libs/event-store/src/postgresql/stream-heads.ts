import type { StreamHead } from '../seal-commit.ts';

/** The key of a stream's row, and the head that its next event follows. */
export interface StoredHead extends StreamHead {
  readonly stream: number;
}

/** The last position of the log, and the last key of the table of streams. */
export interface LogEnd {
  readonly position: number;
  readonly stream: number;
}

const STREAMS_REMEMBERED_MAX = 50_000;

/** Caches the heads of streams. They are valid while no other process has appended. */
export class StreamHeads {
  readonly #heads = new Map<string, StoredHead>();
  #end: LogEnd = { position: 0, stream: 0 };

  of(streamId: string): StoredHead | undefined {
    return this.#heads.get(streamId);
  }

  /** Returns whether the cache is valid; clears it if not. Call it under the lock with the end of the log. */
  agreesWith({ position, stream }: LogEnd): boolean {
    if (position === this.#end.position && stream === this.#end.stream) return true;
    this.#heads.clear();
    this.#end = { position, stream };
    return false;
  }

  /** Caches heads that were committed, and the end of the log after them. */
  remember(heads: ReadonlyMap<string, StoredHead>, end: LogEnd): void {
    for (const [streamId, head] of heads) this.#heads.set(streamId, head);
    this.#end = end;
    let left = this.#heads.size - STREAMS_REMEMBERED_MAX;
    for (const streamId of this.#heads.keys()) {
      if (left-- <= 0) break;
      this.#heads.delete(streamId);
    }
  }
}
