import { CronTimer } from '../cron-timer.ts';
import type { Machine } from '../steady-clock.ts';
import type { Actor } from '#event-sourcing/envelope';
import { CheckpointRefusedError } from '#use-cases/audit/compare-log';
import type { LogSigning } from './log-signing.ts';

/** The actor of scheduled checkpoints. */
export const CHECKPOINTER: Actor = { subject: 'docket:checkpoint', roles: ['administrator'] };

interface CheckpointScheduleOptions {
  readonly signing: Pick<LogSigning, 'open' | 'sign'>;
  readonly machine: Machine;
  /** A cron expression in London's time. */
  readonly schedule: string;
  /** Called when signing failed for a reason other than the log's content, which signing itself reports. The next run retries. */
  readonly onError: (error: unknown) => void;
}

/** Signs the log on a schedule, one run at a time. Signs nothing if only checkpoints were appended. */
export class CheckpointSchedule {
  readonly #options: CheckpointScheduleOptions;
  readonly #cron: CronTimer;
  #running: Promise<void> = Promise.resolve();

  constructor(options: CheckpointScheduleOptions) {
    this.#options = options;
    this.#cron = new CronTimer(options.schedule, options.machine.clock, () =>
      this.#do(() => options.signing.sign(this.#call())),
    );
  }

  /** Opens the key and the memory, so that problems are reported now, and starts the schedule. */
  start(): void {
    void this.#do(() => this.#options.signing.open());
    this.#cron.start();
  }

  /** Stops after the current checkpoint. */
  async stop(): Promise<void> {
    this.#cron.stop();
    await this.#running;
  }

  #call() {
    const { clock, random } = this.#options.machine;
    return { actor: CHECKPOINTER, now: clock.now(), correlationId: random.uuid() };
  }

  #do(work: () => Promise<unknown>): Promise<void> {
    this.#running = this.#running.then(work).then(
      () => undefined,
      (error: unknown) => {
        if (!(error instanceof CheckpointRefusedError)) this.#options.onError(error);
      },
    );
    return this.#running;
  }
}
