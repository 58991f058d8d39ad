import type { Logger } from 'pino';
import { VERSION } from './package-json.ts';
import { newStoreWarning, placesOf, shownPlaces } from './places.ts';
import { settingsWarnings } from './settings-warnings.ts';
import type { Settings } from './settings.ts';

/** Logs that the process starts, with its store, read models and outbox, and warnings about its settings. */
export async function logStart(settings: Settings, env: NodeJS.ProcessEnv, logger: Logger): Promise<void> {
  for (const warning of settingsWarnings(env)) logger.warn(warning);
  const [places, newStore] = await Promise.all([placesOf(settings), newStoreWarning(settings)]);
  logger.info(
    { version: VERSION, node: process.version, ...places },
    `Docket ${VERSION} starts: ${shownPlaces(places)}`,
  );
  if (newStore !== null) logger.warn(newStore);
}
