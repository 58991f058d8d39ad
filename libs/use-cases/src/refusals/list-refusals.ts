import { refusalsProjection } from '#read-models/refusals/refusals-projection';
import { cursorOf, queryRefusals } from '#read-models/refusals/refusals-query';
import type { RefusalsPage, RefusalsQuery } from '#read-models/refusals/refusals-query';
import type { Viewer } from '#state-machines/access';
import { READS_REFUSALS } from '#state-machines/access';
import type { CsvTable } from '../csv.ts';
import type { RecordsAccess } from '../records/records-access.ts';
import { KIND_COLUMN, PART, recordedTable, whenListed } from '../recorded-lists.ts';
import { requireRole } from '../asked.ts';

/**
 * A page of the attempts that were refused.
 * @throws ProblemError `role-not-permitted`; InvalidCursorError.
 */
export async function listRefusals(
  access: Pick<RecordsAccess, 'store' | 'readModels' | 'projections'>,
  viewer: Viewer,
  asked: RefusalsQuery,
): Promise<RefusalsPage> {
  requireRole(viewer, READS_REFUSALS);
  await whenListed(access, refusalsProjection);
  return queryRefusals(access.readModels, asked);
}

const COLUMNS = [
  ...['position', 'recordedAt', 'subject', 'roles', 'command', 'code', 'guard', 'record', 'seenVersion'],
  ...['count', 'correlationId'],
  ...KIND_COLUMN,
];

/** The refusals as a table, all that were on record when it was asked for; throws as above, before the first row. */
export async function refusalsTable(
  access: Pick<RecordsAccess, 'store' | 'readModels' | 'projections'>,
  viewer: Viewer,
  filters: Omit<RefusalsQuery, 'limit'>,
): Promise<CsvTable> {
  requireRole(viewer, READS_REFUSALS);
  cursorOf(filters);
  const { cursor: _, ...all } = filters;
  const query = { ...all, limit: PART };
  const first = await listRefusals(access, viewer, query);
  return recordedTable(COLUMNS, first, (cursor) => queryRefusals(access.readModels, { ...query, cursor }));
}
