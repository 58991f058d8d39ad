import { parentPort, workerData } from 'node:worker_threads';
import { openReadModels } from '#projections/open-read-models';
import { ProjectionRunner } from '#projections/runner';
import { stepBack } from '#threads/priority';
import { openStore } from './open-store.ts';
import { PROJECTIONS } from './projections.ts';
import type { ProjectorMessage, ProjectorOptions } from './projections.ts';
import { tellingProjected } from './tracing/tracing.ts';
import { messageOf } from '#event-sourcing/errors';

stepBack('behind');

const { store: address, readModels, traced } = workerData as ProjectorOptions;
const port = parentPort;
if (port === null) throw new Error('This module is the main module of a worker thread');

/** How often it looks whether the read models are known to be damaged. */
const TROUBLE_MS = 500;

const tell = (message: ProjectorMessage): void => {
  port.postMessage(message);
};
const store = await openStore(address, {
  create: false,
  readOnly: true,
  observer: {
    appended: () => undefined,
    groupWritten: () => undefined,
    subscriptionDropped: (dropped) => {
      tell({ dropped });
    },
  },
});
const database = await openReadModels(readModels);
const runner = new ProjectionRunner({
  store,
  database,
  projections: PROJECTIONS,
  ...(traced && {
    onFolded: tellingProjected((projected) => {
      tell({ projected });
    }),
  }),
  onRebuilt: (rebuilt) => {
    tell({ rebuilt });
  },
  onError: (error, projection) => {
    tell({ message: messageOf(error), projection });
  },
});
await runner.start();
tell('running');

let told: string | null = null;
setInterval(() => {
  const trouble = database.trouble();
  if (trouble !== told) tell({ readModels: { trouble } });
  told = trouble;
}, TROUBLE_MS).unref();

port.once('message', () => {
  void (async () => {
    await runner.stop();
    await database.close();
    await store.close();
    port.close();
  })();
});
