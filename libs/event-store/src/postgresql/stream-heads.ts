import type { StreamHead } from '../seal-commit.ts';

/** A stream's row, and the head that its next event follows. */
export interface StoredHead extends StreamHead {
  readonly stream: number;
}

/** The ends of the log and of the table of streams. */
export interface LogEnd {
  readonly position: number;
  readonly stream: number;
}

const STREAMS_REMEMBERED_MAX = 50_000;

/** Caches the heads of streams. They are valid while the log ends where this process left it. */
export class StreamHeads {
  readonly #heads = new Map<string, StoredHead>();
  #end: LogEnd = { position: 0, stream: 0 };

  of(streamId: string): StoredHead | undefined {
    return this.#heads.get(streamId);
  }

  /** Call it under the lock with the log's end. Returns false and clears the cache if another process wrote. */
  agreesWith({ position, stream }: LogEnd): boolean {
    if (position === this.#end.position && stream === this.#end.stream) return true;
    this.#heads.clear();
    this.#end = { position, stream };
    return false;
  }

  /** Call it with what was committed. */
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
