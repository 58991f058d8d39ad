import type { CommandedLifecycle, Lifecycles, ReadEvent } from '#lifecycle/lifecycles';
import { noticeOf, openAfter } from '#lifecycle/open-requests';
import type { OpenRequest } from '#lifecycle/open-requests';

/**
 * The events by which something was sent back to those who work on a record, and still stands: nothing about the same has been requested, decided
 * or taken back since.
 * @param isOfBody of the body's people: they are not told what is the staff's alone.
 */
export function cameBack(
  lifecycles: Lifecycles<unknown, CommandedLifecycle>,
  events: readonly ReadEvent[],
  isOfBody: boolean,
): readonly ReadEvent[] {
  const standing = new Map<string, ReadEvent>();
  let open: readonly OpenRequest[] = [];
  for (const event of events) {
    const notice = noticeOf(lifecycles.find(event.lifecycle)?.notices, event);
    const after = openAfter(open, event, notice);
    const asked = after.open.filter(({ eventId }) => eventId === event.eventId);
    const isTheirs = !isOfBody || notice?.to?.includes('body') === true;
    for (const { wait, about } of [...after.answered, ...asked]) {
      standing.delete(JSON.stringify([wait, about]));
      if (notice?.comesBack === true && isTheirs) standing.set(JSON.stringify([wait, about]), event);
    }
    open = after.open;
  }
  return [...new Set(standing.values())];
}
