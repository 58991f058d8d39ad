import { run } from './run-set-up.ts';

/** Releases what Jest's global set-up started. */
export default async function tearDown(): Promise<void> {
  run.server?.close();
  run.server?.closeAllConnections();
  (await run.kurrentdb)?.stop();
  const postgresql = await run.postgresql;
  await postgresql?.remove();
}
