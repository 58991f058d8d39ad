import { systemClock } from '#event-sourcing/clock';
/**
 * Gives what is asked for where it comes in time. What comes late is a failure; what was asked goes on, and ends by its own
 * limits.
 * @throws Error when it is late, and what was thrown in time.
 */
export async function inTime<Result>(asked: Promise<Result>, withinMs: number): Promise<Result> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = systemClock.after(() => {
    reject(new Error(`there was no answer within ${withinMs / 1_000} s`));
  }, withinMs);
  try {
    return await Promise.race([asked, late]);
  } finally {
    timer.close();
  }
}
