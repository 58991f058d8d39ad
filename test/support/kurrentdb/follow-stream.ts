import type { ReadResp } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import { streamDeleted } from './call-error.ts';
import type { Outgoing } from './calls.ts';
import { PAGE_SIZE } from './event-filter.ts';
import { LIVE_MAX } from './follow-all.ts';
import type { LogStore } from './log-store.ts';
import { nextCommit } from './next-commit.ts';
import { caughtUpMessage, confirmationMessage, eventMessage } from './read-messages.ts';
import type { StoredEvent } from './stored-event.ts';
import { DELETED } from './stream-metadata.ts';

export interface FollowedStream {
  readonly stream: string;
  /** The last revision that the client has had; -1 for nothing. */
  readonly after: bigint;
  readonly isStructured: boolean;
}

/** A subscription to a stream, also to one that is not there yet. It ends with the stream's tombstone. */
export async function followStream(
  store: LogStore,
  outgoing: Outgoing<ReadResp>,
  { stream, after, isStructured }: FollowedStream,
): Promise<never> {
  await outgoing.write(confirmationMessage());
  let last = after;
  const send = async (event: StoredEvent) => {
    await outgoing.write(eventMessage(event, isStructured));
    if (event.revision === DELETED) throw streamDeleted(stream);
    last = event.revision;
  };
  for (;;) {
    for (;;) {
      if (store.lastRevision(stream) === DELETED) throw streamDeleted(stream);
      const page = store.streamPage(stream, last + 1n, PAGE_SIZE);
      if (page.length === 0) break;
      for (const event of page) await send(event);
    }
    await outgoing.write(caughtUpMessage(last < 0n ? null : last));
    for (;;) {
      const news = store.followedPage(stream, last + 1n, LIVE_MAX + 1);
      if (news.length > LIVE_MAX) break;
      for (const event of news) await send(event);
      if (news.length === 0) await nextCommit(store, outgoing.over);
    }
  }
}
