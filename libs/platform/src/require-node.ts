const NODE_MAJOR_MIN = 22;

/**
 * Ends the process with exit code 2 if Node is too old, before native modules are loaded: the SQLite module
 * would crash with a segmentation fault. Call it before the first dynamic import.
 */
export function requireNode(): void {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= NODE_MAJOR_MIN) return;
  process.stderr.write(
    `docket needs Node ${NODE_MAJOR_MIN} or later; this is ${process.version}. Install a later Node. ` +
      'In a checkout, start it through npm (npm start, npm run docket), which uses the Node that "npm ci" installed.\n',
  );
  process.exit(2);
}
