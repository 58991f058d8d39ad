import { systemClock } from '#event-sourcing/clock';
import { systemRandom } from '#event-sourcing/random';
import { openExistingOutbox } from '#notifications/outbox/outbox-database';
import { Outbox } from '#notifications/outbox/outbox';
import { restoreStore } from '#platform/restore-store';
import { shownStore } from '#platform/stores';
import { forgetLog } from '#projections/same-log';
import { paddedPosition } from '#projections/position';
import { lifecycles } from '#state-machines/lifecycles';
import type { CopyOptions } from '#use-cases/log/copy-store';
import { withdrawAgain, withdrawnLines } from '#use-cases/records/redact-again';
import type { WithdrawnAgain } from '#use-cases/records/redact-again';
import { copying } from '../copying.ts';
import { assertUnused, withPreviousReadModels } from '../previous-read-models.ts';
import type { PreviousReadModels } from '../previous-read-models.ts';
import { assertReadable } from '../read-limited.ts';
import { userPath } from '../verb-context.ts';
import type { CommandLine, Verb } from '../verb-context.ts';

const HELP = `
Creates the store that DOCKET_STORE or --store names, of any kind, from a backup. The command refuses if a store exists there. It verifies
the whole backup first. If anything fails, or if you stop the restore, no store is left. (On KurrentDB an unusable part is left, which the
next restore completes.)

The store contains no events recorded after the backup. If the read models of the previous store are still there (DOCKET_READ_MODELS),
the command records the redactions and the revocations of calendar links that they know and the backup lacks, and then empties them: the
next start folds the restored log. Without them, texts that were redacted after the backup come back.

With --json: {file, store, ok, streams, events, …, erased, again: {redacted, revoked, withoutTarget}}, as in docket verify, with again: null
if there were no read models; or {file, store, ok: false, detail, divergences}`;

const MAY_COME_BACK =
  'No read models know what was redacted after the backup, so such texts may come back: redact them again';

export const addRestore: Verb = (program) => {
  program
    .command('restore')
    .argument('<file>', 'a file created by docket backup')
    .description('Restore a backup to a store that does not exist yet.')
    .option('--json', 'one JSON value on standard output')
    .addHelpText('after', HELP)
    .action(async (path: string, { json = false }: { json?: boolean }) => {
      await assertReadable(path);
      const file = userPath(path);
      const store = shownStore(program.storeAddress);
      const words = { what: 'the store', places: { file, store }, json };
      const outcome = await copying(program.terminal, words, (options) =>
        withPreviousReadModels(program, systemClock.now(), (previous) =>
          restore(program, file, previous, options),
        ),
      );
      if (outcome === null || json) return;
      const { events, streams, again } = outcome;
      program.terminal.line(
        `${program.terminal.styled('green', 'Restored')} ${events} events in ${streams} streams from ${file} to ${store}, verified`,
      );
      for (const line of again === null ? [MAY_COME_BACK] : withdrawnLines(again))
        program.terminal.line(line);
    });
};

/** Restores the store with the withdrawals that the previous read models know, and lets read models and outbox follow it. */
async function restore(
  program: CommandLine,
  file: string,
  previous: PreviousReadModels | null,
  options: CopyOptions,
) {
  if (previous !== null) await assertUnused(previous.database);
  const known = previous?.known ?? null;
  const by = { lifecycles, random: systemRandom, actor: program.actor, now: systemClock.now() };
  let again: WithdrawnAgain | null = null;
  let end = '0';
  const whole = await restoreStore(file, program.storeAddress, options, async (restored) => {
    again = known && (await withdrawAgain(restored, known, by));
    end = await restored.lastPosition();
  });
  // Without this, the next start refuses read models and an outbox that have seen more than the log contains.
  if (previous !== null) await forgetLog(previous.database);
  const outbox = await openExistingOutbox(program.settings.outbox);
  try {
    await (outbox && new Outbox(outbox).goBackTo(paddedPosition(end)));
  } finally {
    await outbox?.close();
  }
  return { ...whole, again: again as WithdrawnAgain | null };
}
