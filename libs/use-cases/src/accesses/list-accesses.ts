import { readingPages } from '#projections/read-on';
import { cursorOf, queryAccesses } from '#read-models/accesses/accesses-query';
import type { AccessItem, AccessesPage, AccessesQuery } from '#read-models/accesses/accesses-query';
import type { Viewer } from '#state-machines/access';
import { READS_ACCESSES } from '#state-machines/access';
import { csvOf } from '../csv.ts';
import type { CsvRow } from '../csv.ts';
import { inPieces } from '../in-pieces.ts';
import { inTime } from '../in-time.ts';
import type { RecordsAccess } from '../records/records-access.ts';
import { requireRole } from '../asked.ts';

/** How long a list waits for what is on record already; what comes later is listed later. */
const FRESH_MS_MAX = 1_000;

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
  // No answer names the position of what is on record of it by then: what the log holds is to be listed.
  const end = await inTime(access.store.lastPosition(), FRESH_MS_MAX).catch(() => null);
  // Where the log cannot be asked, what is folded is listed all the same: the answer says up to where that is.
  if (end !== null) await access.projections.whenHandled(end, FRESH_MS_MAX);
  return queryAccesses(access.readModels, asked);
}

const COLUMNS = [
  ...['position', 'recordedAt', 'subject', 'roles', 'kind', 'record', 'version', 'format', 'withheld'],
  ...['count', 'correlationId'],
];

/** How many are read at once. */
const PART = 500;

/** What was given out as CSV, all that were on record when it was asked for; throws as above, before the first piece. */
export async function accessesAsCsv(
  access: Pick<RecordsAccess, 'store' | 'readModels' | 'projections'>,
  viewer: Viewer,
  filters: Omit<AccessesQuery, 'limit'>,
): Promise<AsyncGenerator<Uint8Array>> {
  requireRole(viewer, READS_ACCESSES);
  cursorOf(filters);
  const { cursor: _, ...all } = filters;
  const query = { ...all, limit: PART };
  const first = await listAccesses(access, viewer, query);
  const pages = readingPages(first, (next) => queryAccesses(access.readModels, { ...query, cursor: next }));
  async function* parts() {
    for await (const { items } of pages) yield items.map(rowOf);
  }
  return inPieces(csvOf(COLUMNS, parts()));
}

const rowOf = ({ actor, ...item }: AccessItem): CsvRow => ({
  ...item,
  subject: actor?.subject ?? null,
  roles: actor === null ? null : actor.roles.join('; '),
});
