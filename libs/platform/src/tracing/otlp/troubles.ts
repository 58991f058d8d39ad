import { diag, DiagLogLevel } from '@opentelemetry/api';
import { setGlobalErrorHandler } from '@opentelemetry/core';
import { systemClock } from '#event-sourcing/clock';
import { messageOf } from '#event-sourcing/errors';

/** How long to suppress further reports. */
const SILENT_MS = 60_000;

/** Reports OpenTelemetry's errors, at most one a minute: an unreachable collector would fill the log. */
export function reportTroubles(onError: (message: string) => void): void {
  let silentUntil = 0;
  let untold = 0;
  const tell = (trouble: string): void => {
    if (systemClock.elapsed() < silentUntil) {
      untold += 1;
      return;
    }
    const more = untold === 0 ? '' : ` (and ${untold} earlier errors)`;
    silentUntil = systemClock.elapsed() + SILENT_MS;
    untold = 0;
    onError(`Some traces could not be sent: ${trouble}${more}`);
  };
  setGlobalErrorHandler((error) => {
    tell(reasonOf(error));
  });
  const silent = (): void => undefined;
  diag.setLogger(
    { error: tell, warn: tell, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}

function reasonOf(error: unknown): string {
  // A name with several addresses fails with one error for each, and no message of its own.
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return messageOf(error);
}
