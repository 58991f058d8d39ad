import { readingPages } from '#projections/read-on';
import { cursorOf, queryRefusals } from '#read-models/refusals/refusals-query';
import type { RefusalItem, RefusalsPage, RefusalsQuery } from '#read-models/refusals/refusals-query';
import type { Viewer } from '#state-machines/access';
import { READS_REFUSALS } from '#state-machines/access';
import { csvOf } from '../csv.ts';
import type { CsvRow } from '../csv.ts';
import { inPieces } from '../in-pieces.ts';
import { inTime } from '../in-time.ts';
import type { RecordsAccess } from '../records/records-access.ts';
import { requireRole } from '../asked.ts';

/** How long a list waits for what is on record already; what comes later is listed later. */
const FRESH_MS_MAX = 1_000;

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
  // A refusal's answer names no position to wait for, and is on record by then: what the log holds is to be listed.
  const end = await inTime(access.store.lastPosition(), FRESH_MS_MAX).catch(() => null);
  // Where the log cannot be asked, what is folded is listed all the same: the answer says up to where that is.
  if (end !== null) await access.projections.whenHandled(end, FRESH_MS_MAX);
  return queryRefusals(access.readModels, asked);
}

const COLUMNS = [
  ...['position', 'recordedAt', 'subject', 'roles', 'command', 'code', 'guard', 'record', 'seenVersion'],
  ...['count', 'correlationId'],
];

/** How many refusals are read at once. */
const PART = 500;

/** The refusals as CSV, all that were on record when it was asked for; throws as above, before the first piece. */
export async function refusalsAsCsv(
  access: Pick<RecordsAccess, 'store' | 'readModels' | 'projections'>,
  viewer: Viewer,
  filters: Omit<RefusalsQuery, 'limit'>,
): Promise<AsyncGenerator<Uint8Array>> {
  requireRole(viewer, READS_REFUSALS);
  cursorOf(filters);
  const { cursor: _, ...all } = filters;
  const query = { ...all, limit: PART };
  const first = await listRefusals(access, viewer, query);
  const pages = readingPages(first, (next) => queryRefusals(access.readModels, { ...query, cursor: next }));
  async function* parts() {
    for await (const { items } of pages) yield items.map(rowOf);
  }
  return inPieces(csvOf(COLUMNS, parts()));
}

const rowOf = ({ actor, ...item }: RefusalItem): CsvRow => ({
  ...item,
  subject: actor?.subject ?? null,
  roles: actor === null ? null : actor.roles.join('; '),
});
