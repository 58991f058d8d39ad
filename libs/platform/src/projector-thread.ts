import { systemClock } from '#event-sourcing/clock';
import { openReadModels } from '#projections/open-read-models';
import { serve } from '#threads/serve';
import { openStore } from './open-store.ts';
import { PROJECTIONS } from './projections.ts';
import type { ProjectorOptions, ProjectorReport } from './projections.ts';
import { startProjectorInProcess } from './projector.ts';

/** How often to check for known damage of the read models. */
const TROUBLE_MS = 500;

async function project(
  { store: address, readModels }: ProjectorOptions,
  report: (report: ProjectorReport) => void,
) {
  const store = await openStore(address, {
    create: false,
    readOnly: true,
    observer: {
      appended: () => undefined,
      groupWritten: () => undefined,
      subscriptionDropped: (dropped) => {
        report({ dropped });
      },
    },
  });
  const database = await openReadModels(readModels, PROJECTIONS);
  const projector = await startProjectorInProcess(store, database, {
    onError: (message) => {
      report({ message });
    },
  });

  let reported: string | null = null;
  systemClock
    .every(() => {
      void database.trouble().then((trouble) => {
        if (trouble !== reported) report({ readModels: { trouble } });
        reported = trouble;
      });
    }, TROUBLE_MS)
    .unref();

  return {
    tasks: {},
    async close() {
      await projector.stop();
      await database.close();
      await store.close();
    },
  };
}

await serve(project, 'behind');
