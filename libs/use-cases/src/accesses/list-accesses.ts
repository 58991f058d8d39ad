import { accessesProjection } from '#read-models/accesses/accesses-projection';
import { cursorOf, queryAccesses } from '#read-models/accesses/accesses-query';
import type { AccessesPage, AccessesQuery } from '#read-models/accesses/accesses-query';
import type { Viewer } from '#state-machines/access';
import { READS_ACCESSES } from '#state-machines/access';
import type { CsvTable } from '../csv.ts';
import type { RecordsAccess } from '../records/records-access.ts';
import { KIND_COLUMN, PART, recordedTable, whenListed } from '../recorded-lists.ts';
import { requireRole } from '../asked.ts';

/**
 * A page of what was given out.
 * @throws ProblemError `role-not-permitted`; InvalidCursorError.
 */
export async function listAccesses(
  access: Pick<RecordsAccess, 'store' | 'readModels' | 'projections'>,
  viewer: Viewer,
  asked: AccessesQuery,
): Promise<AccessesPage> {
  requireRole(viewer, READS_ACCESSES);
  await whenListed(access, accessesProjection);
  return queryAccesses(access.readModels, asked);
}

const COLUMNS = [
  ...['position', 'recordedAt', 'subject', 'roles', 'kind', 'record', 'version', 'format', 'withheld'],
  ...['count', 'correlationId'],
  ...KIND_COLUMN,
];

/** What was given out as a table, all that were on record when it was asked for; throws as above, before the first row. */
export async function accessesTable(
  access: Pick<RecordsAccess, 'store' | 'readModels' | 'projections'>,
  viewer: Viewer,
  filters: Omit<AccessesQuery, 'limit'>,
): Promise<CsvTable> {
  requireRole(viewer, READS_ACCESSES);
  cursorOf(filters);
  const { cursor: _, ...all } = filters;
  const query = { ...all, limit: PART };
  const first = await listAccesses(access, viewer, query);
  return recordedTable(COLUMNS, first, (cursor) => queryAccesses(access.readModels, { ...query, cursor }));
}
