import { EXIT } from '#platform/exit-codes';
import { PROJECTIONS } from '#platform/projections';
import { checkReadModel } from '#projections/check-read-models';
import type { CheckedReadModel } from '#projections/check-read-models';
import { withReadModels } from '../with-read-models.ts';
import type { CommandLine } from '../verb-context.ts';

/** Compares each read model with a fresh fold of the log, and prints the result of each. */
export async function verifyReadModels(program: CommandLine, json: boolean): Promise<void> {
  const { readModels } = program.settings;
  await program.withStore(async (log) => {
    const checked = await withReadModels(
      readModels,
      (action) => action(log),
      async ({ store, database, ahead }) => {
        if (ahead !== null) throw ahead;
        const all: CheckedReadModel[] = [];
        for (const projection of PROJECTIONS) {
          const each = await checkReadModel(store, database, projection);
          all.push(each);
          if (!json) program.terminal.line(readModelLine(each));
        }
        return all;
      },
    );
    if (checked === null) {
      program.terminal.error(
        'docket: there are no read models yet. Run docket serve or docket rebuild to create them',
      );
      program.terminal.exitCode = EXIT.unreachable;
      return;
    }
    const ok = checked.every(({ comparison }) => comparison.result === 'equal');
    if (!ok) program.terminal.exitCode = EXIT.refused;
    if (json) program.terminal.json({ ok, readModels: checked });
  });
}

function readModelLine({ name, events, comparison }: CheckedReadModel): string {
  switch (comparison.result) {
    case 'equal':
      return `${name}: matches a fresh fold of ${events} events`;
    case 'different': {
      const tables = comparison.differences.map(
        ({ table, missing, extra, changed, examples }) =>
          `${table}: ${missing} extra rows, ${extra} missing, ${changed} different (${examples.join(', ')})`,
      );
      return `${name}: DIFFERS from the log: ${tables.join('; ')}. To rebuild it, run docket rebuild`;
    }
    case 'not-comparable':
      return `${name}: NOT COMPARED: ${comparison.reason}`;
  }
}
