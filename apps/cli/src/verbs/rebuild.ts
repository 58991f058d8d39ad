import { dropUndeclared } from '#projections/drop-undeclared';
import { liveBookmark } from '#projections/generations';
import { assertSameLog } from '#projections/same-log';
import { progressThrough } from '#use-cases/log/log-progress';
import { ProjectionRunner } from '#projections/runner';
import { PROJECTION_NAMES, PROJECTIONS } from '#platform/projections';
import { EXIT } from '#platform/exit-codes';
import type { Verb } from '../verb-context.ts';
import { withBoth } from '../with-folded-tree.ts';

const HELP = `
If the read models are ahead of the log, the log lost events or was replaced. Docket then refuses to start, and rebuild changes nothing.
Run the command on each node that has its read models in a file.`;

export const addRebuild: Verb = (program) => {
  program
    .command('rebuild')
    .description(
      'Rebuild read models beside the live ones, compare them, and switch. The service can keep running.',
    )
    .addHelpText('after', HELP)
    .action(async () => {
      await withBoth(program, { what: 'rebuild them', readOnly: true }, async (store, database) => {
        const runner = new ProjectionRunner({ store, database, projections: PROJECTIONS });
        try {
          await assertSameLog(store, database);
          await dropUndeclared(database, PROJECTIONS);
          for (const name of PROJECTION_NAMES) {
            const before = await liveBookmark(database.db, name);
            const reach = await progressThrough(store, (done, total) => {
              program.terminal.progress(done, total, `events into ${name}`);
            });
            const { events, comparison } = await runner.rebuild(name, (reached) => {
              reach(reached.events, reached.position);
            });
            program.terminal.endProgress();
            program.terminal.line(
              `${name}: rebuilt from ${events} events; ${before === undefined ? 'it did not exist before' : comparisonText(comparison)}`,
            );
            if (comparison.result === 'different') program.terminal.exitCode = EXIT.refused;
          }
        } finally {
          await runner.stop();
        }
      });
    });
};

type Comparison = Awaited<ReturnType<ProjectionRunner['rebuild']>>['comparison'];

function comparisonText(comparison: Comparison): string {
  switch (comparison.result) {
    case 'equal':
      return 'equal to the previous read model';
    case 'different':
      return `DIFFERED from the previous read model: ${JSON.stringify(comparison.differences)}`;
    case 'not-comparable':
      return `not compared: ${comparison.reason}`;
  }
}
