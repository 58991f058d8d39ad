import type { EventHeader } from '#audit/examine-event';
import { CLOCK_TOLERANCE_MS } from '#audit/pack/pack-anchors';
import { CHECKPOINTS_STREAM } from '#state-machines/checkpoint-events';
import { CommandNumbers, ID_WORDS, writeIdWords } from './command-numbers.ts';

const FIRST_STREAMS = 1_024;
const UNKNOWN = -1;
/** The index of the stream of checkpoints. A checkpoint that is ahead has its own warning. */
const CHECKPOINTS = 0;

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

/** The date of the last parsed instant and its midnight. Most consecutive events have the same date. */
let lastDay = { date: '', midnight: 0 };
const TIME = /^T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const DATE_LENGTH = 10;

/** Parses an event's instant to milliseconds since 1970; null for any other text. */
export function millisecondsOf(text: unknown): number | null {
  if (typeof text !== 'string') return null;
  const time = text.slice(DATE_LENGTH);
  if (!text.startsWith(lastDay.date) || lastDay.date === '' || !TIME.test(time)) return parseUncached(text);
  const number = (from: number, to: number): number => Number(time.slice(from, to));
  return (
    lastDay.midnight +
    number(1, 3) * 3_600_000 +
    number(4, 6) * 60_000 +
    number(7, 9) * 1_000 +
    number(10, 13)
  );
}

function parseUncached(text: string): number | null {
  const milliseconds = Date.parse(text);
  if (Number.isNaN(milliseconds) || new Date(milliseconds).toISOString() !== text) return null;
  const date = text.slice(0, DATE_LENGTH);
  // Years after 9999 have more digits.
  if (text.length === date.length + 14) lastDay = { date, midnight: Date.parse(date) };
  return milliseconds;
}

/**
 * Verifies the times and commands of streams: times never decrease, a command does not continue after a different one, no event occurs
 * twice, and the events of one command are numbered without a gap, as in packs. It stores only numbers, because logs are long.
 */
export class LogOrder {
  readonly #streamIndexes = new Map<string, number>();
  #recorded = new Float64Array(FIRST_STREAMS).fill(-Infinity);
  #commands = new Uint32Array(FIRST_STREAMS * ID_WORDS);
  /** The number of each stream's last event within its command; UNKNOWN after an invalid event. */
  #last = new Int32Array(FIRST_STREAMS).fill(UNKNOWN);
  readonly #commandNumbers = new CommandNumbers();
  readonly #own = new Uint32Array(ID_WORDS);
  /** The latest time of an earlier checkpoint. */
  #latestCheckpoint = -Infinity;
  readonly #isWholeLog: boolean;
  /** The latest event time since the last jump back of a clock. */
  #latest = -Infinity;
  /** The latest event time before that jump. */
  #wentBackFrom = Number.NaN;

  /** @param isWholeLog whether the events come in the order of the whole log, so that times of different streams can be compared. */
  constructor(isWholeLog: boolean) {
    this.#isWholeLog = isWholeLog;
    this.#streamIndexes.set(CHECKPOINTS_STREAM, CHECKPOINTS);
  }

  streamIndexOf(streamId: string): number {
    const existing = this.#streamIndexes.get(streamId);
    if (existing !== undefined) return existing;
    const index = this.#streamIndexes.size;
    this.#streamIndexes.set(streamId, index);
    if (index === this.#recorded.length) this.#grow();
    return index;
  }

  /**
   * Adds the next event of a stream, by the words of its command's id and its number. Returns false, without
   * a change, if `judge` must verify it.
   */
  add(stream: number, recorded: number, words: Uint32Array, offset: number, eventNumber: number): boolean {
    if (recorded < (this.#recorded[stream] as number) || this.#isBeforeCheckpoint(recorded)) return false;
    if (this.#isJump(stream, recorded)) return false;
    const isSameCommand = this.#isSameCommand(stream, words, offset);
    if (isSameCommand && this.#isGap(stream, eventNumber)) return false;
    if (this.#commandNumbers.add(words, offset, stream, eventNumber, isSameCommand) !== null) return false;
    this.#keepCommand(stream, words, offset);
    this.#recordTime(stream, recorded);
    this.#recorded[stream] = recorded;
    this.#last[stream] = eventNumber;
    return true;
  }

  /** Skips an invalid event of a stream: the next expected number is then unknown. */
  passOver(streamId: string): void {
    this.#last[this.streamIndexOf(streamId)] = UNKNOWN;
  }

  /** Adds the next event of a stream. Returns its contradiction with the previous ones, or null. */
  judge({ streamId, recordedAt, commandId, eventId, number }: EventHeader): OrderFinding | null {
    const stream = this.streamIndexOf(streamId);
    const recorded = millisecondsOf(recordedAt);
    const isId = writeIdWords(commandId, this.#own, 0);
    const last = this.#last[stream] as number;
    const isSameCommand = isId && this.#isSameCommand(stream, this.#own, 0);
    const isGap = isSameCommand && number !== null && this.#isGap(stream, number);
    const problem =
      isId && number !== null ? this.#commandNumbers.add(this.#own, 0, stream, number, isSameCommand) : null;
    this.#last[stream] = number ?? UNKNOWN;
    if (isId) this.#keepCommand(stream, this.#own, 0);
    if (problem === 'twice')
      return { code: 'event-id', detail: `an earlier event also has the id ${eventId}` };
    if (recorded === null)
      return { code: 'recorded-at', detail: `${JSON.stringify(recordedAt)} is not a valid timestamp` };
    const before = this.#recorded[stream] as number;
    if (recorded < before) {
      const ahead = new Date(before).toISOString();
      return {
        code: 'recorded-at',
        detail: `it was recorded at ${recordedAt}, before the previous event (${ahead})`,
      };
    }
    this.#recorded[stream] = recorded;
    if (isGap)
      return {
        code: 'event-id',
        detail: `it is event ${number} of its command ${commandId}, but the previous event is ${last}: an event is missing or misplaced`,
      };
    if (problem === null) return null;
    const detail = `its command ${commandId} had ended: another command follows it in this stream`;
    return { code: 'event-id', detail };
  }

  /** Records the time of a checkpoint: later events were recorded after it. */
  recordCheckpointTime(recorded: number | null): void {
    if (recorded !== null && recorded > this.#latestCheckpoint) this.#latestCheckpoint = recorded;
  }

  /** Adds the time of the next event, before `judge`. Returns a warning if an earlier checkpoint or event has a later time. */
  addTime({ streamId, version, recordedAt }: EventHeader): Pick<HistoryWarning, 'code' | 'detail'>[] {
    const [stream, recorded] = [this.streamIndexOf(streamId), millisecondsOf(recordedAt)];
    if (recorded === null) return [];
    const statement = `${streamId} version ${version} claims to have been recorded at ${recordedAt}`;
    const warnings: Pick<HistoryWarning, 'code' | 'detail'>[] = [];
    if (this.#isBeforeCheckpoint(recorded)) {
      const signed = new Date(this.#latestCheckpoint).toISOString();
      const detail = `${statement}, but it follows a checkpoint that was signed at ${signed}`;
      warnings.push({ code: 'before-checkpoint', detail });
    }
    if (this.#isJump(stream, recorded)) {
      const latest = new Date(this.#latest).toISOString();
      const detail = `earlier events were recorded up to ${latest}, but ${statement}`;
      warnings.push({ code: 'clock-leap', detail });
    }
    this.#recordTime(stream, recorded);
    return warnings;
  }

  /**
   * Reports whether a time is earlier than the latest one by more than the clock tolerance. A jump back from the same time is reported once.
   */
  #isJump(stream: number, recorded: number): boolean {
    if (!this.#isWholeLog || stream === CHECKPOINTS) return false;
    return recorded < this.#latest - CLOCK_TOLERANCE_MS && this.#latest !== this.#wentBackFrom;
  }

  /** Records the time of an event. A time equal to the stream's last one is ignored: the store may have raised it. */
  #recordTime(stream: number, recorded: number): void {
    if (recorded === this.#recorded[stream] || stream === CHECKPOINTS) return;
    const isBack = recorded < this.#latest - CLOCK_TOLERANCE_MS;
    if (isBack) this.#wentBackFrom = this.#latest;
    if (isBack || recorded > this.#latest) this.#latest = recorded;
  }

  #isBeforeCheckpoint(recorded: number): boolean {
    return recorded < this.#latestCheckpoint - CLOCK_TOLERANCE_MS;
  }

  /** Reports whether an event of the stream's last command skips a number. */
  #isGap(stream: number, eventNumber: number): boolean {
    const last = this.#last[stream] as number;
    return last !== UNKNOWN && eventNumber !== last + 1;
  }

  #isSameCommand(stream: number, words: Uint32Array, offset: number): boolean {
    const ownOffset = stream * ID_WORDS;
    for (let word = 0; word < ID_WORDS; word++)
      if (this.#commands[ownOffset + word] !== words[offset + word]) return false;
    return true;
  }

  #keepCommand(stream: number, words: Uint32Array, offset: number): void {
    const ownOffset = stream * ID_WORDS;
    for (let word = 0; word < ID_WORDS; word++)
      this.#commands[ownOffset + word] = words[offset + word] as number;
  }

  #grow(): void {
    const recorded = new Float64Array(2 * this.#recorded.length).fill(-Infinity);
    recorded.set(this.#recorded);
    this.#recorded = recorded;
    const commands = new Uint32Array(2 * this.#commands.length);
    commands.set(this.#commands);
    this.#commands = commands;
    const last = new Int32Array(2 * this.#last.length).fill(UNKNOWN);
    last.set(this.#last);
    this.#last = last;
  }
}
