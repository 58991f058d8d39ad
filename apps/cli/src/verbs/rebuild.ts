import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import { systemRandom } from '#event-sourcing/random';
import { systemClock } from '#event-sourcing/clock';
import type { EventStore } from '#event-sourcing/event-store';
import { openExistingOutbox } from '#notifications/outbox/outbox-database';
import { Outbox } from '#notifications/outbox/outbox';
import { dropUndeclared } from '#projections/drop-undeclared';
import { followOtherLog, forgetFollowers } from '#projections/follow-other-log';
import { liveBookmark } from '#projections/generations';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { aheadOf, assertOlderLog, assertSameLog } from '#projections/same-log';
import { paddedPosition } from '#projections/position';
import { progressThrough } from '#use-cases/log/log-progress';
import { withdrawAgain, withdrawnLines } from '#use-cases/records/withdraw-again';
import type { Terminal } from '../terminal.ts';
import { ProjectionRunner } from '#projections/runner';
import { PROJECTION_NAMES, PROJECTIONS } from '#platform/projections';
import { EXIT } from '#platform/exit-codes';
import type { CommandLine, Verb } from '../verb-context.ts';
import { withBoth } from '../with-folded-tree.ts';
import { lifecycles } from '#state-machines/lifecycles';

const HELP = `
If the read models are ahead of the log, the log lost events or was replaced. Docket then refuses to start, and rebuild changes
nothing. If you restored an older backup on purpose, stop the service and run docket rebuild --older-log. It refuses an empty log,
and a log whose first event is not the one that the read models began with. It rebuilds the read models from this log, records lost
redactions and revocations of calendar links again, erases the redacted values, and sweeps deadlines again. No message is sent
twice. Redactions of events that the log does not have yet are kept and applied later. Run the command on each node that has its
read models in a file.`;

export const addRebuild: Verb = (program) => {
  program
    .command('rebuild')
    .description(
      'Rebuild read models beside the live ones, compare them, and switch. The service can keep running.',
    )
    .option('--older-log', 'follow a store that was restored from an older backup on purpose')
    .addHelpText('after', HELP)
    .action(async ({ olderLog }: { olderLog?: true }) => {
      if (olderLog) {
        await followOlder(program);
        return;
      }
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

const followOlder = (program: CommandLine): Promise<void> =>
  withBoth(program, { what: 'rebuild them' }, async (store, database) => {
    await using open = new AsyncDisposableStack();
    const by = { lifecycles, random: systemRandom, actor: program.actor, now: systemClock.now() };
    const outbox = await openExistingOutbox(program.settings.outbox);
    if (outbox !== null) open.defer(() => outbox.close());
    const isSame = (await aheadOf(store, database)) === null;
    await assertOlderLog(store, database);
    const again = await withdrawAgain(store, database, by, { isLost: !isSame });
    for (const line of withdrawnLines(again)) program.terminal.line(line);
    if (!isSame) await followDatabase(store, database, program.terminal);
    // The outbox follows the log again from here; events that were already queued are skipped.
    if (outbox !== null) await new Outbox(outbox).goBackTo(paddedPosition(await store.lastPosition()));
    program.terminal.line(
      isSame ? 'The read models already follow this log' : 'The read models follow this log now',
    );
  });

async function followDatabase(
  store: EventStore,
  database: ReadModelDatabase,
  terminal: Terminal,
): Promise<void> {
  await forgetFollowers(database);
  let into = '';
  const reach = await progressThrough(store, (events, total) => {
    terminal.progress(events, total, `events into ${into}`);
  });
  const rebuilt = followOtherLog(store, database, PROJECTIONS, (name, { events, position }) => {
    into = name;
    reach(events, position);
  });
  for await (const { name, events } of rebuilt) {
    terminal.endProgress();
    terminal.line(`${name}: rebuilt from ${events} events of this log`);
  }
}

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
