import type { DecidedEvent } from './decide.ts';
import type { Reason } from './refused.ts';
import type { LifecycleState } from './lifecycle-definition.ts';
import { NO_SIZE, sizeAfter } from './record-size.ts';
import type { SizeRules } from './record-size.ts';

/** Limits on the size of a record. Some roles of the lifecycle may use half of each limit. */
export interface RecordLimits {
  readonly events: number;
  /** Bytes of sensitive values in UTF-8. */
  readonly bytes: number;
}

export const RECORD_LIMITS: RecordLimits = { events: 10_000, bytes: 32 * 1024 * 1024 };

/**
 * Returns why events do not fit into a record; null if they do. Imports, which have no role, may use the whole limit.
 */
export function fullReason(
  lifecycle: SizeRules,
  state: Pick<LifecycleState, 'size'> | null,
  events: readonly DecidedEvent[],
  role: string | null,
  limits: RecordLimits,
): Reason | null {
  const size = state?.size ?? NO_SIZE;
  const decision = role === null ? null : { role };
  const after = events.reduce((now, event) => sizeAfter(lifecycle, now, { ...event, decision }), size);
  const { share, stillAccepted } = lifecycle.code.fullness;
  const half = { events: limits.events / 2, bytes: limits.bytes / 2 };
  const over =
    overDetail('A record', after, limits) ??
    (share && role !== null && share.isOf(role) ? overDetail(share.what, after.theirs, half) : null);
  return over === null ? null : { code: 'record-full', detail: `${over}; it still accepts ${stillAccepted}` };
}

function overDetail(what: string, size: RecordLimits, limits: RecordLimits): string | null {
  if (size.events > limits.events) return `${what} can have at most ${limits.events} events`;
  if (size.bytes > limits.bytes) return `${what} can have at most ${limits.bytes} bytes of text`;
  return null;
}
