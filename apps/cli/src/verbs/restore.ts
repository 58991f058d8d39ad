import { restoreStore } from '#platform/restore-store';
import { shownStore } from '#platform/stores';
import { messageOf } from '#event-sourcing/errors';
import { copying } from '../copying.ts';
import { assertReadable } from '../read-limited.ts';
import { userPath } from '../verb-context.ts';
import type { CommandLine, Verb } from '../verb-context.ts';
import { withReadModels } from '../with-read-models.ts';

const HELP = `
Creates the store that DOCKET_STORE or --store names, of any kind, from a backup. The command refuses if a store exists there. It verifies
the whole backup first. If anything fails, or if you stop the restore, no store is left. (On KurrentDB an unusable part is left, which the
next restore completes.)

The store contains texts that were redacted after the backup, and no events recorded after it. docs/operating.md lists the next steps,
including those for the read models and the outbox of the previous store.

With --json: {file, store, ok, streams, events, …, erased}, as in docket verify; or
{file, store, ok: false, detail, divergences}`;

export const addRestore: Verb = (program) => {
  program
    .command('restore')
    .argument('<file>', 'a file created by docket backup')
    .description('Restore a backup to a store that does not exist yet.')
    .option('--json', 'one JSON value on standard output')
    .addHelpText('after', HELP)
    .action(async (path: string, { json = false }: { json?: boolean }) => {
      const address = program.storeAddress;
      await assertReadable(path);
      const file = userPath(path);
      const store = shownStore(address);
      const words = { what: 'the store', places: { file, store }, json };
      const outcome = await copying(program.terminal, words, (options) =>
        restoreStore(file, address, options),
      );
      if (outcome === null || json) return;
      const { events, streams } = outcome;
      program.terminal.line(
        `${program.terminal.styled('green', 'Restored')} ${events} events in ${streams} streams from ${file} to ${store}, verified`,
      );
      const next = await nextStep(program);
      if (next !== null) program.terminal.line(next);
    });
};

/** Returns the next step if read models of the previous store remain. Problems with them do not undo the restore. */
async function nextStep(program: CommandLine): Promise<string | null> {
  try {
    const ahead = await withReadModels(
      program.settings.readModels,
      (action) => program.withStore(action),
      (opened) => Promise.resolve(opened.ahead),
    );
    if (ahead === null) return null;
    return 'The existing read models are ahead of the restored log. Run docket rebuild --older-log before you start the service';
  } catch (error) {
    return `Could not check for read models of the previous store: ${messageOf(error)}. If there are any, run docket rebuild --older-log next`;
  }
}
