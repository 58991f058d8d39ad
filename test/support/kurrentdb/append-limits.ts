import { appendTooLarge, eventTooLarge } from './call-error.ts';
import { hasAppendSession } from './server-features.ts';
import type { Version } from './server-features.ts';
import type { NewEvent } from './stored-event.ts';

/** The limits in bytes, by default those of the real server. */
export interface AppendLimits {
  readonly append: number;
  readonly event: number;
}

export const defaultLimits = (version: Version): AppendLimits => ({
  append: (hasAppendSession(version) ? 256 : 1) * 1024 * 1024,
  event: 16 * 1024 * 1024,
});

/** Returns the size of an event as the first protocol counts it: two bytes per character of the type. */
const sizeOf = ({ type, data, metadata }: NewEvent): number =>
  data.length + metadata.length + 2 * type.length;

/** Returns a function that adds up the events of one append, and throws at the first one beyond the limit. */
export function sizeCounter({ append, event: eventLimit }: AppendLimits): (event: NewEvent) => void {
  let total = 0;
  return (event) => {
    const size = sizeOf(event);
    if (size > eventLimit) throw eventTooLarge(event.id, size, eventLimit);
    total += size;
    if (total > append) throw appendTooLarge(append);
  };
}
