import { SettingsError } from './settings.ts';

/** The exit codes of every program of Docket, which are a public contract. For packs, 4 means that a claim is not proved (`PACK_EXITS`). */
export const EXIT = { done: 0, refused: 1, usage: 2, unreachable: 3 } as const;

/** The codes of errors for a resource that cannot be opened or reached. */
const UNREACHABLE: readonly unknown[] = [
  'store-missing',
  'store-unavailable',
  'read-models-unusable',
  'read-models-unavailable',
  'read-models-ahead',
  'read-models-damaged',
  'outbox-ahead',
  'outbox-unusable',
  'outbox-unavailable',
];

/** Returns the exit code for an error that ends a program. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof SettingsError) return EXIT.usage;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  // Change the setting or repair the file.
  if (code === 'key-unusable') return EXIT.usage;
  return UNREACHABLE.includes(code) ? EXIT.unreachable : EXIT.refused;
}
