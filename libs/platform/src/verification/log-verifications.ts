import { systemClock } from '#event-sourcing/clock';
import type { Random } from '#event-sourcing/random';
import { messageOf } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { beginRun, endRun, listRuns, noteRun } from '#projections/verification-runs';
import type { RunEnd, RunProgress, VerificationRow } from '#projections/verification-runs';
import { lifecycles } from '#state-machines/lifecycles';
import { Thread, threadModule } from '#threads/thread';
import type { FoundInLog, LogVerification, VerifiesLog } from '#use-cases/audit/verify-now';
import { inTime } from '#use-cases/in-time';
import { verifyStore } from '#use-cases/log/verify-store';
import type { Verification } from '#use-cases/log/verify-store';
import { outlivesProcess } from '../stores.ts';
import type { StoreAddress } from '../stores.ts';
import type { VerifyTasks } from './verify-thread.ts';

/** How often progress is recorded. */
const NOTED_MS = 1_000;
/** The maximum time without progress. Checking the index of a large file is one step. */
const STUCK_MS_MAX = 30 * 60_000;
/** How long a stop waits for a thread in native code, and for the last record. */
const STOP_MS_MAX = 2_000;

interface LogVerificationsOptions {
  readonly address: StoreAddress;
  readonly store: EventStore;
  readonly random: Random;
  readonly database: ReadModelDatabase;
  /** Called with the reason for which a verification failed or could not be recorded. */
  readonly onError: (message: string) => void;
}

/** A running verification, and a function to stop it. */
interface Work {
  readonly result: Promise<Verification>;
  readonly abandon: () => Promise<unknown>;
}

/**
 * Verifies the log on request, on a thread of low priority. Of the nodes that share the read models, only one
 * runs a verification at a time. The read models store its progress and the last results.
 */
export class LogVerifications implements VerifiesLog {
  readonly #options: LogVerificationsOptions;
  /** The verification in this process, and its end. */
  #running: (Pick<Work, 'abandon'> & { readonly ended: Promise<void> }) | null = null;
  #isStopping = false;

  constructor(options: LogVerificationsOptions) {
    this.#options = options;
  }

  /** Whether a verification runs, whose threads may be in native code that cannot be interrupted. */
  get isRunning(): boolean {
    return this.#running !== null;
  }

  async verify(requester: string): ReturnType<VerifiesLog['verify']> {
    const { database } = this.#options;
    const id = this.#options.random.uuid();
    const running = await beginRun(database, id, requester);
    const isNew = running === id;
    if (isNew && !this.#isStopping) this.#begin(id);
    const row = (await listRuns(database)).find((each) => each.id === running);
    if (row === undefined) throw new Error('The verification that was started is not in the list');
    return { isNew, verification: verificationOf(row) };
  }

  async verifications(): Promise<LogVerification[]> {
    return (await listRuns(this.#options.database)).map(verificationOf);
  }

  /** Stops the current verification and records that it was stopped. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const running = this.#running;
    if (running === null) return;
    const abandoned = running.abandon().then(() => running.ended);
    await inTime(abandoned, STOP_MS_MAX).catch(() => undefined);
  }

  #begin(id: string): void {
    const progress: Reached = { events: 0, total: null, at: systemClock.elapsed() };
    const reach = (events: number, total: number | null): void => {
      Object.assign(progress, { events, total, at: systemClock.elapsed() });
    };
    const { address, store } = this.#options;
    const work = outlivesProcess(address) ? verifyInThread(address, reach) : verifyHere(store, reach);
    const ended = this.#follow(id, work, progress).finally(() => {
      this.#running = null;
    });
    this.#running = { abandon: work.abandon, ended };
  }

  /** Records the progress of a verification, and then its outcome. */
  async #follow(id: string, work: Work, progress: Reached): Promise<void> {
    const { database, onError } = this.#options;
    let noting: Promise<unknown> = Promise.resolve();
    const note = (): void => {
      const { events, total } = progress;
      noting = noting.then(() => noteRun(database, id, { events, total })).catch(() => undefined);
      if (systemClock.elapsed() - progress.at > STUCK_MS_MAX) void work.abandon();
    };
    const timer = systemClock.every(note, NOTED_MS).unref();
    const end = await work.result.then(
      (verified) => {
        this.#reportFound(verified);
        return endOf(verified);
      },
      (error: unknown) => this.#recordFailure(error, progress),
    );
    timer.close();
    await noting;
    await endRun(database, id, end).catch((error: unknown) => {
      onError(`The outcome of a verification could not be recorded: ${messageOf(error)}`);
    });
  }

  /** Reports a divergence to the operator, not only to the person who requested the verification. */
  #reportFound({ divergenceCount: count, firstDivergence: first }: Verification): void {
    if (first === null) return;
    const { streamId, version, position, code } = first;
    const place = streamId === null ? `position ${position ?? '?'}` : `${streamId} version ${version ?? '?'}`;
    this.#options.onError(`The log failed verification (divergences: ${count}), first at ${place}: ${code}`);
  }

  #recordFailure(error: unknown, { events, total, at }: Reached): RunEnd {
    const come = { events, total };
    if (this.#isStopping) return { ...come, state: 'stopped', outcome: null };
    const isStuck = systemClock.elapsed() - at > STUCK_MS_MAX;
    const failure = isStuck ? `it made no progress for ${STUCK_MS_MAX / 60_000} minutes` : messageOf(error);
    this.#options.onError(`The log could not be verified: ${failure}`);
    return { ...come, state: 'failed', outcome: JSON.stringify({ failure }) };
  }
}

/** The progress, and the time of the last change. */
type Reached = RunProgress & { readonly at: number };

function endOf({ events, streams, checkpoint, divergences, divergenceCount }: Verification): RunEnd {
  const found: FoundInLog = { streams, checkpoint, divergences, divergenceCount };
  return { state: 'ended', events, total: events, outcome: JSON.stringify({ found }) };
}

function verificationOf({ outcome, state, ...row }: VerificationRow): LogVerification {
  const { found = null, failure = null } = (outcome === null ? {} : JSON.parse(outcome)) as Partial<
    Pick<LogVerification, 'found' | 'failure'>
  >;
  const ended = found?.divergenceCount === 0 ? 'holds' : 'does-not-hold';
  return { ...row, state: state === 'ended' ? ended : state, found, failure };
}

type Reach = (events: number, total: number | null) => void;

/** Verifies on a thread with its own connection. */
function verifyInThread(address: StoreAddress, reach: Reach): Work {
  const thread = new Thread<VerifyTasks, RunProgress>({
    module: threadModule('verify-thread', import.meta.url),
    data: address,
    unavailable: (reason, options) => new Error(`the verification thread ${reason}`, options),
    onReport: ({ events, total }) => {
      reach(events, total);
    },
  });
  const result = thread.request('verify', null).finally(() => void thread.close());
  return { result, abandon: () => thread.end() };
}

/** Verifies on this thread, for a store that only this process can read. Yields to other work. */
function verifyHere(store: EventStore, reach: Reach): Work {
  const ending = new AbortController();
  const result = verifyStore(store, lifecycles, [], { signal: ending.signal, onProgress: reach });
  return {
    result,
    abandon: () => {
      ending.abort();
      return Promise.resolve();
    },
  };
}
