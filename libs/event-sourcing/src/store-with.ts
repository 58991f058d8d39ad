import type { EventStore } from './event-store.ts';

/** Returns a store with some operations replaced. */
export const storeWith = (store: EventStore, replaced: Partial<EventStore>): EventStore => ({
  erasedRemains: store.erasedRemains,
  append: (commit) => store.append(commit),
  appendSealed: (events) => store.appendSealed(events),
  erase: (streamId, version, pointers) => store.erase(streamId, version, pointers),
  readStream: (streamId, options) => store.readStream(streamId, options),
  readAll: (options) => store.readAll(options),
  findCommand: (commandId) => store.findCommand(commandId),
  findEvents: (streamId, eventIds) => store.findEvents(streamId, eventIds),
  inspect: (streamId) => store.inspect(streamId),
  redactions: (options) => store.redactions(options),
  lastPosition: () => store.lastPosition(),
  lastEvent: () => store.lastEvent(),
  subscribe: (after, handler) => store.subscribe(after, handler),
  close: () => store.close(),
  ...replaced,
});
