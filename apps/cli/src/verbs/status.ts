import { systemClock } from '#event-sourcing/clock';
import type { EventStore } from '#event-sourcing/event-store';
import { projectionStatus } from '#projections/projection-status';
import type { DatabaseAddress } from '#projections/database-address';
import { SignedEnd } from '#platform/checkpoints/signed-end';
import { shownStore } from '#platform/stores';
import { sweepStatus } from '#platform/sweep';
import { EXIT } from '#platform/exit-codes';
import type { Verb } from '../verb-context.ts';
import { withReadModels } from '../with-read-models.ts';

export const addStatus: Verb = (program) => {
  program
    .command('status')
    .description('Show the state of the store and the read models.')
    .option('--json', 'one JSON value on standard output')
    .action(async ({ json }: { json?: true }) => {
      const settings = program.settings;
      const { store: address, readModels } = settings;
      await program.withStore(async (store) => {
        const position = await store.lastPosition();
        const { projections: known, sweep, ahead } = (await statusOf(store, readModels, position)) ?? UNMADE;
        // Positions in another log are meaningless.
        const projections =
          ahead === null ? known : known.map((each) => ({ ...each, state: 'ahead' as const }));
        const where = shownStore(address);
        const lost = await new SignedEnd(store, settings).lost();
        if (lost !== null || projections.some(({ state }) => state === 'stuck'))
          program.terminal.exitCode = EXIT.refused;
        // The same exit code as a server that starts with this state.
        if (ahead !== null) program.terminal.exitCode = EXIT.unreachable;
        if (json) {
          program.terminal.json({ store: where, position, projections, sweep, ahead, lost });
          return;
        }
        program.terminal.line(`Store ${where}, last position ${position}`);
        if (lost !== null) program.terminal.warn(lost);
        if (ahead !== null)
          program.terminal.warn(`${ahead}. Until then, Docket does not start with these read models`);
        if (projections.length === 0)
          program.terminal.line(
            'There are no read models yet. Run docket serve or docket rebuild to create them',
          );
        for (const { name, version, state, lag, error } of projections) {
          const progress = state === 'ahead' ? 'ahead of the log' : `${state}, ${lag} events behind`;
          program.terminal.line(`  ${name} v${version}: ${progress}${error ? `: ${error.detail}` : ''}`);
        }
        program.terminal.line(sweepLine(sweep));
      });
    });
};

const UNMADE: Status = { projections: [], sweep: null, ahead: null };

type Status = NonNullable<Awaited<ReturnType<typeof statusOf>>>;
type Sweep = Status['sweep'];

const statusOf = (store: EventStore, readModels: DatabaseAddress, position: string) =>
  withReadModels(
    readModels,
    (action) => action(store),
    async ({ database, ahead }) => {
      const { last, lagDays } = await sweepStatus(database, null, systemClock.now());
      return {
        projections: await projectionStatus(database, position),
        // Events that the read models have seen and the log lacks, and what to do.
        ahead: ahead?.message ?? null,
        sweep: last && { lastRun: last.finishedAt, coveredTo: last.coveredTo, lagDays, error: last.error },
      };
    },
  );

function sweepLine(sweep: Sweep): string {
  if (sweep === null) return 'No sweep of deadlines has run yet: start the server, or run docket sweep';
  const { lastRun, coveredTo, lagDays, error } = sweep;
  const covered = coveredTo === null ? 'no day is covered yet' : `covered to ${coveredTo}`;
  const behind = lagDays ? `, ${lagDays} days behind` : '';
  return `Deadlines last swept at ${lastRun}, ${covered}${behind}${error === null ? '' : `; the last sweep FAILED: ${error}`}`;
}
