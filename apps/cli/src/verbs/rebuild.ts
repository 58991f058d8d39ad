import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import type { Command } from 'commander';
import { systemRandom } from '#event-sourcing/random';
import { systemClock } from '#event-sourcing/clock';
import type { EventStore } from '#event-sourcing/event-store';
import { openExistingOutbox } from '#notifications/outbox/outbox-database';
import { Outbox } from '#notifications/outbox/outbox';
import { dropUndeclared } from '#projections/drop-undeclared';
import { followOtherLog, forgetFollowers } from '#projections/follow-other-log';
import { liveBookmark } from '#projections/generations';
import { openReadModels } from '#projections/open-read-models';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { aheadOf, assertOlderLog, assertSameLog } from '#projections/same-log';
import { paddedPosition } from '#projections/position';
import { progressThrough } from '#use-cases/log/log-progress';
import { withdrawAgain, withdrawnLines } from '#use-cases/records/withdraw-again';
import type { Terminal } from '../terminal.ts';
import { ProjectionRunner } from '#projections/runner';
import { PROJECTION_NAMES, PROJECTIONS } from '#platform/projections';
import { EXIT } from '#platform/exit-codes';
import { outlivesProcess } from '#platform/stores';
import { actorOf, settingsOf, UsageError, withStore } from '../verb-context.ts';
import type { Verb } from '../verb-context.ts';
import { lifecycles } from '#state-machines/lifecycles';

const HELP = `
If the read models are ahead of the log, the log lost events or was replaced. Docket then refuses to start, and rebuild changes
nothing. If you restored an older backup on purpose, stop the service and run docket rebuild --older-log. It refuses an empty log,
and a log whose first event is not the one that the read models began with. It rebuilds the read models from this log, records lost
redactions and revocations of calendar links again, erases the redacted values, and sweeps deadlines again. No message is sent
twice. Redactions of events that the log does not have yet are kept and applied later. Run the command on each node that has its
read models in a file.`;

export const addRebuild: Verb = (program, terminal) => {
  program
    .command('rebuild')
    .argument('[projection...]', `read models (default: all): ${PROJECTION_NAMES.join(', ')}`)
    .description(
      'Rebuild read models beside the live ones, compare them, and switch. The service can keep running.',
    )
    .option('--older-log', 'follow a store that was restored from an older backup on purpose')
    .addHelpText('after', HELP)
    .action(async (names: string[], { olderLog }: { olderLog?: true }) => {
      if (olderLog) {
        if (names.length > 0)
          throw new UsageError('--older-log cannot be combined with names of read models');
        await followOlder(program, terminal);
        return;
      }
      const unknown = names.find((name) => !PROJECTION_NAMES.includes(name));
      if (unknown !== undefined) {
        throw new UsageError(
          `there is no read model ${unknown}. The read models are ${PROJECTION_NAMES.join(', ')}`,
        );
      }
      const { readModels } = settingsOf(program);
      if (!outlivesProcess(readModels))
        throw new UsageError('the read models are in memory, so only their own process can rebuild them');
      await withStore(program, async (store) => {
        const database = await openReadModels(readModels);
        const runner = new ProjectionRunner({ store, database, projections: PROJECTIONS });
        try {
          await assertSameLog(store, database);
          await dropUndeclared(database, PROJECTIONS);
          for (const name of names.length === 0 ? PROJECTION_NAMES : names) {
            const before = await liveBookmark(database.db, name);
            const reach = await progressThrough(store, (done, total) => {
              terminal.progress(done, total, `events into ${name}`);
            });
            const { events, comparison } = await runner.rebuild(name, (reached) => {
              reach(reached.events, reached.position);
            });
            terminal.endProgress();
            terminal.line(
              `${name}: rebuilt from ${events} events; ${before === undefined ? 'it did not exist before' : comparisonText(comparison)}`,
            );
            if (comparison.result === 'different') terminal.exitCode = EXIT.refused;
          }
        } finally {
          await runner.stop();
          await database.close();
        }
      });
    });
};

async function followOlder(program: Command, terminal: Terminal): Promise<void> {
  const { readModels, outbox: outboxAt } = settingsOf(program);
  if (!outlivesProcess(readModels))
    throw new UsageError('the read models are in memory, so only their own process can rebuild them');
  await using open = new AsyncDisposableStack();
  const options = { create: false, readOnly: false };
  await withStore(
    program,
    async (store) => {
      const database = open.adopt(await openReadModels(readModels), (each) => each.close());
      const by = { lifecycles, random: systemRandom, actor: actorOf(program), now: systemClock.now() };
      const outbox = outboxAt === null ? null : await openExistingOutbox(outboxAt);
      if (outbox !== null) open.defer(() => outbox.close());
      const isSame = (await aheadOf(store, database)) === null;
      await assertOlderLog(store, database);
      const again = await withdrawAgain(store, database, by, { isLost: !isSame });
      for (const line of withdrawnLines(again)) terminal.line(line);
      if (!isSame) await followDatabase(store, database, terminal);
      // The outbox follows the log again from here; events that were already queued are skipped.
      if (outbox !== null) await new Outbox(outbox).goBackTo(paddedPosition(await store.lastPosition()));
      terminal.line(
        isSame ? 'The read models already follow this log' : 'The read models follow this log now',
      );
    },
    options,
  );
}

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
