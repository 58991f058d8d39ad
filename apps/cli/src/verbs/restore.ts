import { restoreStore } from '#platform/restore-store';
import { shownStore } from '#platform/stores';
import type { Command } from 'commander';
import { messageOf } from '#event-sourcing/errors';
import { copying } from '../copying.ts';
import { settingsOf, storeAddress, userPath, withStore } from '../verb-context.ts';
import type { Verb } from '../verb-context.ts';
import { withReadModels } from '../with-read-models.ts';

const HELP = `
It makes the store of DOCKET_STORE or --store, whatever that is kept in, out of a backup, and refuses where there is one already. All of it is
verified first; where anything goes wrong, or the work is stopped, there is no store. (On KurrentDB there is what nobody can open, and
the next restore goes on with it.)

What was redacted after the backup was made is in it, and what happened since is not: docs/operating.md says what to do then, and with the
read models and the outbox of the store that was there.

With --json: {file, store, ok, streams, events, …, head: {events, hash}, erased}, as docket verify has it; or {file, store, ok: false, detail,
divergences}`;

export const addRestore: Verb = (program, terminal) => {
  program
    .command('restore')
    .argument('<file>', 'a file created by docket backup')
    .description('Restore a backup to a store that does not exist yet.')
    .option('--json', 'one JSON value on standard output')
    .addHelpText('after', HELP)
    .action(async (given: string, { json = false }: { json?: boolean }) => {
      const address = storeAddress(program);
      const file = userPath(given);
      const store = shownStore(address);
      const words = { what: 'the store', places: { file, store }, json };
      const outcome = await copying(terminal, words, (options) => restoreStore(file, address, options));
      if (outcome === null || json) return;
      const { events, streams, head } = outcome;
      terminal.line(
        `${terminal.styled('green', 'Restored')} ${events} events in ${streams} streams from ${file} to ${store}, verified`,
      );
      if (head !== null) terminal.line(`Head: ${head.events} events, ${head.hash}`);
      const next = await toldOfReadModels(program);
      if (next !== null) terminal.line(next);
    });
};

/** Returns the next step if read models of the previous store remain. Problems with them do not undo the restore. */
async function toldOfReadModels(program: Command): Promise<string | null> {
  try {
    const ahead = await withReadModels(
      settingsOf(program).readModels,
      (action) => withStore(program, action),
      (opened) => Promise.resolve(opened.ahead),
    );
    if (ahead === null) return null;
    return 'The read models that are there have seen events that it does not have. Next, before anything starts: docket rebuild --older-log';
  } catch (error) {
    return `Whether read models of the store that was there are left cannot be told: ${messageOf(error)}. Where they are, next: docket rebuild --older-log`;
  }
}
