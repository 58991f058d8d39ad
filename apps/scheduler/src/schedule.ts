import type { Logger } from 'pino';
import { messageOf } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { closeTelling, levelOf, openTelling } from '#platform/notifications';
import { exitCodeOf } from '#platform/exit-codes';
import { openLog } from '#platform/log/open-log';
import { openStore } from '#platform/open-store';
import { HOURLY, readSettings, SettingsError } from '#platform/settings';
import type { Settings } from '#platform/settings';
import { tellStart } from '#platform/tell-start';
import { SWEEPER, SweepSchedule } from '#platform/sweep';
import { openTracing, tracingAppends } from '#platform/tracing/open-tracing';
import { tellingProjected } from '#platform/tracing/tracing';
import type { Tracing } from '#platform/tracing/tracing';
import { openReadModels } from '#read-models/open-read-models';
import type { ReadModelAddress } from '#read-models/open-read-models';
import type { ReadModelDatabase } from '#read-models/read-model-database';
import { ProjectionRunner } from '#read-models/runner';
import { assertSameLog } from '#read-models/same-log';
import { thresholdsProjection } from '#projections/thresholds/thresholds-projection';

/** Sweeps deadlines and tells people of them as a process of its own, on the store of the environment, until SIGTERM or SIGINT. */
export async function schedule(): Promise<void> {
  const open = new AsyncDisposableStack();
  try {
    const settings = readSettings(process.env);
    const { expression, readModels } = scheduled(settings);
    const log = openLog(settings.logLevel);
    open.defer(() => log.end());
    const { logger } = log;
    const tracing = await openTracing(settings.traces, (message) => {
      logger.error(message);
    });
    open.defer(async () => tracing?.close());
    const observer = tracingAppends(tracing, undefined);
    const opened = await openStore(settings.store, { create: false, ...(observer && { observer }) });
    const store = open.adopt(opened, (each) => each.close());
    // It makes no store: where there is none, nothing starts.
    await tellStart(settings, process.env, logger);
    if (settings.sweep === null) {
      logger.info('DOCKET_SWEEP is off, which is for servers: the scheduler sweeps every hour');
    }
    const database = open.adopt(await openReadModels(readModels), (each) => each.close());
    await assertSameLog(store, database);
    const parts: Parts = { store, database, tracing };
    await tell(settings, parts, logger, open);
    const sweeps = open.adopt(sweepSchedule(expression, parts, logger), (each) => each.stop());
    sweeps.start();
    process.stdout.write(`Docket's scheduler is ready; it sweeps at once, and next at ${sweeps.nextRun}\n`);
    await stopSignal();
  } catch (error) {
    process.stderr.write(`docket: ${messageOf(error)}\n`);
    process.exitCode = exitCodeOf(error);
  } finally {
    await open.disposeAsync();
  }
}

/** What the scheduler holds open. */
interface Parts {
  readonly store: EventStore;
  readonly database: ReadModelDatabase;
  readonly tracing: Tracing | null;
}

const sweepSchedule = (expression: string, parts: Parts, logger: Logger): SweepSchedule =>
  new SweepSchedule({
    ...parts,
    // Its servers may be down: it folds what it needs.
    projector: null,
    schedule: expression,
    actor: SWEEPER,
    onSwept: (outcome) => {
      logger.info(outcome, 'Deadlines were swept');
    },
    onError: (error) => {
      logger.error({ err: error }, 'The deadlines could not be swept');
    },
  });

/** Starts telling people, where somebody is to be told; what it opens is closed with the rest. */
async function tell(
  settings: Settings,
  { store, database, tracing }: Parts,
  logger: Logger,
  open: AsyncDisposableStack,
): Promise<void> {
  const telling = await openTelling(settings, {
    store,
    readModels: database,
    onDelivery: (delivery) => {
      logger[levelOf(delivery)](delivery, 'A message was tried');
    },
    onError: (error) => {
      logger.error({ err: error }, 'People cannot be told of deadlines now');
    },
  });
  if (telling === null) return;
  // Whatever else folds the read models: where no service runs, it is only this.
  const runner = new ProjectionRunner({
    store,
    database,
    projections: [thresholdsProjection],
    ...(tracing && {
      onFolded: tellingProjected((batch) => {
        tracing.projected(batch);
      }),
    }),
    onError: (error) => {
      logger.error({ err: error }, 'The thresholds cannot be followed');
    },
  });
  open.adopt(runner, (each) => each.stop());
  open.adopt(telling, (each) => closeTelling(each));
  await runner.start();
  telling.notifier.start();
}

/**
 * When it sweeps, and what it finds there. It has the settings of its servers, which say `off` where they leave the sweep to it.
 * @throws SettingsError where no other process can see the store.
 */
function scheduled({ sweep, readModels }: Settings): { expression: string; readModels: ReadModelAddress } {
  if (readModels.kind === 'memory') {
    throw new SettingsError('DOCKET_STORE is memory:, which no other process can see; name a file');
  }
  return { expression: sweep ?? HOURLY, readModels };
}

/** The first signal ends the wait, and keeps the process from waiting for its next run. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    // A schedule that holds nothing open would let the process end.
    const alive = setInterval(() => undefined, 60_000);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        clearInterval(alive);
        resolve();
      });
    }
  });
}
