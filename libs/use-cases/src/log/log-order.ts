import type { EventHeader } from '#audit/examine-event';
import { CLOCK_TOLERANCE_MS } from '#audit/pack/pack-warnings';
import { CHECKPOINTS_STREAM, isCheckpoint } from '#state-machines/checkpoint-events';

/** A suspicious time. Clocks of nodes differ, so a warning never changes the verdict. */
export interface HistoryWarning {
  readonly code: 'before-checkpoint' | 'clock-leap';
  readonly position: string | null;
  readonly detail: string;
}

/** A contradiction in the order of a stream. */
interface OrderFinding {
  readonly code: 'recorded-at' | 'event-id';
  readonly detail: string;
}

/** Parses an event's instant to milliseconds since 1970; null for any other text. */
function millisecondsOf(text: unknown): number | null {
  const milliseconds = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  return Number.isNaN(milliseconds) || new Date(milliseconds).toISOString() !== text ? null : milliseconds;
}

/** The last event of a stream. */
interface LastOfStream {
  recorded: number;
  commandId: string | null;
  /** Its number within its command; null after an invalid event. */
  number: number | null;
}

/** The events of a command so far. */
interface CommandEvents {
  readonly streams: Set<string>;
  /** The numbers of its events: from 0 up to this one, unless there is a set of them. */
  to: number;
  numbers: Set<number> | null;
}

/** The problem with an event's number. `twice`: the command already has it. `over`: another command followed the command in the stream. */
type NumberProblem = 'twice' | 'over';

/**
 * Verifies the times and commands of streams: times never decrease, a command does not continue after a different one, no event occurs
 * twice, and the events of one command are numbered without a gap, as in packs.
 */
export class LogOrder {
  readonly #streams = new Map<string, LastOfStream>();
  readonly #commands = new Map<string, CommandEvents>();
  readonly #isWholeLog: boolean;
  /** The latest time of an earlier checkpoint. */
  #latestCheckpoint = -Infinity;
  /** The latest event time since the last jump back of a clock. */
  #latest = -Infinity;
  /** The latest event time before that jump. */
  #wentBackFrom = Number.NaN;

  /** @param isWholeLog whether the events come in the order of the whole log, so that times of different streams can be compared. */
  constructor(isWholeLog: boolean) {
    this.#isWholeLog = isWholeLog;
  }

  /** The latest time of the log's events, in milliseconds since 1970. */
  get latest(): number {
    return this.#latest;
  }

  #lastOf(streamId: string): LastOfStream {
    const existing = this.#streams.get(streamId);
    if (existing !== undefined) return existing;
    const last = { recorded: -Infinity, commandId: null, number: null };
    this.#streams.set(streamId, last);
    return last;
  }

  /** Skips an invalid event of a stream: the next expected number is then unknown. */
  passOver(streamId: string): void {
    this.#lastOf(streamId).number = null;
  }

  /** Adds the next event of a stream. Returns its contradiction with the previous ones, or null. */
  judge({ streamId, recordedAt, commandId, eventId, number }: EventHeader): OrderFinding | null {
    const last = this.#lastOf(streamId);
    const recorded = millisecondsOf(recordedAt);
    const { number: before, recorded: lastRecorded } = last;
    const isSameCommand = last.commandId === commandId;
    const isGap = isSameCommand && number !== null && before !== null && number !== before + 1;
    const problem = number === null ? null : this.#addNumber(commandId, streamId, number, isSameCommand);
    last.number = number;
    last.commandId = commandId;
    if (problem === 'twice')
      return { code: 'event-id', detail: `an earlier event also has the id ${eventId}` };
    if (recorded === null)
      return { code: 'recorded-at', detail: `${JSON.stringify(recordedAt)} is not a valid timestamp` };
    if (recorded < lastRecorded) {
      const ahead = new Date(lastRecorded).toISOString();
      return {
        code: 'recorded-at',
        detail: `it was recorded at ${recordedAt}, before the previous event (${ahead})`,
      };
    }
    last.recorded = recorded;
    if (isGap)
      return {
        code: 'event-id',
        detail: `it is event ${number} of its command ${commandId}, but the previous event is ${before}: an event is missing or misplaced`,
      };
    if (problem === null) return null;
    const detail = `its command ${commandId} had ended: another command follows it in this stream`;
    return { code: 'event-id', detail };
  }

  /** Adds an event to its command. An event's id derives from its command's id and its number, so ids are unique if numbers are. */
  #addNumber(
    commandId: string,
    streamId: string,
    number: number,
    isSameCommand: boolean,
  ): NumberProblem | null {
    const command = this.#commands.get(commandId);
    if (command === undefined) {
      const numbers = number === 0 ? null : new Set([number]);
      this.#commands.set(commandId, { streams: new Set([streamId]), to: number, numbers });
      return null;
    }
    if (!isSameCommand && command.streams.has(streamId)) return 'over';
    if (command.numbers === null && number !== command.to + 1)
      command.numbers = new Set(Array.from({ length: command.to + 1 }, (_, each) => each));
    if (command.numbers?.has(number) === true) return 'twice';
    command.numbers?.add(number);
    command.to = number;
    command.streams.add(streamId);
    return null;
  }

  /** Adds the time of the next event, before `judge`. Returns a warning if an earlier checkpoint or event has a later time. */
  addTime(header: EventHeader): Pick<HistoryWarning, 'code' | 'detail'>[] {
    const { streamId, version, recordedAt } = header;
    const recorded = millisecondsOf(recordedAt);
    if (recorded === null) return [];
    const statement = `${streamId} version ${version} claims to have been recorded at ${recordedAt}`;
    const warnings: Pick<HistoryWarning, 'code' | 'detail'>[] = [];
    if (recorded < this.#latestCheckpoint - CLOCK_TOLERANCE_MS) {
      const signed = new Date(this.#latestCheckpoint).toISOString();
      const detail = `${statement}, but it follows a checkpoint that was signed at ${signed}`;
      warnings.push({ code: 'before-checkpoint', detail });
    }
    if (isCheckpoint(header)) this.#latestCheckpoint = Math.max(this.#latestCheckpoint, recorded);
    if (!this.#isWholeLog || streamId === CHECKPOINTS_STREAM) return warnings;
    const isBack = recorded < this.#latest - CLOCK_TOLERANCE_MS;
    // A jump back from the same time is reported once.
    if (isBack && this.#latest !== this.#wentBackFrom) {
      const latest = new Date(this.#latest).toISOString();
      const detail = `earlier events were recorded up to ${latest}, but ${statement}`;
      warnings.push({ code: 'clock-leap', detail });
    }
    // A time equal to the stream's last one is ignored: the store may have raised it.
    if (recorded === this.#lastOf(streamId).recorded) return warnings;
    if (isBack) this.#wentBackFrom = this.#latest;
    if (isBack || recorded > this.#latest) this.#latest = recorded;
    return warnings;
  }
}
