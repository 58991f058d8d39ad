import { EXIT } from '#platform/exit-codes';
import { checkReadModels } from '#projections/check-read-models';
import type { TableDifference } from '#projections/check-read-models';
import { withReadModels } from '../with-read-models.ts';
import type { CommandLine } from '../verb-context.ts';

/** Compares the read models with a fresh fold of the log, and prints the result. */
export async function verifyReadModels(program: CommandLine, json: boolean): Promise<void> {
  const { readModels } = program.settings;
  await program.withStore(async (log) => {
    const checked = await withReadModels(
      readModels,
      (action) => action(log),
      ({ store, database, ahead }) => {
        if (ahead !== null) throw ahead;
        return checkReadModels({ store, database, signal: new AbortController().signal });
      },
    );
    if (checked === null) {
      program.terminal.error(
        'docket: there are no read models yet. Run docket serve or docket rebuild to create them',
      );
      program.terminal.exitCode = EXIT.unreachable;
      return;
    }
    const { events, differences } = checked;
    const ok = differences.length === 0;
    if (!ok) program.terminal.exitCode = EXIT.refused;
    if (json) program.terminal.json({ ok, events, differences });
    else if (ok) program.terminal.line(`The read models match a fresh fold of ${events} events`);
    else
      program.terminal.line(
        `The read models DIFFER from the log: ${differences.map(differenceText).join('; ')}. To rebuild them, run docket rebuild`,
      );
  });
}

const differenceText = ({ table, wrong, missing, examples }: TableDifference): string =>
  wrong + missing === 0
    ? `${table}: the full-text index does not match its texts`
    : `${table}: ${wrong} wrong rows, ${missing} missing (${examples.join(', ')})`;
