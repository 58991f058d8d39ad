import { Option } from 'commander';
import { exportRecord } from '#use-cases/register/export-record';
import { EXPORT_FORMATS, formatFor } from '#use-cases/register-files/export-formats';
import type { ExportFormat } from '#use-cases/register-files/export-formats';
import { storedEvent, storedWithoutTexts } from '#use-cases/records/record-events';
import type { Envelope } from '#event-sourcing/envelope';
import { NAME_OF_RECORD, recordNamed } from '../verb-context.ts';
import type { Verb } from '../verb-context.ts';

export const addExport: Verb = (program) => {
  program
    .command('export')
    .argument('<id>', `the record: ${NAME_OF_RECORD}`)
    .description('Print a record. An unchanged import is printed byte for byte.')
    .addOption(
      new Option(
        '--format <format>',
        "the format (default: register if the record's kind has it, otherwise json)",
      ).choices(EXPORT_FORMATS),
    )
    .action(async (id: string, { format: chosen }: { format?: ExportFormat }) => {
      await program.withStoreToDisclose(async (store) => {
        const record = await recordNamed(store, program.terminal, id);
        const format = formatFor(record.kind, chosen);
        const events = await storedWithoutTexts(store, record);
        const whole = (event: Envelope) => storedEvent(store, event);
        for await (const piece of exportRecord(events, format, { whole })) program.terminal.write(piece);
      });
    });
};
