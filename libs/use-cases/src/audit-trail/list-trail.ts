import type { PageRequest } from '#projections/list-cursor';
import { wholeList } from '#projections/read-on';
import { queryTrail, TRAIL } from '#read-models/audit-trail';
import type { TrailFilters, TrailItem, TrailPage } from '#read-models/audit-trail';
import type { Viewer } from '#state-machines/access';
import { READS_LOG } from '#state-machines/access';
import type { TrailName } from '#state-machines/audit-trail-events';
import { requireRole } from '../call-context.ts';
import { KIND_COLUMN, rowsOf } from '../csv.ts';
import type { CsvRow, CsvTable } from '../csv.ts';
import { inTime } from '../in-time.ts';
import type { RecordsAccess } from '../records/records-access.ts';

/** The timeout for the projection to handle the entries that the log already contains. Later entries appear in later lists. */
const FRESH_MS_MAX = 1_000;

type TrailRequest = TrailFilters & PageRequest;

/**
 * Returns a page of a list of the audit trail, with the entries recorded before the request: clients have no position to wait for.
 * @throws ProblemError `role-not-permitted`; InvalidCursorError.
 */
export async function listTrail<Name extends TrailName>(
  access: RecordsAccess,
  viewer: Viewer,
  list: Name,
  request: TrailRequest,
): Promise<TrailPage<Name>> {
  await whenOnRecord(access, viewer);
  return queryTrail(access.readModels, list, request);
}

async function whenOnRecord({ store, projections }: RecordsAccess, viewer: Viewer): Promise<void> {
  requireRole(viewer, READS_LOG);
  const end = await inTime(store.lastPosition(), FRESH_MS_MAX).catch(() => null);
  // If the log is unavailable, the list shows what the projection contains; its position says how far that is.
  if (end !== null) await projections.whenHandled(end, FRESH_MS_MAX);
}

/** Returns the whole list as a table. Throws as `listTrail` does, before the first row. */
export async function trailTable(
  access: RecordsAccess,
  viewer: Viewer,
  list: TrailName,
  request: TrailRequest,
): Promise<CsvTable> {
  await whenOnRecord(access, viewer);
  const parts = await wholeList(request, (page) =>
    queryTrail(access.readModels, list, { ...request, ...page }),
  );
  return { columns: columnsOf(list), rows: rowsOf(parts, rowOf) };
}

/** The actor's subject and roles are separate columns. */
const columnsOf = (list: TrailName): readonly string[] => [
  ...['position', 'recordedAt', 'subject', 'roles'],
  ...Object.keys(TRAIL[list].members).filter((member) => member !== 'recordKind'),
  ...['correlationId', ...KIND_COLUMN],
];

const rowOf = ({ actor, ...item }: TrailItem<TrailName>): CsvRow => ({
  ...item,
  subject: actor.subject,
  roles: actor.roles.join('; '),
});
