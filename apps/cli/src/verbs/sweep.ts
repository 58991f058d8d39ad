import { systemRandom } from '#event-sourcing/random';
import { isPlainDate } from '#lifecycle/plain-date';
import { londonDate } from '#state-machines/london';
import { runSweep } from '#platform/sweep';
import type { RecordedThreshold, SweepOutcome } from '#use-cases/records/sweep-deadlines';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../verb-context.ts';
import type { Verb } from '../verb-context.ts';
import { withBoth } from '../with-folded-tree.ts';

interface SweepOptions {
  readonly asOf?: string;
  readonly json?: true;
}

export const addSweep: Verb = (program) => {
  program
    .command('sweep')
    .description(
      'Record deadlines that are approaching, have passed or are long overdue. Each is recorded only once.',
    )
    .option('--as-of <date>', 'the last day to sweep, at most today (default: today)')
    .option('--json', 'one JSON value per event, then a summary, on standard output')
    .action(async ({ asOf: asOfOption, json }: SweepOptions) => {
      if (asOfOption !== undefined && !isPlainDate(asOfOption))
        throw new UsageError('--as-of must be a date that exists, as YYYY-MM-DD');
      await withBoth(program, { what: 'sweep' }, async (unguarded, database) => {
        const { store, clock } = await program.guardStore(unguarded);
        const outcome = await runSweep(
          { store, database, projector: null, clock },
          {
            asOf: dayOf(asOfOption, londonDate(clock.now())),
            actor: { ...program.actor, roles: ['scheduler'] },
            correlationId: systemRandom.uuid,
            onRecorded: (recorded) => {
              const { nearness: _, ...shown } = recorded;
              if (json) program.terminal.json(shown);
              else program.terminal.line(thresholdLine(recorded));
            },
          },
        );
        if (json) program.terminal.json(outcome);
        else printOutcome(program.terminal, outcome);
      });
    });
};

function dayOf(date: string | undefined, today: string): string {
  if (date === undefined) return today;
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
