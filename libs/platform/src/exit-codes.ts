import { SettingsError } from './settings.ts';

/** The contract of exit codes, for every program of Docket; for packs, 4 means that nothing shows it (`PACK_EXITS`). */
export const EXIT = { done: 0, refused: 1, usage: 2, unreachable: 3 } as const;

/** The codes of errors that say that something cannot be opened, or not be reached. */
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

/** Of a key that cannot be used: a setting names another file, or this one is mended. */
const UNUSABLE: readonly unknown[] = [
  'key-unreadable',
  'key-malformed',
  'key-not-private',
  'checkpoint-key-unusable',
];

/** With which code a program ends that an error keeps from its work. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof SettingsError) return EXIT.usage;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (UNUSABLE.includes(code)) return EXIT.usage;
  return UNREACHABLE.includes(code) ? EXIT.unreachable : EXIT.refused;
}
