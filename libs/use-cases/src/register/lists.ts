import { streamOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import { londonDate } from '#state-machines/london';
import { readLive } from '#projections/read-live';
import { queryDeadlines } from '#read-models/deadlines/deadlines-query';
import type { DeadlineItem, DeadlinesPage, DeadlinesQuery } from '#read-models/deadlines/deadlines-query';
import type { PastView } from '#read-models/past-rows';
import { queryRegister } from '#read-models/register/register-query';
import type { RegisterItem, RegisterPage, RegisterQuery } from '#read-models/register/register-query';
import { recordsIn } from '#read-models/register/whole-register';
import { queryStatistics } from '#read-models/register/statistics-query';
import type { Statistics, StatisticsQuery } from '#read-models/register/statistics-query';
import { queryQueue, queryWork } from '#read-models/register/work-query';
import type { WorkQuery } from '#read-models/register/work-query';
import { queuesOf } from '#read-models/queue-conditions';
import type { ViewerQueue, KindQueue } from '#read-models/queue-conditions';
import type { Viewer } from '#state-machines/access';
import { internalSight, sightOf, visibleBodies } from '#state-machines/access';
import { withNamesakes } from '../people/find-people.ts';
import type { KnownPeople } from '../people/find-people.ts';
import { assertInOrder, invalidParameter, ProblemError } from '../problems.ts';
import type { Reader } from '../call-context.ts';
import type { RecordsAccess } from '../records/records-access.ts';
import { queueMessage } from '../parameter-messages.ts';
import { kinds } from '#state-machines/record-streams';
import { pastDeadlines, pastList, pastStatistics, withOutcomes } from './past-lists.ts';
import type { PastAccess } from './past-lists.ts';

type ReadModels = Pick<RecordsAccess, 'readModels'>;
/** A list's query from the caller. The server sets the visible bodies, the day and the queue's owner. */
type RequestFor<Query> = Omit<Query, 'recipients' | 'internal' | 'today' | 'queue'> & {
  readonly queue?: string;
} & InView;
/** The requested view of the past; absent for the current state. */
interface InView {
  readonly view?: PastView | undefined;
}
export type RecordsRequest = RequestFor<StatisticsQuery>;
export type ListRequest = RequestFor<RegisterQuery>;
export type DeadlinesRequest = Omit<DeadlinesQuery, 'recipients' | 'today'> & InView;

/**
 * Returns a page of the register, with only the records that the viewer sees.
 * @param now milliseconds since 1970.
 * @throws ProblemError `other-organisation` as `namedBody`, `invalid-parameter` as `filtersOf`; InvalidCursorError.
 */
export async function listRecords(
  access: KnownPeople & PastAccess,
  viewer: Viewer,
  request: ListRequest,
  now: number,
): Promise<RegisterPage> {
  if (request.view === undefined) return listCurrent(access, viewer, request, now);
  return pastList(access, await permittedListQuery(access, viewer, request, now), request.view);
}

/** Returns a page of the current register. Throws as `listRecords` does. */
export const listCurrent = async (
  access: KnownPeople,
  viewer: Viewer,
  request: Omit<ListRequest, 'view'>,
  now: number,
): Promise<RegisterPage> =>
  queryRegister(access.readModels, await permittedListQuery(access, viewer, request, now));

/** Returns a page as `listRecords` does. Records the access if a word was found in an internal comment. */
export async function listRecordsRecordingAccess(
  access: KnownPeople & PastAccess & Pick<RecordsAccess, 'accesses'>,
  reader: Reader,
  request: ListRequest,
  now: number,
): Promise<RegisterPage> {
  const page = await listRecords(access, reader, request, now);
  const internal = page.items.filter(({ highlights = [] }) =>
    highlights.some(({ visibility }) => visibility === 'internal'),
  );
  await Promise.all(
    internal.map(({ kind, id }) => access.accesses.internal(reader, { kind: kinds.named(kind), id })),
  );
  return page;
}

/** The orders that only the current register has. */
export const PRESENT_SORTS: readonly (RegisterQuery['sort'] | undefined)[] = ['title', '-title'];

/** Returns the permitted query for the register. Throws as `listRecords` does. */
export async function permittedListQuery(
  access: KnownPeople,
  viewer: Viewer,
  { view, ...request }: ListRequest,
  now: number,
) {
  if (view !== undefined && request.q !== undefined)
    throw invalidParameter('q', 'searches current texts only; it cannot be combined with a view of the past');
  if (view !== undefined && PRESENT_SORTS.includes(request.sort))
    throw invalidParameter(
      'sort',
      'cannot be by title in a view of the past, which shows the titles of today. Choose another order',
    );
  return {
    ...(await recordsQuery(access, viewer, { request, view, now })),
    internal: internalSight(viewer),
  };
}

async function recordsQuery<Sent extends Omit<RecordsRequest, 'view'>>(
  access: KnownPeople,
  viewer: Viewer,
  options: { readonly request: Sent; readonly view: PastView | undefined; readonly now: number },
) {
  const { request, view, now } = options;
  const filters = { ...filtersOf(viewer, request), ...seenBy(viewer, now, view) };
  return request.owner === undefined
    ? filters
    : { ...filters, owner: await withNamesakes(access, request.owner) };
}

/** Returns the permitted filters for records. */
function filtersOf<Sent extends Omit<RecordsRequest, 'view'>>(
  viewer: Viewer,
  { queue, ...request }: Sent,
): Omit<Sent, 'queue'> & { readonly queue?: ViewerQueue } {
  const filters: Omit<RecordsRequest, 'queue'> = request;
  assertInOrder(filters, 'issuedFrom', 'issuedTo');
  for (const body of filters.recipient ?? []) namedBody(viewer, body);
  assertInOrder(filters, 'dueFrom', 'dueTo');
  return { ...request, ...(queue !== undefined && { queue: queueNamed(viewer, queue, request.kind) }) };
}

/** Returns one of the viewer's queues. @throws ProblemError for any other queue. The names of others' queues are not secret. */
function queueNamed(viewer: Viewer, queue: string, kind: readonly string[] | undefined): ViewerQueue {
  const ownQueues = new Set(queuesOf(viewer, kind).map(({ name }) => name));
  // A cursor belongs to a person and their rights, not to a token.
  const { subject, roles, organisations } = viewer;
  if (ownQueues.has(queue)) return { name: queue, of: { subject, roles, organisations } };
  const hint = ownQueues.size === 0 ? 'your roles have no queues' : `yours are ${[...ownQueues].join(', ')}`;
  throw invalidParameter('queue', queueMessage(hint));
}

/** Returns a page of the deadlines of records that the viewer sees. Throws as `listRecords` does. */
export async function listDeadlines(
  access: PastAccess,
  viewer: Viewer,
  request: DeadlinesRequest,
  now: number,
): Promise<DeadlinesPage<DeadlineItem>> {
  const view = dayOf(request, now);
  if (view !== undefined) return pastDeadlines(access, permittedDeadlinesQuery(viewer, request, now), view);
  const { items, ...page } = await listCurrentDeadlines(access, viewer, request, now);
  return { items: await withOutcomes(access, items, londonDate(now)), ...page };
}

/** Returns a page of the current deadlines, without outcomes. Throws as `listRecords` does. */
export const listCurrentDeadlines = (
  { readModels }: ReadModels,
  viewer: Viewer,
  request: Omit<DeadlinesRequest, 'view'>,
  now: number,
): Promise<DeadlinesPage> => queryDeadlines(readModels, permittedDeadlinesQuery(viewer, request, now));

/** The filters of deadlines that need the view of a day. */
const OF_A_DAY = ['outcome', 'issuedFrom', 'issuedTo'] as const;

/** Returns the requested view of deadlines. Without one, returns today's if a filter needs a view. */
function dayOf({ view, ...request }: DeadlinesRequest, now: number): PastView | undefined {
  if (view !== undefined || OF_A_DAY.every((name) => request[name] === undefined)) return view;
  return { effectiveOn: londonDate(now), knownAt: null, named: [] };
}

/** Returns the permitted query for deadlines. Throws as `listRecords` does. */
function permittedDeadlinesQuery(
  viewer: Viewer,
  { view, ...request }: DeadlinesRequest,
  now: number,
): DeadlinesQuery {
  assertInOrder(request, 'from', 'to');
  namedBody(viewer, request.recipient);
  assertInOrder(request, 'issuedFrom', 'issuedTo');
  return { ...request, ...seenBy(viewer, now, view) };
}

/** Returns counts of the records in the list with the same filters. Throws as `listRecords` does. */
export async function seeStatistics(
  access: KnownPeople & PastAccess,
  viewer: Viewer,
  sent: RecordsRequest,
  now: number,
): Promise<Statistics> {
  const { view, ...request } = sent;
  const query = await recordsQuery(access, viewer, { request, view, now });
  return view === undefined ? queryStatistics(access.readModels, query) : pastStatistics(access, query, view);
}

/** Returns the viewer's queues, each with its number of records and a link to its list. */
export async function seeWork(
  { readModels }: ReadModels,
  viewer: Viewer,
  now: number,
  request: Pick<WorkQuery, 'kind'> = {},
) {
  const { queues, position } = await queryWork(readModels, { ...request, viewer, ...seenBy(viewer, now) });
  return {
    queues: queues.map(({ kind, name, count }) => ({
      kind: kind.name,
      ...{ name, count, list: `/api/${kind.path}?queue=${name}` },
    })),
    position,
  };
}

/** The number of records listed per queue. */
const FIRST_OF_QUEUE = 5;

/** Returns the viewer's queues with the first records of each: their own late ones first, then by due date. */
export async function seeFirstWork(
  { readModels }: ReadModels,
  viewer: Viewer,
  now: number,
): Promise<readonly SeenQueue[]> {
  const query = { viewer, ...seenBy(viewer, now), first: FIRST_OF_QUEUE };
  const { queues } = await queryWork(readModels, query);
  return queues.map(({ kind, name, count, items }) => ({ kind: kind.name, name, count, items }));
}

/** A queue of the viewer. */
export interface SeenQueue {
  /** The kind of its records. */
  readonly kind: string;
  readonly name: string;
  readonly count: number;
  readonly items: readonly RegisterItem[];
}

/** Returns the first records of one of the viewer's queues, in the same order as `seeFirstWork`. @param first their number. */
export const seeQueue = (
  { readModels }: ReadModels,
  viewer: Viewer,
  queue: KindQueue,
  { now, first }: { readonly now: number; readonly first: number },
): Promise<readonly RegisterItem[]> =>
  queryQueue(readModels, { viewer, ...seenBy(viewer, now), first }, queue);

/** Returns the records that the viewer sees, in their current state and in the order of the references. */
export const seeRecords = (
  { readModels }: ReadModels,
  viewer: Viewer,
  records: readonly RecordReference[],
  now: number,
): Promise<readonly RegisterItem[]> =>
  readLive(readModels, (models) => recordsIn(models, seenBy(viewer, now), records.map(streamOf)));

/** Returns the records that the viewer sees, and the day at whose end lists are evaluated. */
const seenBy = (viewer: Viewer, now: number, view?: PastView) => ({
  recipients: sightOf(viewer),
  today: view?.effectiveOn ?? londonDate(now),
});

/**
 * Returns the body that a list is filtered by; undefined without one.
 * @throws ProblemError `other-organisation` if it is not one of the viewer's. The body's name is not secret; its records are.
 */
export function namedBody(viewer: Viewer, recipient: string | undefined): string | undefined {
  const bodies = visibleBodies(viewer);
  if (recipient === undefined || bodies === null || bodies.includes(recipient)) return recipient;
  const ownBodies = bodies.length === 0 ? 'you have none' : `yours: ${bodies.join(', ')}`;
  throw new ProblemError('other-organisation', `${recipient} is not one of your organisations; ${ownBodies}`);
}
