import pino from 'pino';
import { hasCode } from '../../../libs/event-sourcing/src/errors.ts';
import type { EventStore } from '../../../libs/event-sourcing/src/event-store.ts';
import { OutboxUnusableError } from '../../../libs/outbox/src/outbox-database.ts';
import { closeTelling, openTelling } from '../../../libs/platform/src/notifications.ts';
import type { Telling } from '../../../libs/platform/src/notifications.ts';
import { openStore } from '../../../libs/platform/src/open-store.ts';
import { readSettings, SettingsError } from '../../../libs/platform/src/settings.ts';
import type { Settings } from '../../../libs/platform/src/settings.ts';
import { SWEEPER, SweepSchedule } from '../../../libs/platform/src/sweep.ts';
import {
  openReadModelDatabase,
  ReadModelDatabaseError,
} from '../../../libs/projections/src/read-model-database.ts';
import type { ReadModelDatabase } from '../../../libs/projections/src/read-model-database.ts';
import { ProjectionRunner } from '../../../libs/projections/src/runner.ts';
import { thresholdsProjection } from '../../../libs/projections/src/thresholds/thresholds-projection.ts';

const EXIT = { failed: 1, wrongUsage: 2, unreachable: 3 } as const;

/** Sweeps deadlines and tells people of them as a process of its own, on the store of the environment, until SIGTERM or SIGINT. */
export async function schedule(): Promise<void> {
  const logger = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
  let store: EventStore | undefined;
  let database: ReadModelDatabase | undefined;
  let telling: Telling | null = null;
  let runner: ProjectionRunner | undefined;
  try {
    const settings = readSettings(process.env);
    const { expression, readModels } = scheduled(settings);
    store = await openStore(settings.store, { create: false });
    database = openReadModelDatabase(readModels);
    const sweeps = new SweepSchedule({
      store,
      database,
      schedule: expression,
      actor: SWEEPER,
      onSwept: (outcome) => {
        logger.info(outcome, 'Deadlines were swept');
      },
      onError: (error) => {
        logger.error({ err: error }, 'The deadlines could not be swept');
      },
    });
    telling = await openTelling(settings, {
      store,
      readModels: database,
      onAttempt: (attempt) => {
        logger[attempt.outcome === 'delivered' ? 'info' : 'warn'](attempt, 'A message was tried');
      },
      onError: (error) => {
        logger.error({ err: error }, 'People cannot be told of deadlines now');
      },
    });
    if (telling !== null) {
      // Whatever else folds the read models: where no service runs, it is only this.
      runner = new ProjectionRunner({
        store,
        database,
        projections: [thresholdsProjection],
        onError: (error) => {
          logger.error({ err: error }, 'The thresholds cannot be followed');
        },
      });
      await runner.start();
      telling.notifier.start();
    }
    sweeps.start();
    process.stdout.write(`Docket's scheduler is ready; it sweeps at once, and next at ${sweeps.nextRun}\n`);
    await stopSignal();
    await sweeps.stop();
  } catch (error) {
    process.stderr.write(`docket: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = exitCodeOf(error);
  } finally {
    if (telling !== null) await closeTelling(telling);
    await runner?.stop();
    await database?.close();
    await store?.close();
  }
}

/** @throws SettingsError where there is nothing to schedule. */
function scheduled({ sweep, readModels }: Settings): { expression: string; readModels: string } {
  if (sweep === null) throw new SettingsError('DOCKET_SWEEP is off; the scheduler has nothing to do');
  if (readModels === null) {
    throw new SettingsError('DOCKET_STORE is memory:, which no other process can see; name a file');
  }
  return { expression: sweep, readModels };
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

function exitCodeOf(error: unknown): number {
  if (error instanceof SettingsError) return EXIT.wrongUsage;
  const isAway = hasCode(error, 'store-missing') || hasCode(error, 'store-unavailable');
  if (error instanceof OutboxUnusableError) return EXIT.unreachable;
  return isAway || error instanceof ReadModelDatabaseError ? EXIT.unreachable : EXIT.failed;
}
