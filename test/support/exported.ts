import type { RecordEnvelope } from '#state-machines/inspection-recommendation/v1/record-event';
import { exportRecord } from '#use-cases/register/export-record';
import type { ExportFormat, Withheld } from '#use-cases/register/export-record';

/** An export as a whole. */
export const exported = async (
  events: readonly RecordEnvelope[],
  format: ExportFormat,
  withheld: readonly Withheld[] = [],
): Promise<Buffer> => Buffer.concat(await Array.fromAsync(exportRecord(events, format, { withheld })));
