import type { CommandedLifecycle, Lifecycles, ReadEvent } from '#lifecycle/lifecycles';

/**
 * The events by which something was sent back to those who work on a record, and still stands: nothing has been requested, decided or
 * taken back of it since.
 * @param isOfBody of the body's people: they are not told what is the staff's alone.
 */
export function cameBack(
  lifecycles: Lifecycles<unknown, CommandedLifecycle>,
  events: readonly ReadEvent[],
  isOfBody: boolean,
): readonly ReadEvent[] {
  const standing = new Map<string, ReadEvent>();
  for (const event of events) {
    const { notices = {} } = lifecycles.find(event.lifecycle) ?? {};
    const notice = Object.hasOwn(notices, event.type) ? notices[event.type] : undefined;
    const topic = notice?.answers ?? notice?.asks;
    if (notice === undefined || topic === undefined) continue;
    standing.delete(topic);
    const isTheirs = !isOfBody || notice.to?.includes('body') === true;
    if (notice.comesBack === true && isTheirs) standing.set(topic, event);
  }
  return [...standing.values()];
}
