import type { CommandedLifecycle, Lifecycles, ReadEvent } from '#lifecycle/lifecycles';
import { aboutOf, noticeOf, openAfter } from '#lifecycle/open-requests';
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
    if (notice === undefined) continue;
    const { asks, answers } = notice;
    const after = openAfter(open, event, notice);
    open = after.open;
    // Of a request that came before these events it is known what it was about where what answers it says so.
    const own = { wait: asks ?? answers ?? '', about: aboutOf(event, notice) };
    const isTheirs = !isOfBody || notice.to?.includes('body') === true;
    for (const { wait, about } of after.answered.length > 0 ? after.answered : [own]) {
      standing.delete(JSON.stringify([wait, about]));
      if (notice.comesBack === true && isTheirs) standing.set(JSON.stringify([wait, about]), event);
    }
  }
  return [...new Set(standing.values())];
}
