import { run } from './run-set-up.ts';

/** Jest's global tear-down: ends what the set-up started. */
export default async function tearDown(): Promise<void> {
  run.asked?.close();
  run.asked?.closeAllConnections();
  const server = await run.postgresql;
  await server?.remove();
}
