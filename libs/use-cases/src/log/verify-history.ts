import type { DivergenceCode, ExaminedEvent, EventHeader } from '#audit/examine-event';
import { StreamVerifier } from '#audit/verify';
import type { Divergence, Place } from '#audit/verify';
import type { LifecycleReference, StateValue } from '#event-sourcing/envelope';
import type { StoreFault } from '#event-sourcing/event-store';
import type { KnownStatecharts } from '#lifecycle/lifecycles';
import { kinds } from '#state-machines/record-streams';
import { LogOrder } from './log-order.ts';
import type { HistoryWarning } from './log-order.ts';

/** A place where the history is invalid. Unknown parts of the place are null. */
export interface HistoryDivergence {
  readonly position: string | null;
  readonly streamId: string | null;
  readonly version: number | null;
  readonly code:
    | DivergenceCode
    | StoreFault['code']
    /** The statechart rejects the event, or yields a state that differs from the stored one. */
    | 'illegal-event'
    | 'state'
    /** The event was recorded under a lifecycle that this build lacks, so its state cannot be verified. */
    | 'unknown-lifecycle'
    /** The event was recorded before the previous event of its stream, or its time is invalid. */
    | 'recorded-at'
    /** The log does not extend the kept checkpoint, or lacks what the signer remembers. */
    | 'head'
    /** The events below a checkpoint do not have the root that it states. */
    | 'checkpoint'
    /** A pack states another end of its record than the record had. */
    | 'pack'
    /** A redacted value is still present. */
    | 'not-erased'
    | 'not-found'
    /** A copy's event differs from its source's, or the source has no such event. */
    | 'other-history'
    /** The copy has the source's event with other values. */
    | 'other-values'
    /** The copy lacks an event that was appended to it. */
    | 'missing-event';
  readonly detail: string;
}

export interface HistoryVerification {
  readonly ok: boolean;
  readonly streams: number;
  readonly events: number;
  readonly firstDivergence: HistoryDivergence | null;
  /** The first divergences, and their number. */
  readonly divergences: readonly HistoryDivergence[];
  readonly divergenceCount: number;
  /** The first warnings; absent if there are none. */
  readonly warnings?: readonly HistoryWarning[];
}

const DIVERGENCES_MAX = 100;
const WARNINGS_MAX = 20;

const NO_REFERENCE = 'its lifecycle is neither null nor an object with name, version and digest';

/** Stored data can be anything, even if it is correctly sealed. */
function isReferenceOrNull(lifecycle: unknown): lifecycle is LifecycleReference | null {
  if (lifecycle === null) return true;
  if (typeof lifecycle !== 'object') return false;
  const { name, version, digest } = lifecycle as Partial<Record<keyof LifecycleReference, unknown>>;
  return typeof name === 'string' && typeof version === 'number' && typeof digest === 'string';
}

/** Returns a region in which two values differ; undefined if they are equal. */
function otherRegion(after: StateValue, state: StateValue | null): string | undefined {
  for (const region in after) if (state?.[region] !== after[region]) return region;
  for (const region in state) if (state[region] !== after[region]) return region;
  return undefined;
}

/** Verifies events in the order of their streams and collects divergences. An invalid event does not make later ones invalid. */
export class HistoryVerifier {
  readonly #lifecycles: KnownStatecharts;
  /** The state after each stream's last event; undefined if it is unknown. */
  readonly #chains = new StreamVerifier<StateValue | undefined>();
  readonly #order: LogOrder;
  readonly #warnings: HistoryWarning[] = [];
  readonly #divergences: HistoryDivergence[] = [];
  #count = 0;
  #events = 0;

  /** @param isWholeLog whether the events come in the order of the whole log. */
  constructor(lifecycles: KnownStatecharts, isWholeLog: boolean) {
    this.#lifecycles = lifecycles;
    this.#order = new LogOrder(isWholeLog);
  }

  /** The latest time of the log's events, in milliseconds since 1970. */
  get latest(): number {
    return this.#order.latest;
  }

  /** Returns the last event of a stream so far; null if there is none. */
  readonly headOf = (streamId: string): ReturnType<StreamVerifier['headOf']> => this.#chains.headOf(streamId);

  #keep(streamId: string, state: StateValue | null | undefined): void {
    this.#chains.stateOf(streamId).value = state;
  }

  found(divergence: HistoryDivergence): void {
    this.#count += 1;
    if (this.#divergences.length < DIVERGENCES_MAX) this.#divergences.push(divergence);
  }

  warn(warning: HistoryWarning): void {
    if (this.#warnings.length < WARNINGS_MAX) this.#warnings.push(warning);
  }

  /** Verifies an examined event at its place. Returns the code of its divergence, or null. */
  judge(event: ExaminedEvent, place: Place): HistoryDivergence['code'] | null {
    this.#events += 1;
    const { header } = event;
    const position = (header as Partial<EventHeader>).position ?? null;
    const broken = this.#chains.judge(event, place);
    if (broken !== null) {
      this.found({ ...broken, position });
      this.#order.passOver(broken.streamId);
      this.#keep(broken.streamId, this.#valueAfter(broken, header));
      return broken.code;
    }
    const order = this.#orderDivergence(header);
    const divergence = this.#chartDivergence(header) ?? order;
    if (divergence === null) return null;
    this.found({ ...divergence, position });
    return divergence.code;
  }

  /** Skips an event that cannot be read. */
  passOver(place: Place): null {
    this.#events += 1;
    this.#chains.passOver(place);
    this.#order.passOver(place.streamId);
    this.#keep(place.streamId, undefined);
    return null;
  }

  finish(): HistoryVerification {
    const streams = this.#chains.size;
    for (const divergence of this.#chains.finish()) this.found({ position: null, ...divergence });
    return {
      ok: this.#count === 0,
      streams,
      events: this.#events,
      firstDivergence: this.#divergences[0] ?? null,
      divergences: this.#divergences,
      divergenceCount: this.#count,
      ...(this.#warnings.length > 0 && { warnings: this.#warnings }),
    };
  }

  /** Returns the state after an invalid event. A changed value or id does not affect it; after any other divergence it is unknown. */
  #valueAfter({ code, streamId }: Divergence, event: EventHeader): StateValue | null | undefined {
    const before = this.#chains.stateOf(streamId).value;
    if ((code !== 'commitment' && code !== 'event-id') || before === undefined) return undefined;
    return this.#chartValueAfter(event, before) ?? undefined;
  }

  /** Returns the statechart's state after an event; null also if it has none, because stored data can be anything. */
  #chartValueAfter({ lifecycle, type }: EventHeader, before: StateValue | null): StateValue | null {
    try {
      return this.#lifecycles.find(lifecycle)?.valueAfter(before, type) ?? null;
    } catch {
      return null;
    }
  }

  #orderDivergence(header: EventHeader): Omit<HistoryDivergence, 'position'> | null {
    const { streamId, version, position } = header;
    for (const warning of this.#order.addTime(header)) this.warn({ ...warning, position });
    const finding = this.#order.judge(header);
    return finding && { streamId, version, ...finding };
  }

  /** Returns the divergence of an event from the statechart; null if there is none. */
  #chartDivergence(event: EventHeader): Omit<HistoryDivergence, 'position'> | null {
    const { streamId, version, type, state } = event;
    const before = this.#chains.stateOf(streamId).value;
    if (!isReferenceOrNull(event.lifecycle)) {
      this.#keep(streamId, undefined);
      return { streamId, version, code: 'malformed', detail: NO_REFERENCE };
    }
    // A record always has a lifecycle, whatever its events contain.
    if (event.lifecycle === null && kinds.ofStream(streamId) === null) {
      this.#keep(streamId, null);
      return null;
    }
    if (this.#lifecycles.find(event.lifecycle) === null) {
      this.#keep(streamId, undefined);
      return { streamId, version, code: 'unknown-lifecycle', detail: this.#lifecycles.notKnown(event) };
    }
    if (before === undefined) {
      // The next event is verified against the state in this one.
      this.#keep(streamId, state ?? undefined);
      return null;
    }
    const after = this.#chartValueAfter(event, before);
    if (after === null) {
      this.#keep(streamId, undefined);
      const where = before === null ? 'as the first event' : `in ${JSON.stringify(before)}`;
      return { streamId, version, code: 'illegal-event', detail: `${type} is not legal ${where}` };
    }
    const region = otherRegion(after, state);
    this.#keep(streamId, region === undefined ? after : undefined);
    if (region === undefined) return null;
    const detail = `the stored state of ${region} is ${String(state?.[region])}, but the statechart yields ${String(after[region])}`;
    return { streamId, version, code: 'state', detail };
  }
}
