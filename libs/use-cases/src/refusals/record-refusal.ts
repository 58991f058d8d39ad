import type { Actor } from '#event-sourcing/envelope';
import type { EventStore } from '#event-sourcing/event-store';
import { commandRefused, refusalsCounted, refusalStream } from '#state-machines/refusal-events';
import type { RefusedAttempt } from '#state-machines/refusal-events';
import { CommandRefusedError } from '#lifecycle/refused';
import { ANY_RECORD_ID } from '#state-machines/inspection-recommendation/v1/payloads';
import { recordIdOf, recordStream } from '#state-machines/record-streams';
import { REFUSAL_LIMITS } from './refusal-window.ts';
import type { RefusalLimits } from './refusal-window.ts';
import { BoundedRecording } from '../log/bounded-recording.ts';

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

/** Puts refused attempts on record, each before it is answered; those beyond the limits are counted. */
export class RefusalRecorder {
  readonly #recording: BoundedRecording;

  /** `onError` is told why counts could not be written. */
  constructor(
    store: Pick<EventStore, 'append'>,
    onError: (message: string) => void,
    limits: RefusalLimits = REFUSAL_LIMITS,
  ) {
    const kind = { name: 'refusals', streamOf: refusalStream, counted: refusalsCounted };
    this.#recording = new BoundedRecording(store, kind, onError, limits);
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
    return this.#recording.writeCounted(now);
  }

  /** Records what was counted until now. Never rejects. */
  close(now: number): Promise<void> {
    return this.#recording.close(now);
  }

  async #record(attempt: Attempt, refused: CommandRefusedError): Promise<void> {
    const { actor, now, correlationId } = attempt;
    const refusal = refusedAttempt(attempt, refused);
    await this.#recording.record({
      header: { name: refusal.command ?? 'unknown', actor, now, correlationId },
      code: refused.code,
      draftOf: (day) => commandRefused(refusal, day),
    });
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
