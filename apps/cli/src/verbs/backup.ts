import { backupStore } from '#platform/backup-store';
import { shownBytes } from '#platform/places';
import { shownStore } from '#platform/stores';
import { copying } from '../copying.ts';
import { refuseOtherLog } from '../refuse-other-log.ts';
import { userPath } from '../verb-context.ts';
import type { Verb } from '../verb-context.ts';

const HELP = `
The service can keep running. FILE is a snapshot without redacted values: always an SQLite file, whatever the kind of store. It is verified
as by docket verify before it gets its name. If anything fails, or if you stop the backup, no FILE is left. An existing file is
never overwritten.

Read models need no backup, since they can be rebuilt. The outbox and the notifications' file, the development key and the settings
are not included (docs/operating.md).

With --json: {file, store, ok, streams, events, …, erased, bytes}, as in docket verify; or
{file, store, ok: false, detail, divergences}`;

export const addBackup: Verb = (program) => {
  program
    .command('backup')
    .argument('<file>', 'the file to create')
    .description('Back up the store to a verified file while it is in use.')
    .option('--json', 'one JSON value on standard output')
    .addHelpText('after', HELP)
    .action(async (path: string, { json = false }: { json?: boolean }) => {
      const address = program.storeAddress;
      const file = userPath(path);
      const store = shownStore(address);
      const words = { what: 'the backup', places: { file, store }, json };
      const outcome = await copying(program.terminal, words, async (options) => {
        await refuseOtherLog(program.terminal, address, process.env['DOCKET_READ_MODELS']);
        return backupStore(address, file, options);
      });
      if (outcome === null || json) return;
      const { events, streams, erased, bytes } = outcome;
      program.terminal.line(
        `${program.terminal.styled('green', 'Backed up')} ${events} events in ${streams} streams of ${store} to ${file} (${shownBytes(bytes)}), verified`,
      );
      if (erased > 0)
        program.terminal.line(
          `Redactions that are still pending in ${store} have been applied to the backup.`,
        );
    });
};
