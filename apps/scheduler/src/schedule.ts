import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import type { Logger } from 'pino';
import { systemClock } from '#event-sourcing/clock';
import { messageOf } from '#event-sourcing/errors';
import { exitCodeOf } from '#platform/exit-codes';
import { openLog } from '#platform/log/open-log';
import { openNode } from '#platform/node';
import type { NodeReports } from '#platform/node';
import { levelOf } from '#platform/notifications';
import { HOURLY, readSettings, SettingsError } from '#platform/settings';
import type { Settings } from '#platform/settings';
import { DEFAULT_STORE, outlivesProcess } from '#platform/stores';
import { logStart } from '#platform/log-start';

/** Sweeps deadlines and sends notifications as a process of its own, on the environment's store, until SIGTERM or SIGINT. */
export async function schedule(): Promise<void> {
  const open = new AsyncDisposableStack();
  try {
    const settings = readSettings(process.env);
    const sweep = sweepSchedule(settings);
    const log = openLog(settings.logLevel);
    open.defer(() => log.end());
    const { logger } = log;
    const reports = reportsTo(logger, () => logSchedulerStart(settings, logger));
    const work = { http: false, project: false, sweep, checkpoints: null };
    const node = open.adopt(await openNode(settings, reports, work), (each) => each.close());
    node.start();
    const next = node.sweeps?.nextRun;
    process.stdout.write(`Docket's scheduler is ready; it sweeps now, and next at ${next}\n`);
    await stopSignal();
  } catch (error) {
    process.stderr.write(`docket: ${messageOf(error)}\n`);
    process.exitCode = exitCodeOf(error);
  } finally {
    await open.disposeAsync();
  }
}

/** Does not create a store: without one, nothing starts and no supervisor is notified. */
async function logSchedulerStart(settings: Settings, logger: Logger): Promise<void> {
  await logStart(settings, process.env, logger);
  if (settings.sweep === null) {
    logger.info(
      'DOCKET_SWEEP is off, but that setting applies only to servers: the scheduler sweeps every hour',
    );
  }
}

const reportsTo = (logger: Logger, onStoreOpened: () => Promise<void>): NodeReports => ({
  onStoreOpened,
  onError(message) {
    logger.error(message);
  },
  onProjectorError(message) {
    logger.error(message);
  },
  onFailure(what, error) {
    logger.error({ err: error }, what);
  },
  onWarning(message) {
    logger.warn(message);
  },
  onSwept(outcome) {
    logger.info(outcome, 'Deadlines were swept');
  },
  onDelivery(delivery) {
    logger[levelOf(delivery)](delivery, 'A delivery was attempted');
  },
});

/**
 * Returns the sweep's schedule. The scheduler shares the servers' settings, where `off` means that only this process sweeps.
 * @throws SettingsError if no other process can access the store.
 */
function sweepSchedule({ sweep, readModels }: Settings): string {
  if (!outlivesProcess(readModels)) {
    throw new SettingsError(
      `DOCKET_STORE is memory:, but an in-memory store exists only inside its process. Use a file, such as ${DEFAULT_STORE}`,
    );
  }
  return sweep ?? HOURLY;
}

/** The first signal ends the wait and prevents the next run. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    // A schedule alone does not keep the process alive.
    const alive = systemClock.every(() => undefined, 60_000);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        alive.close();
        resolve();
      });
    }
  });
}
