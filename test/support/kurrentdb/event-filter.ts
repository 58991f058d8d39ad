import type { ReadReq } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import { invalidArgument } from './call-error.ts';
import type { LogStore } from './log-store.ts';
import type { Position, StoredEvent } from './stored-event.ts';

export interface EventFilter {
  readonly allows: (event: StoredEvent) => boolean;
  /** The most events scanned for one page. */
  readonly window: number;
  /** The number of scanned events between a subscription's checkpoints. */
  readonly checkpointInterval: number;
}

/** The number of events that the server reads at once. */
export const PAGE_SIZE = 32;

export const NO_FILTER: EventFilter = {
  allows: () => true,
  window: Number.MAX_SAFE_INTEGER,
  checkpointInterval: Infinity,
};

export function filterOf(options: ReadReq.Options.FilterOptions): EventFilter {
  const isByStream = options.hasStreamIdentifier();
  const expression = isByStream ? options.getStreamIdentifier() : options.getEventType();
  if (expression === undefined) throw invalidArgument('a filter is by stream or by type');
  const multiplier = options.getCheckpointintervalmultiplier();
  if (multiplier === 0) throw invalidArgument('a checkpoint interval of 0');
  const window = options.hasMax() ? options.getMax() : PAGE_SIZE;
  const matches = matcherOf(expression);
  return {
    allows: (event) => matches(isByStream ? event.stream : event.type),
    window,
    checkpointInterval: window * multiplier,
  };
}

function matcherOf(expression: ReadReq.Options.FilterOptions.Expression): (text: string) => boolean {
  const source = expression.getRegex();
  const prefixes = expression.getPrefixList();
  if (source === '') return (text) => prefixes.some((prefix) => text.startsWith(prefix));
  let regex: RegExp;
  try {
    regex = new RegExp(source, 'u');
  } catch (error) {
    throw invalidArgument(String(error));
  }
  return (text) => regex.test(text);
}

interface FilteredPage {
  readonly events: readonly StoredEvent[];
  /** The position of the next page: after the last scanned event. */
  readonly next: Position;
  readonly considered: number;
  readonly isEnd: boolean;
}

/** Returns one page of `$all`. Like the server's AllReader, it ends when it is full or its window is searched. */
export function filteredPage(store: LogStore, from: Position, filter: EventFilter): FilteredPage {
  const events: StoredEvent[] = [];
  let next = from;
  let considered = 0;
  while (events.length < PAGE_SIZE && considered < filter.window) {
    const looked = store.page(next, Math.min(filter.window - considered, PAGE_SIZE - events.length));
    if (looked.length === 0) return { events, next, considered, isEnd: true };
    for (const event of looked) {
      considered += 1;
      if (filter.allows(event)) events.push(event);
      next = afterEvent(event);
    }
  }
  return { events, next, considered, isEnd: false };
}

/** Returns the position after an event; its prepare is 0 if the event was its own commit. */
export const afterEvent = ({ commit, prepare, end }: StoredEvent): Position =>
  commit === prepare ? { commit: end, prepare: 0n } : { commit, prepare: prepare + 1n };
