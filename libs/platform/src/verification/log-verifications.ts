import { randomUUID } from 'node:crypto';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { messageOf } from '#event-sourcing/errors';
import { nextTurn } from '#event-sourcing/event-store';
import type { EventStore } from '#event-sourcing/event-store';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { beginRun, endRun, listRuns, noteRun } from '#projections/verification-runs';
import type { RunEnd, RunProgress, VerificationRow } from '#projections/verification-runs';
import { lifecycles } from '#state-machines/lifecycles';
import type { FoundInLog, LogVerification, VerifiesLog } from '#use-cases/audit/verify-now';
import { inTime } from '#use-cases/in-time';
import { examineEntry } from '#use-cases/log/examine-entry';
import type { ExaminedPage } from '#use-cases/log/examine-entry';
import { verifyStore } from '#use-cases/log/verify-store';
import type { Verification } from '#use-cases/log/verify-store';
import type { StoreAddress } from '../settings.ts';
import type { VerifyMessage } from './verify-thread.ts';

/** How often it is noted how far a verification has come. */
const NOTED_MS = 1_000;
/** The longest that one may go on without coming any further: an index of a large file is checked in one go. */
const STUCK_MS_MAX = 30 * 60_000;
/** How long a stop waits for a thread that is in native code, and for what is noted last. */
const STOP_MS_MAX = 2_000;

export interface LogVerificationsOptions {
  readonly address: StoreAddress;
  readonly store: EventStore;
  readonly database: ReadModelDatabase;
  /** Told why one failed, and what cannot be noted. */
  readonly onError: (message: string) => void;
}

/** One that this process is at. */
interface Running {
  readonly id: string;
  readonly work: Work;
  readonly ended: Promise<void>;
}

/** What is under way, and how it is ended before it has. */
interface Work {
  readonly result: Promise<Verification>;
  readonly abandon: () => Promise<unknown>;
}

/**
 * Verifies the log when somebody asks for it, in threads that let all others go first; one at a time, on whichever of the nodes that share the
 * read models, which keep how far it has come and what the last ones found.
 */
export class LogVerifications implements VerifiesLog {
  readonly #options: LogVerificationsOptions;
  #running: Running | null = null;
  #isStopping = false;

  constructor(options: LogVerificationsOptions) {
    this.#options = options;
  }

  /** Whether a thread of it may be in native code that nothing ends. */
  get isRunning(): boolean {
    return this.#running !== null;
  }

  async verify(askedBy: string): ReturnType<VerifiesLog['verify']> {
    const { database } = this.#options;
    const id = randomUUID();
    const underWay = await beginRun(database, id, askedBy);
    const isNew = underWay === id;
    if (isNew && !this.#isStopping) this.#begin(id);
    const row = (await listRuns(database)).find((each) => each.id === underWay);
    if (row === undefined) throw new Error('The verification that was begun is not on its list');
    return { isNew, verification: verificationOf(row) };
  }

  async verifications(): Promise<LogVerification[]> {
    return (await listRuns(this.#options.database)).map(verificationOf);
  }

  /** Ends the one that is under way, and notes that it was stopped. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const running = this.#running;
    if (running === null) return;
    const left = running.work.abandon().then(() => running.ended);
    await inTime(left, STOP_MS_MAX).catch(() => undefined);
  }

  #begin(id: string): void {
    const progress: Reached = { events: 0, total: null, at: performance.now() };
    const reach = (reached: RunProgress): void => {
      Object.assign(progress, reached, { at: performance.now() });
    };
    const { address, store } = this.#options;
    const work = address.kind === 'memory' ? verifyHere(store, reach) : verifyInThread(address, reach);
    const ended = this.#follow(id, work, progress).finally(() => {
      this.#running = null;
    });
    this.#running = { id, work, ended };
  }

  /** Notes how far it has come until it has ended, and then how. */
  async #follow(id: string, work: Work, progress: Reached): Promise<void> {
    const { database, onError } = this.#options;
    let noting: Promise<unknown> = Promise.resolve();
    const note = (): void => {
      const { events, total } = progress;
      noting = noting.then(() => noteRun(database, id, { events, total })).catch(() => undefined);
      if (performance.now() - progress.at > STUCK_MS_MAX) void work.abandon();
    };
    const timer = setInterval(note, NOTED_MS).unref();
    const end = await work.result.then(endOf, (error: unknown) => this.#failed(error, progress));
    clearInterval(timer);
    await noting;
    await endRun(database, id, end).catch((error: unknown) => {
      onError(`How a verification of the log ended cannot be noted: ${messageOf(error)}`);
    });
  }

  #failed(error: unknown, { events, total, at }: Reached): RunEnd {
    const come = { events, total };
    if (this.#isStopping) return { ...come, state: 'stopped', outcome: null };
    const isStuck = performance.now() - at > STUCK_MS_MAX;
    const failure = isStuck ? `it came no further for ${STUCK_MS_MAX / 60_000} minutes` : messageOf(error);
    this.#options.onError(`The log could not be verified: ${failure}`);
    return { ...come, state: 'failed', outcome: JSON.stringify({ failure }) };
  }
}

/** How far it has come, and when it did. */
interface Reached extends Mutable<RunProgress> {
  at: number;
}
type Mutable<Of> = { -readonly [Name in keyof Of]: Of[Name] };

function endOf({ events, streams, head, divergences, divergenceCount }: Verification): RunEnd {
  const found: FoundInLog = { streams, head, divergences, divergenceCount };
  return { state: 'ended', events, total: events, outcome: JSON.stringify({ found }) };
}

function verificationOf({ outcome, state, ...row }: VerificationRow): LogVerification {
  const { found = null, failure = null } = (outcome === null ? {} : JSON.parse(outcome)) as Partial<
    Pick<LogVerification, 'found' | 'failure'>
  >;
  const ended = found?.divergenceCount === 0 ? 'holds' : 'does-not-hold';
  return { ...row, state: state === 'ended' ? ended : state, found, failure };
}

/** In a thread with a connection of its own, and threads below it. */
function verifyInThread(address: StoreAddress, reach: (reached: RunProgress) => void): Work {
  // The source runs as it is under Node 26; what was built has its extension.
  const file = new URL(`./verify-thread${extname(import.meta.url)}`, import.meta.url);
  const worker = new Worker(file, { workerData: address });
  const { promise: result, resolve, reject } = Promise.withResolvers<Verification>();
  worker.on('message', (message: VerifyMessage) => {
    if ('verified' in message) resolve(message.verified);
    else reach(message);
  });
  worker.on('error', reject);
  worker.on('exit', () => {
    reject(new Error('the thread that verifies has ended by itself'));
  });
  return { result, abandon: () => worker.terminate() };
}

/** Beside a store that only this process can see, by turns with all else. */
function verifyHere(store: EventStore, reach: (reached: RunProgress) => void): Work {
  const ending = new AbortController();
  const result = verifyStore(store, lifecycles, [], {
    examined: byTurns(store, ending.signal),
    onProgress(events) {
      reach({ events, total: null });
    },
  });
  return {
    result,
    abandon: () => {
      ending.abort();
      return Promise.resolve();
    },
  };
}

async function* byTurns(store: EventStore, ending: AbortSignal): AsyncGenerator<ExaminedPage> {
  for await (const rows of store.inspect()) {
    await nextTurn();
    ending.throwIfAborted();
    yield { entries: [examineEntry(rows)], tree: null };
  }
}
