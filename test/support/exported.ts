import type { Envelope } from '#event-sourcing/envelope';
import { exportRecord } from '#use-cases/register/export-record';
import type { Withheld } from '#use-cases/register/export-record';
import type { ExportFormat } from '#use-cases/register-files/export-formats';

export const exported = async (
  events: readonly Envelope[],
  format: ExportFormat,
  withheld: readonly Withheld[] = [],
): Promise<Buffer> => Buffer.concat(await Array.fromAsync(exportRecord(events, format, { withheld })));
