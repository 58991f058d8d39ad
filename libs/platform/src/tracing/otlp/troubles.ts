import { diag, DiagLogLevel } from '@opentelemetry/api';
import { setGlobalErrorHandler } from '@opentelemetry/core';
import { systemClock } from '#event-sourcing/clock';
import { messageOf } from '#event-sourcing/errors';

/** How long further reports are suppressed. */
const SILENT_MS = 60_000;

/** Reports OpenTelemetry's errors at most once a minute, because an unreachable collector would fill the log. */
export function reportTroubles(onError: (message: string) => void): void {
  let silentUntil = 0;
  let unreported = 0;
  const report = (trouble: string): void => {
    if (systemClock.elapsed() < silentUntil) {
      unreported += 1;
      return;
    }
    const more = unreported === 0 ? '' : ` (and ${unreported} earlier errors)`;
    silentUntil = systemClock.elapsed() + SILENT_MS;
    unreported = 0;
    onError(`Some traces could not be sent: ${trouble}${more}`);
  };
  setGlobalErrorHandler((error) => {
    report(reasonOf(error));
  });
  const silent = (): void => undefined;
  diag.setLogger(
    { error: report, warn: report, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}

function reasonOf(error: unknown): string {
  // A host name with several addresses fails with one error for each, without a message of its own.
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return messageOf(error);
}
