import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import type { Logger } from 'pino';
import { messageOf } from '../../../libs/event-sourcing/src/errors.ts';
import { EXIT, exitCodeOf } from '../../../libs/platform/src/exit-codes.ts';
import { openService } from '../../../libs/platform/src/service.ts';
import type { Service } from '../../../libs/platform/src/service.ts';
import { readSettings, SettingsError } from '../../../libs/platform/src/settings.ts';
import type { Settings } from '../../../libs/platform/src/settings.ts';
import { createApp } from './app.ts';
import { observeAttempt, storeMetrics, sweptEvents } from './metrics.ts';

/** How long read models may take for a part of the log before the log says that they are still at it. */
const READ_MODELS_MS = 5_000;
/** How long a stop waits for requests, appends and folding that are under way; what is appended is on disk by then. */
const STOP_MS_MAX = 10_000;

const isAddressInUse = (error: unknown): boolean => (error as { code?: unknown }).code === 'EADDRINUSE';

function explained(error: unknown, { host, port }: Settings): string {
  if (isAddressInUse(error))
    return `${host}:${port} is in use already; set PORT to another, or to 0 for any free one`;
  return messageOf(error);
}

export interface Running {
  readonly address: string;
  readonly service: Service;
}

/** Starts the service with the settings of the environment, and stops it on SIGTERM or SIGINT. */
export async function serve(): Promise<Running | undefined> {
  let settings: Settings;
  try {
    settings = readSettings(process.env);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`docket: ${error.message}\n`);
    process.exitCode = EXIT.usage;
    return undefined;
  }
  const destination = pino.destination({ fd: 2, sync: false, minLength: 4_096 });
  const logger = pino(
    { level: settings.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    destination,
  );
  // What is written in large pieces must not lie about for long.
  setInterval(() => {
    destination.flush();
  }, 1_000).unref();
  try {
    return await start(settings, logger, () => {
      destination.flushSync();
    });
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    // Wrong settings, and what cannot be opened, say enough by themselves.
    if (process.exitCode === EXIT.refused && !isAddressInUse(error))
      logger.fatal({ err: error }, 'The start failed');
    destination.flushSync();
    process.stderr.write(`docket: ${explained(error, settings)}\n`);
    return undefined;
  }
}

async function start(settings: Settings, logger: Logger, flush: () => void): Promise<Running> {
  const service = await openService(settings, {
    onError(message, projection) {
      logger.error({ projection }, message);
    },
    onSwept(outcome) {
      sweptEvents.inc(outcome.recorded);
      logger.info(outcome, 'Deadlines were swept');
    },
    onAttempt(attempt) {
      observeAttempt(attempt);
      logger[attempt.outcome === 'delivered' ? 'info' : 'warn'](attempt, 'A message was tried');
    },
    observer: storeMetrics,
  });
  let app: NestFastifyApplication | undefined;
  try {
    app = await createApp(service, logger, [], settings.rateLimit);
    await readModelsReady(service, logger);
    await app.listen(settings.port, settings.host);
  } catch (error) {
    await app?.close();
    await service.close();
    throw error;
  }
  stopOnSignal(app, service, logger, flush);
  service.telling?.notifier.start();
  service.sweeps?.start();
  const address = addressOf(app, settings.host);
  tellWhoseTokens(settings, logger);
  process.stdout.write(`Docket is ready at ${address}\n`);
  return { address, service };
}

function tellWhoseTokens({ provider }: Settings, logger: Logger): void {
  if (provider === null)
    logger.warn('Tokens are checked with the development key: the service is for this machine only');
  else logger.info(provider, 'Tokens of this issuer are trusted, for this audience');
}

function addressOf(app: NestFastifyApplication, host: string): string {
  const { port } = app.getHttpServer().address() as { port: number };
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Waits for the log's end as it stands at start. */
async function readModelsReady(service: Service, logger: Logger): Promise<void> {
  const end = await service.store.lastPosition();
  while (!(await service.reached(end, READ_MODELS_MS))) {
    logger.info({ end }, 'The read models are being built');
  }
}

/** Requests in flight end, nothing that was acknowledged is lost; a second signal changes nothing. */
function stopOnSignal(
  app: NestFastifyApplication,
  service: Service,
  logger: Logger,
  flush: () => void,
): void {
  let stopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'Stopping');
    const stopped = app.close().then(() => service.close());
    await Promise.race([stopped, sleep(STOP_MS_MAX, undefined, { ref: false })]);
    flush();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      stop(signal).catch((error: unknown) => {
        logger.fatal({ err: error }, 'The stop failed');
        flush();
        process.exit(1);
      });
    });
  }
}
