import type { StreamState, StreamVerifier } from '#audit/verify';
import type { StateValue } from '#event-sourcing/envelope';
import { isCheckpoint } from '#state-machines/checkpoint-events';
import { kinds } from '#state-machines/record-streams';
import {
  COMMAND,
  EVENT_WORDS,
  HASH,
  KIND,
  NUMBER,
  PREVIOUS,
  recordedIn,
  STREAM,
  VERSION,
} from './event-figures.ts';
import type { EventFigures, EventKind, FigureReader } from './event-figures.ts';
import type { LogOrder } from './log-order.ts';

/**
 * Returns the state after an event of a kind if the statechart and the event agree on it; undefined if they
 * differ or there is no statechart.
 */
type StateAfter = (kind: EventKind, before: StateValue | null) => StateValue | undefined;

interface NumberedStream {
  readonly state: StreamState<StateValue | undefined>;
  readonly isRecord: boolean;
  /** Its number in the order of the log. */
  readonly order: number;
}

/** A kind of event, with the states that it caused so far. */
class SeenKind {
  readonly hasNoLifecycle: boolean;
  readonly isCheckpoint: boolean;
  readonly #kind: EventKind;
  readonly #stateAfter: StateAfter;
  readonly #seen = new Map<StateValue | null, StateValue | undefined>();

  constructor(kind: EventKind, stateAfter: StateAfter) {
    this.#kind = kind;
    this.#stateAfter = stateAfter;
    this.hasNoLifecycle = kind.lifecycle === null;
    this.isCheckpoint = isCheckpoint(kind);
  }

  after(before: StateValue | null): StateValue | undefined {
    const seen = this.#seen.get(before);
    if (seen !== undefined) return seen;
    const after = this.#stateAfter(this.#kind, before);
    if (this.#seen.size < SEEN_MAX) this.#seen.set(before, after);
    return after;
  }
}

/** A corrupt log may contain as many kinds as events. */
const SEEN_MAX = 1_000;

/** Verifies events by their figures alone if they are valid and follow the previous event. */
export class FiguredStreams {
  readonly #chains: StreamVerifier<StateValue | undefined>;
  readonly #order: LogOrder;
  readonly #stateAfter: StateAfter;
  /** Streams by reader and number. */
  readonly #streams = new Map<FigureReader, NumberedStream[]>();
  /** The kinds of events by content. */
  readonly #kinds = new Map<string, SeenKind>();
  /** The kinds of the last page. */
  #page: {
    readonly of: EventFigures;
    readonly streams: NumberedStream[];
    readonly kinds: readonly SeenKind[];
  } | null = null;

  constructor(chains: StreamVerifier<StateValue | undefined>, order: LogOrder, stateAfter: StateAfter) {
    this.#chains = chains;
    this.#order = order;
    this.#stateAfter = stateAfter;
  }

  /** Returns false, without a change, if the event must be verified from its full content. */
  add(figures: EventFigures, index: number): boolean {
    const { words } = figures;
    const offset = index * EVENT_WORDS;
    const version = words[offset + VERSION] as number;
    if (version === 0) return false;
    const { streams, kinds } = this.#pageOf(figures);
    const number = words[offset + STREAM] as number;
    const { state, isRecord, order } = (streams[number] ??= this.#streamOf(
      figures.reader.streams[number] as string,
    ));
    const kind = kinds[words[offset + KIND] as number] as SeenKind;
    const after = stateAfter(kind, state.value, isRecord);
    if (after === undefined || !this.#chains.isNext(state, version, words, offset + PREVIOUS)) return false;
    const recorded = recordedIn(words, offset);
    if (!this.#order.add(order, recorded, words, offset + COMMAND, words[offset + NUMBER] as number))
      return false;
    this.#chains.addNext(state, version, words, offset + HASH);
    state.value = after;
    if (kind.isCheckpoint) this.#order.recordCheckpointTime(recorded);
    return true;
  }

  #pageOf(figures: EventFigures) {
    if (this.#page?.of === figures) return this.#page;
    const streams = this.#streams.get(figures.reader) ?? [];
    this.#streams.set(figures.reader, streams);
    return (this.#page = { of: figures, streams, kinds: figures.kinds.map((kind) => this.#kindOf(kind)) });
  }

  #streamOf(streamId: string): NumberedStream {
    const order = this.#order.streamIndexOf(streamId);
    return { state: this.#chains.stateOf(streamId), isRecord: kinds.ofStream(streamId) !== null, order };
  }

  #kindOf(kind: EventKind): SeenKind {
    const name = JSON.stringify(kind);
    const seen = this.#kinds.get(name) ?? new SeenKind(kind, this.#stateAfter);
    if (this.#kinds.size < SEEN_MAX) this.#kinds.set(name, seen);
    return seen;
  }
}

function stateAfter(
  kind: SeenKind,
  before: StateValue | null | undefined,
  isRecord: boolean,
): StateValue | null | undefined {
  // A record always has a lifecycle, whatever its events contain.
  if (kind.hasNoLifecycle) return isRecord ? undefined : null;
  return before === undefined ? undefined : kind.after(before);
}
