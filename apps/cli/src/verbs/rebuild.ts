import { rebuild } from '#projections/rebuild';
import { progressThrough } from '#use-cases/log/log-progress';
import type { Verb } from '../verb-context.ts';
import { withBoth } from '../with-folded-tree.ts';

const HELP = `
The new read models are built beside the live ones, which the service goes on using until the new ones have caught up. If the
command is stopped or fails, the live ones stay. Only one rebuild can run at a time.

If the read models are ahead of the log, the log lost events or was replaced. Docket then refuses to start, and rebuild changes
nothing.`;

export const addRebuild: Verb = (program) => {
  program
    .command('rebuild')
    .description('Rebuild the read models beside the live ones, and switch. The service can keep running.')
    .addHelpText('after', HELP)
    .action(async () => {
      await withBoth(program, { what: 'rebuild them', readOnly: true }, async (store, database) => {
        const reach = await progressThrough(store, (done, total) => {
          program.terminal.progress(done, total, 'events');
        });
        const { events } = await rebuild({
          ...{ store, database, signal: new AbortController().signal },
          onProgress: (reached) => {
            reach(reached.events, reached.position);
          },
        });
        program.terminal.endProgress();
        program.terminal.line(`Rebuilt the read models from ${events} events`);
      });
    });
};
