import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder.ts';

/** A node's private folder, and its settings, in the form that `startService` accepts. */
export interface NodePlace {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Returns places for nodes that share a store and the key of development tokens; the store is that of the first folder.
 * No node sweeps.
 */
export function placesOfNodes(
  settingsOf: (folder: string) => Readonly<Record<string, string>>,
  count = 2,
): NodePlace[] {
  const folders = Array.from({ length: count }, () => temporaryFolder());
  const [first = ''] = folders;
  const { DOCKET_STORE: store = '' } = settingsOf(first);
  const shared = {
    DOCKET_STORE: store,
    DOCKET_DEVELOPMENT_KEY: join(first, 'development-key.jwk'),
    DOCKET_SWEEP: 'off',
  };
  return folders.map((folder) => ({ folder, env: { ...settingsOf(folder), ...shared } }));
}
