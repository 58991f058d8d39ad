import { systemClock } from '#event-sourcing/clock';
import { EXIT } from '#platform/exit-codes';
import type { Log } from '#platform/log/open-log';

/**
 * How long a stop waits for requests and appends in progress. All acknowledged events are on disk already.
 */
const STOP_MS_MAX = 10_000;

/** Stops gracefully on SIGTERM or SIGINT; a second signal is ignored. */
export function stopOnSignal(open: AsyncDisposableStack, log: Log, isLeftReading: () => boolean): void {
  const { logger } = log;
  let stopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'Stopping: requests in progress end first');
    const dispose = async (): Promise<true> => {
      await open.disposeAsync();
      return true;
    };
    const isWhole = await Promise.race([
      dispose(),
      systemClock.sleep(STOP_MS_MAX, { ref: false }).then(() => false),
    ]);
    if (isWhole) logger.info('Stopped');
    else
      logger.warn(
        `Stopped after ${STOP_MS_MAX / 1_000} s with resources still open; no acknowledged event is lost`,
      );
    await log.end();
    if (isLeftReading()) endAtOnce();
    process.exit(EXIT.done);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      stop(signal).catch(async (error: unknown) => {
        logger.fatal({ err: error }, 'The stop failed');
        await log.end();
        process.exit(EXIT.refused);
      });
    });
  }
}

/**
 * Ends the process by SIGTERM. `process.exit` would wait for native code in threads, such as a SQLite
 * statement, possibly for minutes.
 * Supervisors treat this signal as a requested end. As PID 1 of a container the process ignores it, and this
 * function returns.
 */
export function endAtOnce(): void {
  process.removeAllListeners('SIGTERM');
  process.kill(process.pid, 'SIGTERM');
}
