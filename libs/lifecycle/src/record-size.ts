import type { JsonObject, JsonValue } from '../../event-sourcing/src/envelope.ts';
import { pointerTokens } from '../../event-sourcing/src/erasure.ts';
import type { FoldedEvent, LifecycleDefinition, StreamSize } from './lifecycle-definition.ts';

export const NO_SIZE: StreamSize = { events: 0, bytes: 0, theirs: { events: 0, bytes: 0 } };

/** What of a definition says how large a record is, and whose share. */
export type Measured = Pick<LifecycleDefinition<never>, 'events' | 'roleOfShare'>;

/** The size after an event. A value that was erased before the event is folded counts no more. */
export function sizeAfter(
  definition: Measured,
  { events, bytes, theirs }: StreamSize,
  { type, data, decision }: Pick<FoldedEvent, 'type' | 'data' | 'decision'>,
): StreamSize {
  const added = sensitiveBytes(definition, type, data);
  const isTheirs = decision !== null && definition.roleOfShare?.(decision.role) === true;
  return {
    events: events + 1,
    bytes: bytes + added,
    theirs: isTheirs ? { events: theirs.events + 1, bytes: theirs.bytes + added } : theirs,
  };
}

function sensitiveBytes(definition: Measured, type: string, data: JsonObject): number {
  let bytes = 0;
  for (const pointer of definition.events[type]?.sensitive ?? []) {
    for (const value of valuesAt({ data }, pointerTokens(pointer))) {
      bytes += utf8Length(typeof value === 'string' ? value : JSON.stringify(value));
    }
  }
  return bytes;
}

/** The values at the end of a path, in which `*` is every item of an array. */
function valuesAt(value: JsonValue | undefined, [token, ...rest]: readonly string[]): JsonValue[] {
  if (value === undefined || value === null) return [];
  if (token === undefined) return [value];
  if (Array.isArray(value)) return (value as JsonValue[]).flatMap((item) => valuesAt(item, rest));
  return typeof value === 'object' && Object.hasOwn(value, token)
    ? valuesAt((value as JsonObject)[token], rest)
    : [];
}

const encoder = new TextEncoder();
const utf8Length = (text: string): number => encoder.encode(text).length;
