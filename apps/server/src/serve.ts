import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import type { Logger } from 'pino';
import { messageOf } from '#event-sourcing/errors';
import { EXIT, exitCodeOf } from '#platform/exit-codes';
import { openLog } from '#platform/log/open-log';
import type { Log } from '#platform/log/open-log';
import { levelOf } from '#platform/notifications';
import { openNode } from '#platform/node';
import type { DocketNode, NodeReports } from '#platform/node';
import { whenFolded } from '#platform/projector';
import { readSettings, SettingsError } from '#platform/settings';
import type { Settings } from '#platform/settings';
import { logStart } from '#platform/log-start';
import { unreadableNext } from '#platform/unreadable-events';
import { readModelsStatus } from '#projections/read-models-status';
import { createApp } from './app.ts';
import { linesDropped, observeDelivery, storeMetrics, sweptEvents } from './metrics.ts';
import { stopOnSignal } from './stop-on-signal.ts';

/** How often the log reports that read models are still being built. */
const READ_MODELS_MS = 5_000;

/** Starts the service with the settings of the environment, and stops it on SIGTERM or SIGINT. Returns its address. */
export async function serve(env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  let settings: Settings;
  try {
    settings = readSettings(env);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`docket: ${error.message}\n`);
    process.exitCode = EXIT.usage;
    return undefined;
  }
  const log = openLog(settings.logLevel, (lines) => {
    linesDropped.inc(lines);
  });
  // The reader of standard output may have gone.
  process.stdout.on('error', (error) => {
    log.logger.warn({ err: error }, 'Standard output cannot be written');
  });
  try {
    await logStart(settings, env, log.logger);
    return await start(settings, log);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    const message = explainStartError(error, settings);
    // Errors in settings and failures to open files explain themselves on standard error.
    if (message === null) log.logger.fatal({ err: error }, 'The start failed');
    await log.end();
    process.stderr.write(`docket: ${message ?? String(error)}\n`);
    return undefined;
  }
}

async function start(settings: Settings, log: Log): Promise<string> {
  const { logger } = log;
  // Disposed in reverse order: requests end before the resources that they use.
  const open = new AsyncDisposableStack();
  try {
    const { sweep, checkpointSchedule: checkpoints } = settings;
    const work = { http: true as const, project: true, sweep, checkpoints };
    const node = open.adopt(await openNode(settings, reportsTo(logger), work), (each) => each.close());
    const app = open.adopt(
      await createApp(node, logger, {
        requestsPerSecond: settings.rateLimit,
      }),
      (each) => each.close(),
    );
    // Nest's `listen` would log its own line if the port is in use.
    await app.getHttpAdapter().getInstance().listen({ port: settings.port, host: settings.host });
    const { readModels, http } = node;
    const isLeftReading = (): boolean =>
      readModels.readCounts().left + http.logPages.counts.left > 0 || http.verifications.isRunning;
    stopOnSignal(open, log, isLeftReading);
    const address = addressOf(app, settings.host);
    if (!(await readModelsReady(node, logger, () => open.disposed))) return address;
    node.start();
    logSettings(settings, node, logger);
    process.stdout.write(`Docket is ready at ${address}\n`);
    return address;
  } catch (error) {
    try {
      await open.disposeAsync();
    } catch (trouble) {
      logger.error({ err: trouble }, 'Open resources could not be closed');
    }
    throw error;
  }
}

/** Returns callbacks that write to the log and the metrics. */
function reportsTo(logger: Logger): NodeReports {
  const onError = (message: string): void => {
    logger.error(message);
  };
  return {
    onError,
    onProjectorError(message) {
      logger.error(message);
    },
    onFailure(what, error) {
      const { name, code } = error as { name?: unknown; code?: unknown };
      logger.error({ failure: { name, code } }, `${what}: ${messageOf(error)}`);
    },
    onWarning(message) {
      logger.warn(message);
    },
    onSwept(outcome) {
      sweptEvents.inc(outcome.recorded);
      logger.info(outcome, 'Deadlines were swept');
    },
    onDelivery(delivery) {
      observeDelivery(delivery);
      logger[levelOf(delivery)](delivery, 'A delivery was attempted');
    },
    observer: storeMetrics,
  };
}

function logSettings({ provider }: Settings, { publicUrl }: DocketNode, logger: Logger): void {
  if (provider === null)
    logger.warn('Tokens are verified with the development key: use the service on this machine only');
  else logger.info(provider, 'Tokens of this issuer are trusted, for this audience');
  if (provider !== null && publicUrl === null)
    logger.warn(
      'DOCKET_PUBLIC_URL is not set: the service accepts requests for every host, no one can sign in to the pages, and calendar links use the Host header of each request',
    );
}

function addressOf(app: NestFastifyApplication, host: string): string {
  const { port } = app.getHttpServer().address() as { port: number };
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/**
 * Waits until the read models have reached the log's end at start, or have stopped at an unreadable event. Returns false
 * if the service is stopped first.
 */
async function readModelsReady(
  { store, readModels }: DocketNode,
  logger: Logger,
  isStopped: () => boolean,
): Promise<boolean> {
  try {
    const end = await store.lastPosition();
    const whenHandled = whenFolded(readModels);
    while (!(await whenHandled(end, READ_MODELS_MS))) {
      if ((await unreadableNext(store, readModels)) !== null) return true;
      logger.info(await readModelsStatus(readModels, end), 'The read models are being built');
    }
    return true;
  } catch (error) {
    if (isStopped()) return false;
    throw error;
  }
}

/** Returns a start error in one line with its remedy; null for unexpected errors. */
function explainStartError(error: unknown, { host, port }: Pick<Settings, 'host' | 'port'>): string | null {
  const { code, syscall } = error as NodeJS.ErrnoException;
  const isAddress = syscall === 'listen' || syscall === 'getaddrinfo';
  if (isAddress && code !== undefined && code in ADDRESS_TROUBLES) {
    return `${host}:${port} ${ADDRESS_TROUBLES[code] ?? ''}`;
  }
  return exitCodeOf(error) === EXIT.refused ? null : messageOf(error);
}

const ADDRESS_TROUBLES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is already in use; set PORT to another port, or to 0 for any free one',
  EADDRNOTAVAIL: 'is not an address of this machine; set HOST to one of its addresses',
  EACCES: 'cannot be used by this user; set PORT to 1024 or more',
  ENOTFOUND: 'cannot be resolved; set HOST to an address of this machine',
};
