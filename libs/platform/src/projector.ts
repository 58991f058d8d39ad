import { systemClock } from '#event-sourcing/clock';
import type { EventStore } from '#event-sourcing/event-store';
import type { SubscriptionDrop } from '#event-sourcing/store-observer';
import { waitForPosition } from '#projections/read-models-status';
import type { Waitable } from '#projections/following/follower';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { ProjectionRunner } from '#projections/runner';
import type { Tasks } from '#threads/messages';
import { Thread, threadModule } from '#threads/thread';
import { throttleRepeats } from './throttle-repeats.ts';
import type { ProjectorOptions, ProjectorReport } from './projections.ts';
import { messageOf } from '#event-sourcing/errors';

/** Keeps the read models at the end of the log until it is stopped. */
export interface Projector extends Waitable {
  /** The reason for which no projector is running; null while one is. */
  readonly trouble: string | null;
  /** The known fault of the read models; null if there is none. */
  readonly readModelsTrouble: string | null;
  stop(): Promise<void>;
}

interface ProjectorReports {
  /** Called when the projector fails. It retries. */
  readonly onError: (message: string) => void;
  /** Called when the subscription of a projector thread was dropped. */
  readonly onDropped: (reason: SubscriptionDrop) => void;
}

const RESTART_MS = 1_000;

/** Returns a function that waits for rows, whether this thread, another thread or another node folds them. */
export const whenFolded =
  (database: ReadModelDatabase): Projector['whenHandled'] =>
  (position, timeoutMs) =>
    waitForPosition(database, position, timeoutMs);

/** Runs the projections on their own thread, so that folding does not slow down requests. */
export function startProjectorThread(
  options: ProjectorOptions,
  database: ReadModelDatabase,
  { onError: onEachError, onDropped }: ProjectorReports,
): Projector {
  const onError = throttleRepeats(onEachError);
  let trouble: string | null = null;
  let readModelsTrouble: string | null = null;
  let isStopping = false;
  let thread = start();
  function start(): Thread<Tasks, ProjectorReport> {
    const started = new Thread<Tasks, ProjectorReport>({
      module: threadModule('projector-thread', import.meta.url),
      data: options,
      unavailable: (reason, { cause } = {}) =>
        new Error(cause === undefined ? `it ${reason}` : messageOf(cause)),
      onReport: (report) => {
        if ('readModels' in report) readModelsTrouble = report.readModels.trouble;
        else if ('dropped' in report) onDropped(report.dropped);
        else onError(report.message);
      },
      onLost: ({ message }) => {
        trouble = message;
        if (isStopping) return;
        onError(`The projector's thread ended: ${message}`);
        void started.exited.then(() => systemClock.sleep(RESTART_MS)).then(restart);
      },
    });
    started.whenStarted().then(
      () => (trouble = readModelsTrouble = null),
      () => undefined,
    );
    return started;
  }
  function restart(): void {
    if (!isStopping) thread = start();
  }
  return {
    whenHandled: whenFolded(database),
    get trouble() {
      return trouble;
    },
    get readModelsTrouble() {
      return readModelsTrouble;
    },
    stop() {
      isStopping = true;
      return thread.close();
    },
  };
}

/** Runs the projections on this thread: for a store that only this process can read, and in the projector's thread. */
export async function startProjectorInProcess(
  store: EventStore,
  database: ReadModelDatabase,
  { onError }: Pick<ProjectorReports, 'onError'>,
): Promise<Projector> {
  const runner = new ProjectionRunner({
    store,
    database,
    onError: (error) => {
      onError(messageOf(error));
    },
  });
  await runner.start();
  return {
    trouble: null,
    readModelsTrouble: null,
    whenHandled: whenFolded(database),
    stop: () => runner.stop(),
  };
}
