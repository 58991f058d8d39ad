import { systemClock } from '#event-sourcing/clock';
import { messageOf } from '#event-sourcing/errors';

/** How often the same message is reported. */
const TOLD_MS = 60_000;

/** Throttles repeats: reports a message at once, and the same one again after at least a minute, with the number of repeats. */
export function seldom(
  tell: (message: string) => void,
  now: () => number = () => systemClock.elapsed(),
): (message: string) => void {
  let last: { readonly message: string; readonly toldAt: number; untold: number } | null = null;
  return (message) => {
    if (last?.message === message && now() - last.toldAt < TOLD_MS) {
      last.untold += 1;
      return;
    }
    const more = last?.message === message && last.untold > 0 ? ` (${last.untold} times more since)` : '';
    last = { message, toldAt: now(), untold: 0 };
    tell(`${message}${more}`);
  };
}

/** Throttles errors by their message, since a retry usually fails with the same error. */
export function seldomErrors(
  tell: (error: unknown) => void,
  now: () => number = () => systemClock.elapsed(),
): (error: unknown) => void {
  let last: unknown;
  const told = seldom(() => {
    tell(last);
  }, now);
  return (error) => {
    last = error;
    told(messageOf(error));
  };
}
