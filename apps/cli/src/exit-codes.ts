import { hasCode } from '../../../libs/event-sourcing/src/errors.ts';
import { SettingsError } from '../../../libs/platform/src/settings.ts';

/** The contract of exit codes. */
export const EXIT = { done: 0, refused: 1, usage: 2, unreachable: 3 } as const;

/** Words or settings that the command line cannot use. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError || error instanceof SettingsError) return EXIT.usage;
  if (hasCode(error, 'store-missing') || hasCode(error, 'store-unavailable')) return EXIT.unreachable;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'read-models-unusable' || code === 'outbox-unusable' ? EXIT.unreachable : EXIT.refused;
}
