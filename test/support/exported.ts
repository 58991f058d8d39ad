import type { Envelope } from '../../libs/event-sourcing/src/envelope.ts';
import { exportRecord } from '../../libs/use-cases/src/export-record.ts';
import type { ExportFormat, Withheld } from '../../libs/use-cases/src/export-record.ts';

/** An export as a whole. */
export const exported = async (
  events: readonly Envelope[],
  format: ExportFormat,
  withheld: readonly Withheld[] = [],
): Promise<Buffer> => Buffer.concat(await Array.fromAsync(exportRecord(events, format, { withheld })));
