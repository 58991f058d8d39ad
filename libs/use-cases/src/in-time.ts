import { systemClock } from '#event-sourcing/clock';
/**
 * Resolves with the result if it arrives within the timeout. The operation is not cancelled; its own limits end it.
 * @throws Error after the timeout, and the operation's errors.
 */
export async function inTime<Result>(operation: Promise<Result>, withinMs: number): Promise<Result> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = systemClock.after(() => {
    reject(new Error(`there was no response within ${withinMs / 1_000} s`));
  }, withinMs);
  try {
    return await Promise.race([operation, late]);
  } finally {
    timer.close();
  }
}
