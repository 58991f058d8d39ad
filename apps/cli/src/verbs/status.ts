import { systemClock } from '#event-sourcing/clock';
import type { EventStore } from '#event-sourcing/event-store';
import { liveBookmark, readModelsStatus } from '#projections/read-models-status';
import type { ReadModelsStatus } from '#projections/read-models-status';
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
        const { known, sweep, ahead } = (await statusOf(store, readModels, position)) ?? UNMADE;
        // Positions in another log are meaningless.
        const status = ahead === null ? known : known && { ...known, state: 'ahead' as const };
        const where = shownStore(address);
        const lost = await new SignedEnd(store, settings).lost();
        if (lost !== null || status?.state === 'stuck') program.terminal.exitCode = EXIT.refused;
        // The same exit code as a server that starts with this state.
        if (ahead !== null) program.terminal.exitCode = EXIT.unreachable;
        if (json) {
          program.terminal.json({ store: where, position, readModels: status, sweep, ahead, lost });
          return;
        }
        program.terminal.line(`Store ${where}, last position ${position}`);
        if (lost !== null) program.terminal.warn(lost);
        if (ahead !== null)
          program.terminal.warn(`${ahead}. Until then, Docket does not start with these read models`);
        program.terminal.line(status === null ? NO_READ_MODELS : statusLine(status));
        program.terminal.line(sweepLine(sweep));
      });
    });
};

const UNMADE: Status = { known: null, sweep: null, ahead: null };
const NO_READ_MODELS = 'There are no read models yet. Run docket serve or docket rebuild to create them';

/** The characters of the digest that are part of a file's or schema's name. */
const DIGEST_SHOWN = 6;

type Status = NonNullable<Awaited<ReturnType<typeof statusOf>>>;
type Sweep = Status['sweep'];

const statusOf = (store: EventStore, readModels: DatabaseAddress, position: string) =>
  withReadModels(
    readModels,
    (action) => action(store),
    async ({ database, ahead }) => {
      const { last, lagDays } = await sweepStatus(database, null, systemClock.now());
      return {
        known: (await liveBookmark(database)) && (await readModelsStatus(database, position)),
        // Events that the read models have seen and the log lacks, and what to do.
        ahead: ahead?.message ?? null,
        sweep: last && { lastRun: last.finishedAt, coveredTo: last.coveredTo, lagDays, error: last.error },
      };
    },
  );

function statusLine({
  digest,
  state,
  events,
  lag,
  error,
  rebuild,
}: Omit<ReadModelsStatus, 'state'> & { readonly state: ReadModelsStatus['state'] | 'ahead' }): string {
  const done = state === 'building' ? `${events} of about ${events + lag} events` : `${lag} events behind`;
  const progress = state === 'ahead' ? 'ahead of the log' : `${state}, ${done}`;
  const beside = rebuild === undefined ? '' : `; a rebuild has read ${rebuild.events} events`;
  return `Read models (${digest.slice(0, DIGEST_SHOWN)}): ${progress}${error ? `: ${error.detail}` : ''}${beside}`;
}

function sweepLine(sweep: Sweep): string {
  if (sweep === null) return 'No sweep of deadlines has run yet: start the server, or run docket sweep';
  const { lastRun, coveredTo, lagDays, error } = sweep;
  const covered = coveredTo === null ? 'no day is covered yet' : `covered to ${coveredTo}`;
  const behind = lagDays ? `, ${lagDays} days behind` : '';
  return `Deadlines last swept at ${lastRun}, ${covered}${behind}${error === null ? '' : `; the last sweep FAILED: ${error}`}`;
}
