import { backupStore } from '#platform/backup-store';
import { shownBytes } from '#platform/places';
import { shownStore } from '#platform/stores';
import { copying } from '../copying.ts';
import { refuseOtherLog } from '../refuse-other-log.ts';
import { storeAddress, userPath } from '../verb-context.ts';
import type { Verb } from '../verb-context.ts';

const HELP = `
The store may be in use. FILE is the store as it was at one moment: an SQLite file of its own, whatever the store is kept in, without
what redactions name. It is verified as docket verify does before it is given its name; where anything goes wrong, or the work is
stopped, there is no FILE. One that is there is never overwritten. The copy of a store that does not hold is not kept.

Read models need no backup, since they are folded again. The outbox and the notifications' file, the development key and the settings
are not in it (docs/operating.md).

With --json: {file, store, ok, streams, events, …, head: {events, hash}, erased, bytes}, as docket verify has it; or {file, store, ok: false,
detail, divergences}`;

export const addBackup: Verb = (program, terminal) => {
  program
    .command('backup')
    .argument('<file>', 'the file that is made')
    .description('Copy the store into a file while it is in use, whole and verified.')
    .option('--json', 'one JSON value on standard output')
    .addHelpText('after', HELP)
    .action(async (given: string, { json = false }: { json?: boolean }) => {
      const address = storeAddress(program);
      const file = userPath(given);
      const store = shownStore(address);
      const words = { what: 'the backup', places: { file, store }, json };
      const outcome = await copying(terminal, words, async (options) => {
        await refuseOtherLog(terminal, address, process.env['DOCKET_READ_MODELS']);
        return backupStore(address, file, options);
      });
      if (outcome === null || json) return;
      const { events, streams, head, erased, bytes } = outcome;
      terminal.line(
        `${terminal.styled('green', 'Backed up')} ${events} events in ${streams} streams of ${store} to ${file} (${shownBytes(bytes)}), verified`,
      );
      if (erased > 0) terminal.line(`Redactions that ${store} has still to carry out are carried out in it.`);
      if (head !== null) terminal.line(`Head: ${head.events} events, ${head.hash}`);
    });
};
