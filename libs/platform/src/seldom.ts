import { systemClock } from '#event-sourcing/clock';
import { messageOf } from '#event-sourcing/errors';

/** How often the same message is told. */
const TOLD_MS = 60_000;

/** Tells a message at once, and the same one again after a minute at the soonest, with how often it came meanwhile. */
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

/** The same of errors, by what they say: who cannot go on fails again at each try. */
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
