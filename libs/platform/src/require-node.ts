import { readFileSync } from 'node:fs';

const NODE_MAJOR_MIN = 22;

/**
 * Ends the process with exit code 2 on a Node that is too old, before anything native is loaded: the SQLite module ends
 * in a bare segmentation fault there. Must be called before the first dynamic import.
 */
export function requireNode(): void {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= NODE_MAJOR_MIN) return;
  process.stderr.write(
    `docket needs Node ${NODE_MAJOR_MIN} or later; this is ${process.version}. ` +
      `Start it through npm (npm start, npm run docket), which uses the Node that "npm ci" installed${pinned()}.\n`,
  );
  process.exit(2);
}

/** The version that the project pins, where its package.json can be read. */
function pinned(): string {
  try {
    const file = readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8');
    const { dependencies } = JSON.parse(file) as { dependencies?: { node?: string } };
    return dependencies?.node === undefined ? '' : ` (${dependencies.node})`;
  } catch {
    return '';
  }
}
