import type { JsonObject, JsonValue } from '../../event-sourcing/src/envelope.ts';
import { pointerTokens } from '../../event-sourcing/src/erasure.ts';
import type { DecidedEvent, Reason } from './decide.ts';
import type { FoldedEvent, LifecycleDefinition, LifecycleState, StreamSize } from './lifecycle-definition.ts';

/** How large a record may grow; the roles that the definition names may use half of each. */
export interface RecordLimits {
  readonly events: number;
  /** Of sensitive values, in UTF-8. */
  readonly bytes: number;
}

export const RECORD_LIMITS: RecordLimits = { events: 10_000, bytes: 32 * 1024 * 1024 };

export const NO_SIZE: StreamSize = { events: 0, bytes: 0, theirs: { events: 0, bytes: 0 } };

type Measured = Pick<LifecycleDefinition<never>, 'events' | 'roleOfShare'>;

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

/** Why events no longer fit into a record; null where they do. Without a role (an import) no share is asked. */
export function fullReason(
  definition: Measured,
  state: Pick<LifecycleState<unknown>, 'size'> | null,
  events: readonly DecidedEvent[],
  role: string | null,
  limits: RecordLimits,
): Reason | null {
  const size = state?.size ?? NO_SIZE;
  const decision = role === null ? null : { role };
  const after = events.reduce((now, event) => sizeAfter(definition, now, { ...event, decision }), size);
  const isShare = role !== null && definition.roleOfShare?.(role) === true;
  const detail =
    overDetail('A record', after, limits) ??
    (isShare
      ? overDetail("The recipient's share", after.theirs, {
          events: limits.events / 2,
          bytes: limits.bytes / 2,
        })
      : null);
  return detail === null ? null : { code: 'record-full', detail };
}

function overDetail(what: string, size: RecordLimits, limits: RecordLimits): string | null {
  const rest = 'it still takes what decides, closes, reopens, responds, withdraws or redacts';
  if (size.events > limits.events) return `${what} has at most ${limits.events} events; ${rest}`;
  if (size.bytes > limits.bytes) return `${what} has at most ${limits.bytes} bytes of text; ${rest}`;
  return null;
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
