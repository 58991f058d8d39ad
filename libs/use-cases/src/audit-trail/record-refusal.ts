import type { Random } from '#event-sourcing/random';
import type { EventStore } from '#event-sourcing/event-store';
import { ANY_RECORD_ID, streamOf } from '#lifecycle/kind';
import type { RecordKind, RecordReference } from '#lifecycle/kind';
import { CommandRefusedError } from '#lifecycle/refused';
import { trailDraft } from '#state-machines/audit-trail-events';
import type { TrailData } from '#state-machines/audit-trail-events';
import { kinds, kindInAnswer } from '#state-machines/record-streams';
import type { EventCall } from '../log/kept-stream.ts';
import { isThere } from '../records/named-record.ts';
import { BoundedRecording, RECORDING_LIMITS } from './bounded-recording.ts';

/** An attempted command, as recorded when it is refused. */
export interface Attempt extends EventCall {
  /** As the caller sent it. */
  readonly command: string;
  /** The record that the command is for, its id exactly as sent (of any type); null if the request names none. */
  readonly record: { readonly kind: RecordKind; readonly id: unknown } | null;
}

/** The codes of refusals that are not recorded: slips of a form, and files too large to read. */
const NO_ATTEMPT: readonly string[] = ['invalid-payload', 'file-too-large'];

/** The parts of an attempt that may be recorded: names of things that exist. Any other text could be anything the caller typed. */
interface NamesOfAttempt {
  readonly command: string | null;
  readonly record: RecordReference | null;
}

/** Returns the names that are proved to exist by the outcome of an attempt. */
function provenNames(
  { command, record }: Pick<Attempt, 'command' | 'record'>,
  refused: CommandRefusedError | null,
): NamesOfAttempt {
  if (refused === null) return { command, record: isRecord(record) ? record : null };
  const { code, seen } = refused;
  return {
    command: code === 'unknown-command' ? null : command,
    record: seen === null || seen.version === 0 ? null : recordAt(seen.streamId, record),
  };
}

/** Returns the record of a stream, usually the attempt's own. */
const recordAt = (streamId: string, attempted: Attempt['record']): RecordReference | null =>
  isRecord(attempted) && streamOf(attempted) === streamId ? attempted : kinds.ofStream(streamId);

const isRecord = (record: Attempt['record']): record is RecordReference =>
  typeof record?.id === 'string' && ANY_RECORD_ID.test(record.id);

/** Records refused attempts, each before its response, up to the limits. */
export class RefusalRecorder extends BoundedRecording {
  readonly #store: Pick<EventStore, 'append' | 'readStream'>;

  constructor(
    store: Pick<EventStore, 'append' | 'readStream'>,
    random: Random,
    onLeftOut: (message: string) => void,
    limits = RECORDING_LIMITS,
  ) {
    super({ store, random, list: 'refusals', onLeftOut, limits });
    this.#store = store;
  }

  /**
   * Runs an attempt. Records a refusal before it is thrown.
   * @throws what `carryOut` throws; StoreUnavailableError instead of a refusal that cannot be recorded.
   */
  async recording<Result>(attempt: Attempt, carryOut: () => Promise<Result>): Promise<Result> {
    try {
      return await carryOut();
    } catch (error) {
      if (error instanceof CommandRefusedError && !NO_ATTEMPT.includes(error.code)) {
        await this.#record(attempt, error);
      }
      throw error;
    }
  }

  async #record(attempt: Attempt, refused: CommandRefusedError): Promise<void> {
    const { actor, now, correlationId } = attempt;
    const refusal = await this.#refusedAttempt(attempt, refused);
    await this.record({
      header: { name: refusal.command ?? 'unknown', actor, now, correlationId },
      draftOf: (day) => trailDraft('CommandRefused', refusal, day),
    });
  }

  async #refusedAttempt(
    attempt: Attempt,
    refused: CommandRefusedError,
  ): Promise<TrailData['CommandRefused']> {
    const { code, details, seen } = refused;
    const { command, record: proven } = provenNames(attempt, refused);
    const record =
      isRecord(attempt.record) && (await this.#exists(attempt.record, proven)) ? attempt.record : proven;
    const streamId = record && streamOf(record);
    return {
      command,
      code,
      guard: details.guard ?? null,
      record: record && record.id,
      ...(record !== null && kindInAnswer(record)),
      seenVersion: streamId !== null && seen?.streamId === streamId ? seen.version : null,
    };
  }

  #exists(record: RecordReference, proven: RecordReference | null): boolean | Promise<boolean> {
    const streamId = streamOf(record);
    return (proven !== null && streamOf(proven) === streamId) || isThere(this.#store, streamId);
  }
}
