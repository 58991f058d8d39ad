import { StoreUnavailableError } from '#event-sourcing/errors';
import type { AppendResult, Commit } from '#event-sourcing/event-store';
import type { SealedEnvelope } from '#event-sourcing/sealer';
import { parseEnvelope } from '../parse-envelope.ts';
import type { AppendOutcome, AppendRequest } from './append-group.ts';
import type { LogWriter } from './log-writer.ts';

/** The most waiting appends. Others are refused at once, so that waits do not grow without limit. */
export const APPENDS_WAITING_MAX = 10_000;
const GROUP_APPENDS_MAX = 256;

interface Waiting {
  readonly request: AppendRequest;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Passes appends to the writer in groups, one transaction at a time. Appends that arrive during a transaction form the
 * next group.
 */
export class AppendQueue {
  readonly #writer: LogWriter;
  readonly #onAppended: () => void;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;

  constructor(writer: LogWriter, onAppended: () => void) {
    this.#writer = writer;
    this.#onAppended = onAppended;
  }

  append(commit: Commit): Promise<AppendResult> {
    return this.#append({ commit });
  }

  async appendSealed(events: readonly SealedEnvelope[]): Promise<void> {
    await this.#append({ sealed: events });
  }

  #append(request: AppendRequest): Promise<AppendResult> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length >= APPENDS_WAITING_MAX) {
        throw new StoreUnavailableError(
          `the event store is busy: ${APPENDS_WAITING_MAX} appends are waiting; try again later`,
        );
      }
      this.#waiting.push({ request, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  /** Resolves when no append is waiting. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    // Callers that continue after the same result append together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const group = this.#waiting.slice(0, GROUP_APPENDS_MAX);
      const outcomes = await this.#writer.writeGroup(group.map(({ request }) => request));
      this.#waiting = this.#waiting.slice(outcomes.length);
      this.#answer(group, outcomes);
      await Promise.resolve();
    }
    this.#writing = undefined;
  }

  #answer(group: readonly Waiting[], outcomes: readonly AppendOutcome[]): void {
    outcomes.forEach((outcome, index) => {
      const waiting = group[index];
      if ('failed' in outcome) waiting?.reject(outcome.failed);
      else waiting?.resolve(resultOf(outcome));
    });
    if (outcomes.some((outcome) => 'appended' in outcome && outcome.appended.length > 0)) this.#onAppended();
  }
}

function resultOf(outcome: Exclude<AppendOutcome, { failed: unknown }>): AppendResult {
  if ('repeated' in outcome) return { repeated: true, events: outcome.repeated.map(parseEnvelope) };
  const { appended, position } = outcome;
  return {
    repeated: false,
    events: appended.map(({ eventId, streamId, type, version, recordedAt }, index) => {
      return { eventId, streamId, type, version, recordedAt, position: String(position + index) };
    }),
  };
}
