/** An event, or another item with a log position. */
export interface Positioned {
  readonly position: string;
}

/** A follower's persistent position. Several processes may share one. */
export interface FollowerBookmark {
  /** Returns the position of the last handled item; `'0'` before the first. */
  read(): Promise<string>;
  /** Saves the position. Absent if `handle` saves it in the same transaction as its own writes. */
  readonly save?: (position: string) => Promise<void>;
}

export interface BatchPlace {
  /** The position after which the batch begins. */
  readonly after: string;
  /** Signals that long work should stop. */
  readonly stopping: AbortSignal;
}

/**
 * Follows the log, or part of it, from a bookmark. The bookmark is saved after each batch, so a process killed in between handles
 * the batch again: at least once, in order.
 */
export interface Follower<Item extends Positioned> {
  readonly name: string;
  /** Without a persistent bookmark, the position to start after. */
  readonly bookmark: FollowerBookmark | { readonly from: string };
  /** Handles a batch. If it throws, the batch is delivered again. */
  handle(batch: readonly Item[], at: BatchPlace): Promise<void>;
  /** Called whenever everything available has been handled. */
  readonly atEnd?: () => Promise<void>;
}

export interface Waitable {
  /** Waits until everything up to a position is handled. Returns false at the timeout or when the follower stops. */
  whenHandled(position: string, timeoutMs: number): Promise<boolean>;
}
