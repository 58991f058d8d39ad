import { CronTimer } from '../cron-timer.ts';
import type { Machine } from '../steady-clock.ts';
import type { Actor } from '#event-sourcing/envelope';
import { CheckpointRefusedError } from '#use-cases/audit/make-checkpoint';
import type { LogSigning } from './log-signing.ts';

/** Who signs, where nobody asked for it. */
export const CHECKPOINTER: Actor = { subject: 'docket:checkpoint', roles: ['administrator'] };

interface CheckpointScheduleOptions {
  readonly signing: Pick<LogSigning, 'open' | 'sign'>;
  readonly machine: Machine;
  /** A cron expression, in London's time. */
  readonly schedule: string;
  /** Told why nothing could be signed, where the log is not at fault: who signs tells of that. The next time tries again. */
  readonly onError: (error: unknown) => void;
}

/** Has the log signed whenever the schedule says, one time after the other. Where nothing but checkpoints was appended, nothing is. */
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

  /** Opens key and memory, so that what is wrong with them is told now, and begins. */
  start(): void {
    void this.#do(() => this.#options.signing.open());
    this.#cron.start();
  }

  /** Ends after the checkpoint that is being made. */
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
