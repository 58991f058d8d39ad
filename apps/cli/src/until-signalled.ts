/** Runs work with a signal that SIGINT or SIGTERM aborts, so that it ends at a safe point. The same signal again ends the process. */
export async function untilSignalled<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const ending = new AbortController();
  const stop = () => {
    ending.abort();
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    return await work(ending.signal);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
