import { openReadModels } from '../../../../libs/projections/src/open-read-models.ts';
import { ProjectionRunner } from '../../../../libs/projections/src/runner.ts';
import { PROJECTION_NAMES, PROJECTIONS } from '../../../../libs/platform/src/projections.ts';
import { EXIT } from '../../../../libs/platform/src/exit-codes.ts';
import { measureLog } from '../log-length.ts';
import { settingsOf, UsageError, withStore } from '../verb-context.ts';
import type { Verb } from '../verb-context.ts';

export const addRebuild: Verb = (program, terminal, end) => {
  program
    .command('rebuild')
    .argument('[projection...]', `read models (default: all): ${PROJECTION_NAMES.join(', ')}`)
    .description(
      'Rebuild read models beside the live ones, compare, and switch. The service goes on meanwhile.',
    )
    .action(async (names: string[]) => {
      const unknown = names.find((name) => !PROJECTION_NAMES.includes(name));
      if (unknown !== undefined) {
        throw new UsageError(`there is no projection ${unknown}; there are ${PROJECTION_NAMES.join(', ')}`);
      }
      const { readModels } = settingsOf(program);
      if (readModels.kind === 'memory')
        throw new UsageError('a store in memory has no read models to rebuild from here');
      await withStore(program, async (store) => {
        const database = await openReadModels(readModels);
        const runner = new ProjectionRunner({ store, database, projections: PROJECTIONS });
        const length = await measureLog(store);
        try {
          for (const name of names.length === 0 ? PROJECTION_NAMES : names) {
            const { events, comparison } = await runner.rebuild(name, ({ events: done, position }) => {
              terminal.progress(done, length(done, position), `events into ${name}`);
            });
            terminal.endProgress();
            terminal.line(`${name}: rebuilt from ${events} events; ${toldOf(comparison)}`);
            if (comparison.result === 'different') end(EXIT.refused);
          }
        } finally {
          await runner.stop();
          await database.close();
        }
      });
    });
};

type Comparison = Awaited<ReturnType<ProjectionRunner['rebuild']>>['comparison'];

function toldOf(comparison: Comparison): string {
  switch (comparison.result) {
    case 'equal':
      return 'equal to what it was';
    case 'different':
      return `it DIFFERED from what it was: ${JSON.stringify(comparison.differences)}`;
    case 'not-comparable':
      return `not compared: ${comparison.reason}`;
  }
}
