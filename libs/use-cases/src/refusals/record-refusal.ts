import { randomUUID } from 'node:crypto';
import { commandIds } from '#audit/seal';
import type { Actor } from '#event-sourcing/envelope';
import { hasCode, messageOf, StoreUnavailableError } from '#event-sourcing/errors';
import type { EventDraft, EventStore } from '#event-sourcing/event-store';
import type { CommitHeader } from '#lifecycle/commit-for';
import { londonDate } from '#state-machines/london';
import { commandRefused, refusalsCounted, refusalStream } from '#state-machines/refusal-events';
import type { CountedRefusals, RefusedAttempt } from '#state-machines/refusal-events';
import { CommandRefusedError } from '#lifecycle/refused';
import { ANY_RECORD_ID } from '#state-machines/inspection-recommendation/v1/payloads';
import { recordIdOf, recordStream } from '#state-machines/record-streams';
import { REFUSAL_LIMITS, RefusalWindow } from './refusal-window.ts';
import type { RefusalLimits } from './refusal-window.ts';
import { SharedStream } from '../log/shared-stream.ts';

/** What somebody asks for, as far as it goes on record when it is refused. */
export interface Attempt {
  /** As asked. */
  readonly command: string;
  /** The record's id as asked, whatever it is; null where none was. */
  readonly record: unknown;
  readonly actor: Actor;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly correlationId: string;
}

/** What is not read is not attempted: a file that is a little larger is refused before anybody looks at it. */
const NO_ATTEMPT = 'file-too-large';

/** The form of a command's name. Whatever else was asked for as one could be anything, and is not kept. */
const COMMAND = /^[A-Za-z][A-Za-z0-9-]{0,63}$/;

/** A command's name as it may be kept; null for what could be anything. */
export const knownCommand = (command: string): string | null => (COMMAND.test(command) ? command : null);

/** A record's id as it may be kept; null for what could be anything. */
export const knownRecord = (record: unknown): string | null =>
  typeof record === 'string' && ANY_RECORD_ID.test(record) ? record : null;

/** Who counts. No person has this subject's roles. */
const COUNTER: Actor = { subject: 'docket:server', roles: [] };

/**
 * Puts refused attempts on record, each before it is answered: in a stream of its own for each day in London. So that
 * a flood of them cannot fill the log, those beyond the limits are counted, and the counts are recorded once a window.
 */
export class RefusalRecorder {
  readonly #store: Pick<EventStore, 'append'>;
  readonly #window: RefusalWindow;
  readonly #onError: (message: string) => void;
  #today: { readonly day: string; readonly stream: SharedStream } | null = null;
  #writing: Promise<void> = Promise.resolve();

  /** `onError` is told why counts could not be written. */
  constructor(
    store: Pick<EventStore, 'append'>,
    onError: (message: string) => void,
    limits: RefusalLimits = REFUSAL_LIMITS,
  ) {
    this.#store = store;
    this.#onError = onError;
    this.#window = new RefusalWindow(limits);
  }

  /**
   * Carries an attempt out. Where it is refused, the refusal is on record, or counted, before it is thrown.
   * @throws what `carryOut` throws; StoreUnavailableError instead of a refusal that cannot be recorded.
   */
  async recording<Result>(attempt: Attempt, carryOut: () => Promise<Result>): Promise<Result> {
    try {
      return await carryOut();
    } catch (error) {
      if (error instanceof CommandRefusedError && error.code !== NO_ATTEMPT) {
        await this.#record(attempt, error);
      }
      throw error;
    }
  }

  /** Records the counts of a window that has ended. To be called now and then; never rejects. */
  writeCounted(now: number): Promise<void> {
    this.#writing = this.#writing.then(() => this.#writeTaken(this.#window.takeEnded(now), now));
    return this.#writing;
  }

  /** Records what was counted until now. Never rejects. */
  async close(now: number): Promise<void> {
    await this.#writing;
    await this.#writeTaken(this.#window.takeAll(), now);
  }

  async #record(attempt: Attempt, refused: CommandRefusedError): Promise<void> {
    const { actor, now, correlationId } = attempt;
    if (!this.#window.admit(actor.subject, refused.code, now)) return;
    const refusal = refusedAttempt(attempt, refused);
    const name = refusal.command ?? 'unknown';
    try {
      await this.#append({ name, actor, now, correlationId }, (day) => [commandRefused(refusal, day)]);
    } catch (error) {
      if (!hasCode(error, 'version-conflict')) throw error;
      throw new StoreUnavailableError('the refusal could not be recorded: others wrote all the time', {
        cause: error,
      });
    }
  }

  async #writeTaken(counted: readonly CountedRefusals[], now: number): Promise<void> {
    if (counted.length === 0) return;
    const header = { name: 'count-refusals', actor: COUNTER, now, correlationId: randomUUID() };
    try {
      await this.#append(header, (day) => counted.map((one) => refusalsCounted(one, day)));
    } catch (error) {
      this.#window.putBack(counted, now);
      const reason = messageOf(error);
      const total = counted.reduce((sum, { count }) => sum + count, 0);
      this.#onError(`${total} refusals were counted and the count is not on record: ${reason}`);
    }
  }

  /** Under an id of its own: an Idempotency-Key is remembered for what was carried out only. */
  #append(
    header: Omit<CommitHeader, 'ids'>,
    draftsOf: (day: string) => readonly EventDraft[],
  ): Promise<void> {
    const day = londonDate(header.now);
    if (this.#today?.day !== day) {
      this.#today = { day, stream: new SharedStream(this.#store, refusalStream(day)) };
    }
    return this.#today.stream.append({ ...header, ids: commandIds(randomUUID()) }, draftsOf(day));
  }
}

function refusedAttempt({ command, record: asked }: Attempt, refused: CommandRefusedError): RefusedAttempt {
  const { code, details, seen } = refused;
  const record = knownRecord(asked) ?? (seen && recordIdOf(seen.streamId));
  return {
    command: knownCommand(command),
    code,
    guard: details.guard ?? null,
    record,
    seenVersion: record !== null && seen?.streamId === recordStream(record) ? seen.version : null,
  };
}
