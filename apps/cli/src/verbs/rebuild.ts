import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import type { Command } from 'commander';
import { systemRandom } from '#event-sourcing/random';
import { systemClock } from '#event-sourcing/clock';
import type { EventStore } from '#event-sourcing/event-store';
import { openOutboxIfMade } from '#notifications/outbox/outbox-database';
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
Read models that have seen events which the log does not have are left as they are, and nothing starts on them: a log was lost, or
another one is in its place. Where an older backup was put there on purpose, stop the service and say so by --older-log. It is refused
on an empty log, and on one that begins with another event. Then the read models are made from that log, redactions that it has lost are recorded in it again (as the read models know
of them), calendar links that were revoked are revoked again, what of that the log does not have yet
is kept until it has it, what was redacted before is erased again, deadlines are swept again, and nobody is told twice of what was told. Say it on
each node that has its read models in a file.`;

export const addRebuild: Verb = (program, terminal) => {
  program
    .command('rebuild')
    .argument('[projection...]', `read models (default: all): ${PROJECTION_NAMES.join(', ')}`)
    .description(
      'Rebuild read models beside the live ones, compare, and switch. The service goes on meanwhile.',
    )
    .option('--older-log', 'the store was restored from an older backup, on purpose: follow it from now on')
    .addHelpText('after', HELP)
    .action(async (names: string[], { olderLog }: { olderLog?: true }) => {
      if (olderLog) {
        if (names.length > 0)
          throw new UsageError('--older-log rebuilds what is needed; name no read models');
        await followOlder(program, terminal);
        return;
      }
      const unknown = names.find((name) => !PROJECTION_NAMES.includes(name));
      if (unknown !== undefined) {
        throw new UsageError(`there is no projection ${unknown}; there are ${PROJECTION_NAMES.join(', ')}`);
      }
      const { readModels } = settingsOf(program);
      if (!outlivesProcess(readModels))
        throw new UsageError('a store in memory has no read models to rebuild from here');
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
              `${name}: rebuilt from ${events} events; ${before === undefined ? 'there was nothing before' : toldOf(comparison)}`,
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
  if (!outlivesProcess(readModels)) throw new UsageError('a store in memory has no read models');
  await using open = new AsyncDisposableStack();
  const options = { create: false, readOnly: false };
  await withStore(
    program,
    async (store) => {
      const database = open.adopt(await openReadModels(readModels), (each) => each.close());
      const by = { lifecycles, random: systemRandom, actor: actorOf(program), now: systemClock.now() };
      const outbox = outboxAt === null ? null : await openOutboxIfMade(outboxAt);
      if (outbox !== null) open.defer(() => outbox.close());
      const isSame = (await aheadOf(store, database)) === null;
      await assertOlderLog(store, database);
      const again = await withdrawAgain(store, database, by, { isLost: !isSame });
      for (const line of withdrawnLines(again)) terminal.line(line);
      if (!isSame) await followDatabase(store, database, terminal);
      // The outbox follows the log again from here; events that were already queued are skipped.
      if (outbox !== null) await new Outbox(outbox).goBackTo(paddedPosition(await store.lastPosition()));
      terminal.line(
        isSame ? 'The read models follow this log already' : 'The read models follow this log now',
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
    terminal.line(`${name}: made from ${events} events of this log`);
  }
}

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
