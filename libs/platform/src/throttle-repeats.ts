import { systemClock } from '#event-sourcing/clock';
import { messageOf } from '#event-sourcing/errors';

/** The interval after which the same message is reported again. */
const REPORT_MS = 60_000;

/** Returns a function that reports a message at once, and the same message again after at least a minute, with the number of repeats. */
export function throttleRepeats(
  report: (message: string) => void,
  now: () => number = () => systemClock.elapsed(),
): (message: string) => void {
  let last: { readonly message: string; readonly reportedAt: number; suppressed: number } | null = null;
  return (message) => {
    if (last?.message === message && now() - last.reportedAt < REPORT_MS) {
      last.suppressed += 1;
      return;
    }
    const more =
      last?.message === message && last.suppressed > 0 ? ` (${last.suppressed} times more since)` : '';
    last = { message, reportedAt: now(), suppressed: 0 };
    report(`${message}${more}`);
  };
}

/** Returns a function that throttles errors by their message: a retry usually fails with the same error. */
export function throttleErrors(
  report: (error: unknown) => void,
  now: () => number = () => systemClock.elapsed(),
): (error: unknown) => void {
  let last: unknown;
  const throttled = throttleRepeats(() => {
    report(last);
  }, now);
  return (error) => {
    last = error;
    throttled(messageOf(error));
  };
}
