import { Option } from 'commander';
import { randomUUID } from 'node:crypto';
import { EXPORT_FORMATS, exportRecord } from '#use-cases/register/export-record';
import type { ExportFormat } from '#use-cases/register/export-record';
import { begunWhen } from '#use-cases/register/see-export';
import { AccessRecorder } from '#use-cases/accesses/record-access';
import { storedEvent, storedWithoutTexts } from '#use-cases/records/record-events';
import { ProblemError } from '#use-cases/problems';
import type { Envelope } from '#event-sourcing/envelope';
import { mayOnlyBeRead } from '#platform/open-store';
import { actorOf, storeAddress, withStoreToTell } from '../verb-context.ts';
import type { Verb } from '../verb-context.ts';

export const addExport: Verb = (program, terminal) => {
  program
    .command('export')
    .argument('<id>', 'the record')
    .description('Print a record, which is put on record. An untouched import comes back byte for byte.')
    .addOption(new Option('--format <format>', 'as what').choices([...EXPORT_FORMATS]).default('register'))
    .action(async (id: string, { format }: { format: ExportFormat }) => {
      const readOnly = mayOnlyBeRead(storeAddress(program));
      await withStoreToTell(
        program,
        terminal,
        async (store) => {
          const events = await storedWithoutTexts(store, id);
          if (events.length === 0) throw new ProblemError('not-found', `there is no record ${id}`);
          const whole = (event: Envelope) => storedEvent(store, event);
          const accesses = new AccessRecorder(store, (message) => {
            terminal.warn(message);
          });
          const reader = { ...actorOf(program), organisations: [], correlationId: randomUUID() };
          const file = { version: events.length, format };
          const pieces = await begunWhen(exportRecord(events, format, { whole }), async () => {
            if (!readOnly) return accesses.exported(reader, id, file);
            terminal.warn('The store may only be read here: that the record was given out is not on record');
          });
          for await (const piece of pieces) terminal.write(piece);
        },
        { readOnly },
      );
    });
};
