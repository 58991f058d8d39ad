import type { Lifecycles, ReadEvent } from '#lifecycle/lifecycles';
import { aboutOf, noticeOf, openAfter } from '#lifecycle/open-requests';
import type { OpenRequest } from '#lifecycle/open-requests';

/**
 * Returns the events that sent work back to the people who work on a record, if nothing about the same matter
 * was requested, decided or withdrawn since.
 * @param isOfBody whether to return only events addressed to the recipient's users.
 */
export function cameBack(
  lifecycles: Lifecycles,
  events: readonly ReadEvent[],
  isOfBody: boolean,
): readonly ReadEvent[] {
  const cameBack = new Map<string, ReadEvent>();
  let open: readonly OpenRequest[] = [];
  for (const event of events) {
    const notice = noticeOf(lifecycles.find(event.lifecycle)?.notices, event);
    if (notice === undefined) continue;
    const { opens, answers } = notice;
    const after = openAfter(open, event, notice);
    open = after.open;
    // An older request does not say what it was about; its decision may.
    const ownMatter = { wait: opens ?? answers ?? '', about: aboutOf(event, notice) };
    const isTheirs = !isOfBody || notice.to?.includes('body') === true;
    for (const { wait, about } of after.answered.length > 0 ? after.answered : [ownMatter]) {
      cameBack.delete(JSON.stringify([wait, about]));
      if (notice.comesBack === true && isTheirs) cameBack.set(JSON.stringify([wait, about]), event);
    }
  }
  return [...new Set(cameBack.values())];
}
