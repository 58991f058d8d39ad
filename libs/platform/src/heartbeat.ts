import { hostname } from 'node:os';
import type { Machine } from './steady-clock.ts';
import type { Clock, Timer } from '#event-sourcing/clock';
import { messageOf } from '#event-sourcing/errors';
import { forgetProcess, HEARTBEAT_MS, noteProcess } from '#projections/heartbeats';
import type { ProcessIdentity } from '#projections/heartbeats';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { inTime } from '#use-cases/in-time';
import { VERSION } from './package-json.ts';
import { throttleRepeats } from './throttle-repeats.ts';

/** How long a stopping process tries to record its end. */
const LEAVE_MS_MAX = 1_000;

/** Records heartbeats of this process in the read models' database until it is stopped. */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #database: ReadModelDatabase;
  readonly #process: ProcessIdentity;
  readonly #onFailure: (message: string) => void;
  #timer: Timer | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(
    database: ReadModelDatabase,
    kind: ProcessIdentity['kind'],
    { clock, random }: Machine,
    onFailure: (message: string) => void,
  ) {
    this.#clock = clock;
    this.#database = database;
    this.#process = { id: random.uuid(), kind, host: hostname(), pid: process.pid, version: VERSION };
    this.#onFailure = throttleRepeats(onFailure);
  }

  start(): void {
    this.#beat();
    this.#timer = this.#clock
      .every(() => {
        this.#beat();
      }, HEARTBEAT_MS)
      .unref();
  }

  /** Records that the process ended, so that others need not wait for missed heartbeats. If the write fails, they do. */
  async stop(): Promise<void> {
    if (this.#timer === null) return;
    this.#timer.close();
    const removal = this.#running.then(() =>
      forgetProcess(this.#database, this.#process.id, this.#clock.now()),
    );
    await inTime(removal, LEAVE_MS_MAX).catch(() => undefined);
  }

  #beat(): void {
    this.#running = this.#running.then(() =>
      noteProcess(this.#database, this.#process).catch((error: unknown) => {
        this.#onFailure(`The heartbeat of this process could not be recorded: ${messageOf(error)}`);
      }),
    );
  }
}
