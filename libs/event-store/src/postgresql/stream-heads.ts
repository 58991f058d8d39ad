import type { StreamHead } from '../seal-commit.ts';

/** A stream's row, and what its next event follows. */
export interface StoredHead extends StreamHead {
  readonly stream: number;
}

/** Where the log and the table of streams end. */
export interface LogEnd {
  readonly position: number;
  readonly stream: number;
}

const STREAMS_REMEMBERED_MAX = 50_000;

/** The heads of streams as this process left them: right for as long as the log ends where it left it. */
export class StreamHeads {
  readonly #heads = new Map<string, StoredHead>();
  #end: LogEnd = { position: 0, stream: 0 };

  of(streamId: string): StoredHead | undefined {
    return this.#heads.get(streamId);
  }

  /** To be told under the lock where the log ends; false, and all is forgotten, when another process wrote. */
  agreesWith({ position, stream }: LogEnd): boolean {
    if (position === this.#end.position && stream === this.#end.stream) return true;
    this.#heads.clear();
    this.#end = { position, stream };
    return false;
  }

  /** To be told what was committed. */
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
