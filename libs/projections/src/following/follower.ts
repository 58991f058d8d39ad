/** What has a place in the log: an event, or what stands for one. */
export interface Positioned {
  readonly position: string;
}

/** Where a follower stands, kept over its ends; several processes may share one. */
export interface FollowerBookmark {
  /** The position of the last item that was handled; `'0'` before the first. */
  read(): Promise<string>;
  /** Notes it. Left out where `handle` does so in one transaction with what it writes. */
  readonly save?: (position: string) => Promise<void>;
}

export interface BatchPlace {
  /** The position after which the batch begins. */
  readonly after: string;
  /** Asks to give up what takes long. */
  readonly stopping: AbortSignal;
}

/**
 * Who follows the log, or a part of it, with a bookmark of its own. The bookmark is saved after a batch was handled, so
 * that whoever is killed in between handles the batch again: each item at least once, and in order.
 */
export interface Follower<Item extends Positioned> {
  readonly name: string;
  /** One that nobody keeps has a position to begin after: of a reader who knows it, or of one who begins anew. */
  readonly bookmark: FollowerBookmark | { readonly from: string };
  /** Does what is to be done for a batch; where it throws, the batch comes again. */
  handle(batch: readonly Item[], at: BatchPlace): Promise<void>;
  /** Done each time when all that there is has been handled. */
  readonly atEnd?: () => Promise<void>;
}

/** Who can be waited for. */
export interface Waitable {
  /** Waits until everything up to a position is handled: true, or false when the time is over or it stops. */
  whenHandled(position: string, timeoutMs: number): Promise<boolean>;
}
