import type { StoreObserver } from '#event-sourcing/store-observer';
import type { TraceSettings } from './trace-settings.ts';
import type { Tracing } from './tracing.ts';

/**
 * Starts tracing. Returns null, and loads nothing, if tracing is off.
 * @param onError called at most once a minute with the reason for which traces could not be sent
 */
export async function openTracing(
  settings: TraceSettings | null,
  onError: (message: string) => void,
): Promise<Tracing | null> {
  if (settings === null) return null;
  const { startOtlpTracing } = await import('./otlp/otlp-tracing.ts');
  return startOtlpTracing(settings, onError);
}

/** Returns an observer that traces appends and also calls another observer. */
export function tracingAppends(
  tracing: Tracing | null,
  observer: StoreObserver | undefined,
): StoreObserver | undefined {
  if (tracing === null) return observer;
  return {
    appended(append) {
      observer?.appended(append);
      tracing.appended(append);
    },
    groupWritten: (commits, events) => observer?.groupWritten(commits, events),
    subscriptionDropped: (reason) => observer?.subscriptionDropped(reason),
  };
}
