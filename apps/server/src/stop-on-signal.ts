import { systemClock } from '#event-sourcing/clock';
import { EXIT } from '#platform/exit-codes';
import type { Log } from '#platform/log/open-log';

/** How long a stop waits for requests, appends and folding that are under way; what is appended is on disk by then. */
const STOP_MS_MAX = 10_000;

/** Requests in flight end, nothing that was acknowledged is lost; a second signal changes nothing. */
export function stopOnSignal(open: AsyncDisposableStack, log: Log, isLeftReading: () => boolean): void {
  const { logger } = log;
  let stopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'Stopping: requests that are under way end first');
    const stopped = open.disposeAsync().then(() => true);
    const isWhole = await Promise.race([
      stopped,
      systemClock.sleep(STOP_MS_MAX, { ref: false }).then(() => false),
    ]);
    if (isWhole) logger.info('Stopped');
    else
      logger.warn(
        `Stopped with something still open after ${STOP_MS_MAX / 1_000} s; nothing that was answered is lost`,
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
 * Ends the process, as by the signal that stopped it, whatever its threads are at: `process.exit` waits for native code in
 * them, such as a statement of SQLite, which may go on for minutes. A supervisor takes that for an end that it asked for. It
 * returns where the process is a container's first one, which is not ended in this way.
 */
export function endAtOnce(): void {
  process.removeAllListeners('SIGTERM');
  process.kill(process.pid, 'SIGTERM');
}
