/** An item with a log position, such as an event. */
export interface Positioned {
  readonly position: string;
}

/** The stored position of a follower. Several processes may share one. */
export interface FollowerBookmark {
  /** Returns the position of the last handled item; `'0'` before the first. */
  read(): Promise<string>;
  /** Saves the position. Absent if `handle` saves it in the same transaction as its own changes. */
  readonly save?: (position: string) => Promise<void>;
}

export interface BatchPlace {
  /** The position after which the batch begins. */
  readonly after: string;
  /** Aborted when long work should stop. */
  readonly stopping: AbortSignal;
}

/**
 * Follows the log, or a part of it, from a bookmark. The bookmark is saved after each batch; if a process is killed in
 * between, the batch is handled again. Batches are therefore handled at least once, in order.
 */
export interface Follower<Item extends Positioned> {
  readonly name: string;
  readonly bookmark: FollowerBookmark;
  /** Handles a batch. If it throws, the batch is delivered again. */
  handle(batch: readonly Item[], at: BatchPlace): Promise<void>;
}

export interface Waitable {
  /** Waits until everything up to a position is handled. Returns false after the timeout or if the follower stops. */
  whenHandled(position: string, timeoutMs: number): Promise<boolean>;
}
