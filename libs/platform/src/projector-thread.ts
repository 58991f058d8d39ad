import { messageOf } from '#event-sourcing/errors';
import { openReadModels } from '#projections/open-read-models';
import { ProjectionRunner } from '#projections/runner';
import { serve } from '#threads/serve';
import { openStore } from './open-store.ts';
import { PROJECTIONS } from './projections.ts';
import type { ProjectorOptions, ProjectorReport } from './projections.ts';
import { tellingProjected } from './tracing/tracing.ts';

/** How often it looks whether the read models are known to be damaged. */
const TROUBLE_MS = 500;

async function project(
  { store: address, readModels, traced }: ProjectorOptions,
  tell: (report: ProjectorReport) => void,
) {
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

  let told: string | null = null;
  setInterval(() => {
    const trouble = database.trouble();
    if (trouble !== told) tell({ readModels: { trouble } });
    told = trouble;
  }, TROUBLE_MS).unref();

  return {
    tasks: {},
    async close() {
      await runner.stop();
      await database.close();
      await store.close();
    },
  };
}

await serve(project, 'behind');
