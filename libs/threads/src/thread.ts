import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { systemClock } from '#event-sourcing/clock';
import type { Timer } from '#event-sourcing/clock';
import { messageOf } from '#event-sourcing/errors';
import { decodeError, Outbox } from './messages.ts';
import type { TaskRequest, Input, Output, Tasks, ThreadMessage } from './messages.ts';

export interface ThreadOptions<Report = never> {
  /** The module that calls `serve`. */
  readonly module: URL;
  /** The thread's start data. */
  readonly data?: unknown;
  /** The timeout until the thread is ready. By default, unlimited. */
  readonly startMs?: number;
  /** Returns the error for callers without a response; the reason is "has ended", "failed: …" or "does not start: …". */
  readonly unavailable: (reason: string, options?: ErrorOptions) => Error;
  /** Returns the error for callers of a thread whose `open` threw. By default, they get the original error. */
  readonly unusable?: (error: Error) => Error;
  /** Returns the error for pending calls when the thread is closed. By default, the reason is "has ended". */
  readonly closed?: () => Error;
  readonly onReport?: (report: Report) => void;
  /** Called once, when the thread no longer accepts requests. */
  readonly onLost?: (error: Error) => void;
}

interface Pending {
  resolve(output: unknown): void;
  readonly reject: (error: Error) => void;
  readonly late: Timer | undefined;
}

/** Returns the URL of a thread's module, with this file's extension: Node runs the source as it is, and a build has another extension. */
export const threadModule = (name: string, here: string): URL => new URL(`./${name}${extname(here)}`, here);

/**
 * The caller's side of a thread. Every request gets a response, or the reason for which the thread is lost.
 * The thread keeps the process alive only while it starts, has pending requests or closes.
 */
export class Thread<Of extends Tasks, Report = never> {
  readonly exited: Promise<unknown>;
  readonly #options: ThreadOptions<Report>;
  readonly #worker: Worker;
  readonly #outbox: Outbox<TaskRequest | 'close'>;
  readonly #pending = new Map<number, Pending>();
  readonly #started = Promise.withResolvers<undefined>();
  readonly #starting: Timer | undefined;
  #isStarted = false;
  #lastId = 0;
  #isClosing = false;
  #lost: Error | null = null;

  constructor(options: ThreadOptions<Report>) {
    this.#options = options;
    const { module, data, startMs, unavailable } = options;
    this.#worker = new Worker(module, { workerData: data });
    this.#outbox = new Outbox((messages) => {
      this.#worker.postMessage(messages);
    });
    this.exited = new Promise((resolve) => this.#worker.once('exit', resolve));
    this.#worker.on('message', (messages: readonly ThreadMessage[]) => {
      for (const each of messages) this.#receive(each);
    });
    this.#worker.on('error', (error: Error) => {
      const what = this.#isStarted ? 'failed' : 'does not start';
      this.#lose(unavailable(`${what}: ${messageOf(error)}`, { cause: error }));
    });
    this.#worker.on('exit', () => {
      this.#lose(unavailable('has ended'));
    });
    if (startMs !== undefined)
      this.#starting = systemClock.after(() => {
        void this.end(unavailable(`has not started within ${startMs / 1_000} s`));
      }, startMs);
  }

  /** The reason for which the thread no longer accepts requests; null while it does. */
  get lost(): Error | null {
    return this.#lost;
  }

  /**
   * Resolves when the thread is ready. Requests may be sent earlier.
   * @throws the reason for which the thread is lost.
   */
  async whenStarted(): Promise<void> {
    await this.#started.promise;
    if (this.#lost !== null) throw this.#lost;
  }

  /**
   * Sends a request and returns its response. Rejects with the task's error, or with the reason for which the thread is lost.
   * @param limitMs the timeout, which ends the thread and all its pending requests.
   * @param late returns the error for the callers of these requests.
   */
  request<Name extends keyof Of & string>(
    name: Name,
    input: Input<Of, Name>,
    limitMs?: number,
    late?: () => Error,
  ): Promise<Output<Of, Name>> {
    if (this.#lost !== null) return Promise.reject(this.#lost);
    const { promise, resolve, reject } = Promise.withResolvers<Output<Of, Name>>();
    const timer =
      limitMs === undefined
        ? undefined
        : systemClock.after(() => {
            const { unavailable } = this.#options;
            void this.end(late?.() ?? unavailable(`has not answered within ${limitMs / 1_000} s`));
          }, limitMs);
    if (this.#pending.size === 0) this.#worker.ref();
    const id = (this.#lastId += 1);
    this.#pending.set(id, { resolve, reject, late: timer });
    this.#outbox.add([id, name, input]);
    return promise;
  }

  /** Sends a request without a response. */
  send<Name extends keyof Of & string>(name: Name, input: Input<Of, Name>): void {
    if (this.#lost === null) this.#outbox.add([null, name, input]);
  }

  /**
   * Ends the thread after its pending requests.
   * @param patienceMs the timeout, after which the thread no longer keeps the process alive.
   */
  async close(patienceMs?: number): Promise<void> {
    this.#isClosing = true;
    this.#worker.ref();
    this.#outbox.add('close');
    const patience = new AbortController();
    const { signal } = patience;
    await (patienceMs === undefined
      ? this.exited
      : Promise.race([this.exited, systemClock.sleep(patienceMs, { signal }).catch(() => undefined)]));
    patience.abort();
    void this.end(this.#endedError());
    this.#worker.unref();
  }

  /** Ends the thread at once, or when its current native call returns. Pending requests fail with the reason. */
  async end(error = this.#endedError()): Promise<void> {
    this.#lose(error);
    await this.#worker.terminate();
  }

  #endedError(): Error {
    const { closed, unavailable } = this.#options;
    return closed?.() ?? unavailable('has ended');
  }

  #receive(message: ThreadMessage): void {
    if (message === 'ready') this.#start();
    else if ('report' in message) this.#options.onReport?.(message.report as Report);
    else if ('unusable' in message) {
      const error = decodeError(message.unusable);
      void this.end(this.#options.unusable?.(error) ?? error);
    } else this.#settle(message);
  }

  #settle(answer: Exclude<ThreadMessage, 'ready' | { report: unknown } | { unusable: unknown }>): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    pending?.late?.close();
    if ('failed' in answer) pending?.reject(decodeError(answer.failed));
    else pending?.resolve(answer.output);
    this.#unrefIfIdle();
  }

  #start(): void {
    this.#isStarted = true;
    this.#starting?.close();
    this.#started.resolve(undefined);
    this.#unrefIfIdle();
  }

  #lose(error: Error): void {
    if (this.#lost !== null) return;
    const lost = this.#isClosing ? this.#endedError() : error;
    this.#lost = lost;
    this.#start();
    for (const { reject, late } of this.#pending.values()) {
      late?.close();
      reject(lost);
    }
    this.#pending.clear();
    this.#options.onLost?.(lost);
  }

  #unrefIfIdle(): void {
    if (this.#isStarted && this.#pending.size === 0 && !this.#isClosing) this.#worker.unref();
  }
}
