import { systemRandom } from '#event-sourcing/random';
import { isPlainDate } from '#lifecycle/plain-date';
import { londonDate } from '#state-machines/london';
import { openReadModels } from '#projections/open-read-models';
import { outlivesProcess } from '#platform/stores';
import { runSweep } from '#platform/sweep';
import type { RecordedThreshold, SweepOutcome } from '#use-cases/records/sweep-deadlines';
import type { Terminal } from '../terminal.ts';
import { actorOf, guardStore, settingsOf, UsageError, withStore } from '../verb-context.ts';
import type { Verb } from '../verb-context.ts';

interface SweepOptions {
  readonly asOf?: string;
  readonly json?: true;
}

export const addSweep: Verb = (program, terminal) => {
  program
    .command('sweep')
    .description(
      'Record deadlines that are approaching, have passed or are long overdue. Each is recorded only once.',
    )
    .option('--as-of <date>', 'the last day to sweep, at most today (default: today)')
    .option('--json', 'one JSON value per event, then a summary, on standard output')
    .action(async ({ asOf: asOfOption, json }: SweepOptions) => {
      const { readModels } = settingsOf(program);
      if (!outlivesProcess(readModels))
        throw new UsageError('the read models are in memory, so only their own process can sweep');
      await withStore(
        program,
        async (unguarded) => {
          const { store, clock } = await guardStore(program, terminal, unguarded);
          const asOf = dayOf(asOfOption, londonDate(clock.now()));
          const database = await openReadModels(readModels);
          try {
            const outcome = await runSweep(
              { store, database, projector: null, clock },
              {
                asOf,
                actor: { ...actorOf(program), roles: ['scheduler'] },
                correlationId: systemRandom.uuid,
                onRecorded: (recorded) => {
                  const { nearness: _, ...shown } = recorded;
                  if (json) terminal.json(shown);
                  else terminal.line(thresholdLine(recorded));
                },
              },
            );
            if (json) terminal.json(outcome);
            else printOutcome(terminal, outcome);
          } finally {
            await database.close();
          }
        },
        { create: false, readOnly: false },
      );
    });
};

function dayOf(date: string | undefined, today: string): string {
  if (date === undefined) return today;
  if (!isPlainDate(date)) throw new UsageError('--as-of must be a date that exists, as YYYY-MM-DD');
  if (date > today) {
    throw new UsageError(`--as-of ${date} is in the future; today is ${today}`);
  }
  return date;
}

const WORDS = { near: 'approaches', over: 'has passed', 'long-over': 'is long overdue' } as const;

function thresholdLine({
  id,
  kind,
  type,
  deadlineId,
  dueOn,
  nearness,
  effectiveOn,
}: RecordedThreshold): string {
  const record = kind === undefined ? id : `${kind} ${id}`;
  const what = nearness && `deadline ${deadlineId}, ${dueOn}, ${WORDS[nearness]}`;
  return `${effectiveOn}  ${record}: ${what ?? type}`;
}

function printOutcome(terminal: Terminal, { asOf, records, recorded }: SweepOutcome): void {
  const events = recorded === 1 ? '1 event' : `${recorded} events`;
  const due = records === 1 ? '1 record was due' : `${records} records were due`;
  terminal.line(`Swept as of ${asOf}: ${events} recorded; ${due}`);
}
