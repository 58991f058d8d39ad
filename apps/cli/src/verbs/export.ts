import { Option } from 'commander';
import { EXPORT_FORMATS, exportRecord } from '../../../../libs/use-cases/src/export-record.ts';
import type { ExportFormat } from '../../../../libs/use-cases/src/export-record.ts';
import { EXIT } from '../../../../libs/platform/src/exit-codes.ts';
import { recordEvents, withStore } from '../verb-context.ts';
import type { Verb } from '../verb-context.ts';

export const addExport: Verb = (program, terminal, end) => {
  program
    .command('export')
    .argument('<id>', 'the record')
    .description('Print a record. An untouched import comes back byte for byte.')
    .addOption(new Option('--format <format>', 'as what').choices([...EXPORT_FORMATS]).default('register'))
    .action(async (id: string, { format }: { format: ExportFormat }) => {
      const events = await withStore(program, (store) => recordEvents(store, id));
      if (events.length === 0) {
        terminal.error(`docket: there is no record ${id}`);
        end(EXIT.refused);
        return;
      }
      terminal.write(exportRecord(events, format));
    });
};
