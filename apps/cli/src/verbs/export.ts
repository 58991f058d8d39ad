import { Option } from 'commander';
import { EXPORT_FORMATS, exportRecord } from '#use-cases/register/export-record';
import type { ExportFormat } from '#use-cases/register/export-record';
import { storedEvent, storedWithoutTexts } from '#use-cases/records/record-events';
import type { Envelope } from '#event-sourcing/envelope';
import { NAME_OF_RECORD, recordNamed, withStoreToTell } from '../verb-context.ts';
import type { Verb } from '../verb-context.ts';

export const addExport: Verb = (program, terminal) => {
  program
    .command('export')
    .argument('<id>', `the record: ${NAME_OF_RECORD}`)
    .description('Print a record. An untouched import comes back byte for byte.')
    .addOption(new Option('--format <format>', 'as what').choices([...EXPORT_FORMATS]).default('register'))
    .action(async (id: string, { format }: { format: ExportFormat }) => {
      await withStoreToTell(program, terminal, async (store) => {
        const events = await storedWithoutTexts(store, await recordNamed(store, terminal, id));
        const whole = (event: Envelope) => storedEvent(store, event);
        for await (const piece of exportRecord(events, format, { whole })) terminal.write(piece);
      });
    });
};
