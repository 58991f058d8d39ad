import { streamOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import { londonDate } from '#state-machines/london';
import { queryDeadlines } from '#read-models/deadlines/deadlines-query';
import type { DeadlinesPage, DeadlinesQuery, DeadlinesSource } from '#read-models/deadlines/deadlines-query';
import { asItWas } from '#read-models/history/history-source';
import type { HistoryView } from '#read-models/history/holds-at';
import { dueAsTheyWere } from '#read-models/history/past-deadlines';
import { asItStands } from '#read-models/register/register-source';
import type { RegisterSource } from '#read-models/register/register-source';
import { queryRecords, queryRegister } from '#read-models/register/register-query';
import type { RegisterItem, RegisterPage, RegisterQuery } from '#read-models/register/register-query';
import { queryStatistics } from '#read-models/register/statistics-query';
import type { Statistics, StatisticsQuery } from '#read-models/register/statistics-query';
import { queryQueue, queryWork } from '#read-models/register/work-query';
import type { WorkQuery } from '#read-models/register/work-query';
import { queuesOf } from '#read-models/queue-conditions';
import type { AskedQueue, KindQueue } from '#read-models/queue-conditions';
import type { Viewer } from '#state-machines/access';
import { internalSight, visibleBodies } from '#state-machines/access';
import { withNamesakes } from '../people/find-people.ts';
import type { KnownPeople } from '../people/find-people.ts';
import { assertInOrder, invalidParameter, ProblemError } from '../problems.ts';
import type { Reader } from '../asked.ts';
import type { RecordsAccess } from '../records/records-access.ts';
import { kinds } from '#state-machines/record-streams';

type ReadModels = Pick<RecordsAccess, 'readModels'>;
/** What is asked of a list; of which bodies it can tell, and as of which day, is not the asker's to say, nor whose queue it is. */
type AskedOf<Query> = Omit<Query, 'recipients' | 'internal' | 'today' | 'queue'> & {
  readonly queue?: string;
} & InView;
/** The view of the past that is asked for; as things stand where there is none. */
interface InView {
  readonly view?: HistoryView | undefined;
}
export type AskedOfRecords = AskedOf<StatisticsQuery>;
export type AskedOfList = AskedOf<RegisterQuery>;
export type AskedOfDeadlines = Omit<DeadlinesQuery, 'recipients' | 'today'> & InView;

/**
 * A page of the register, of the records that the viewer sees.
 * @param now milliseconds since 1970.
 * @throws ProblemError `other-organisation` as `namedBody`, `invalid-parameter` as `filtersOf`; InvalidCursorError.
 */
export async function listRecords(
  access: KnownPeople,
  viewer: Viewer,
  asked: AskedOfList,
  now: number,
): Promise<RegisterPage> {
  return queryRegister(access.readModels, await listAsked(access, viewer, asked, now), registerIn(asked));
}

/** The same for somebody who is shown it: where a word was found in an internal comment, that they are given it is on record by then. */
export async function giveRecords(
  access: KnownPeople & Pick<RecordsAccess, 'accesses'>,
  reader: Reader,
  asked: AskedOfList,
  now: number,
): Promise<RegisterPage> {
  const page = await listRecords(access, reader, asked, now);
  const internal = page.items.filter(({ highlights = [] }) =>
    highlights.some(({ visibility }) => visibility === 'internal'),
  );
  await Promise.all(
    internal.map(({ kind, id }) => access.accesses.internal(reader, { kind: kinds.named(kind), id })),
  );
  return page;
}

/** What is asked of the register, as the viewer may ask it; throws as above. */
export async function listAsked(
  access: KnownPeople,
  viewer: Viewer,
  { view, ...asked }: AskedOfList,
  now: number,
) {
  if (view !== undefined && asked.q !== undefined)
    throw invalidParameter('q', 'looks for words in texts as they stand now, and takes no view of the past');
  return { ...(await recordsAsked(access, viewer, { asked, view, now })), internal: internalSight(viewer) };
}

async function recordsAsked<Asked extends Omit<AskedOfRecords, 'view'>>(
  access: KnownPeople,
  viewer: Viewer,
  given: { readonly asked: Asked; readonly view: HistoryView | undefined; readonly now: number },
) {
  const { asked, view, now } = given;
  const filters = { ...filtersOf(viewer, asked), ...sightOf(viewer, now, view) };
  return asked.owner === undefined
    ? filters
    : { ...filters, owner: await withNamesakes(access, asked.owner) };
}

/** Where what is asked is taken from. */
export const registerIn = ({ view }: InView): RegisterSource =>
  view === undefined ? asItStands : asItWas(view);

/** The filters of records, as the viewer may ask for them. */
function filtersOf<Asked extends Omit<AskedOfRecords, 'view'>>(
  viewer: Viewer,
  { queue, ...asked }: Asked,
): Omit<Asked, 'queue'> & { readonly queue?: AskedQueue } {
  const filters: Omit<AskedOfRecords, 'queue'> = asked;
  assertInOrder(filters, 'issuedFrom', 'issuedTo');
  for (const body of filters.recipient ?? []) namedBody(viewer, body);
  assertInOrder(filters, 'dueFrom', 'dueTo');
  return { ...asked, ...(queue !== undefined && { queue: queueNamed(viewer, queue, asked.kind) }) };
}

/** @throws ProblemError where it is none of the viewer's; what others have is no secret, and nothing to them. */
function queueNamed(viewer: Viewer, queue: string, kind: readonly string[] | undefined): AskedQueue {
  const mine = new Set(queuesOf(viewer, kind).map(({ name }) => name));
  // A cursor belongs to the person and their rights, and not to one of their tokens.
  const { subject, roles, organisations } = viewer;
  if (mine.has(queue)) return { name: queue, of: { subject, roles, organisations } };
  const told = mine.size === 0 ? 'your roles have none' : `yours are ${[...mine].join(', ')}`;
  throw invalidParameter('queue', `is none of your queues; ${told}`);
}

/** A page of the deadlines of those records; throws as above. */
export async function listDeadlines(
  { readModels }: ReadModels,
  viewer: Viewer,
  asked: AskedOfDeadlines,
  now: number,
): Promise<DeadlinesPage> {
  return queryDeadlines(readModels, deadlinesAsked(viewer, asked, now), ...deadlinesIn(asked, now));
}

/** What deadlines are narrowed by in a view of a day alone. */
const OF_A_DAY = ['outcome', 'issuedFrom', 'issuedTo'] as const;

/** The view that deadlines are read in: that of today where they are narrowed by what only a view has. */
function dayOf({ view, ...asked }: AskedOfDeadlines, now: number): HistoryView | undefined {
  if (view !== undefined || OF_A_DAY.every((name) => asked[name] === undefined)) return view;
  return { effectiveOn: londonDate(now), knownAt: null, named: [] };
}

/** What is asked of deadlines, as the viewer may ask it; throws as above. */
export function deadlinesAsked(
  viewer: Viewer,
  { view, ...asked }: AskedOfDeadlines,
  now: number,
): DeadlinesQuery {
  assertInOrder(asked, 'from', 'to');
  namedBody(viewer, asked.recipient);
  assertInOrder(asked, 'issuedFrom', 'issuedTo');
  return { ...asked, ...sightOf(viewer, now, view) };
}

/** Where they are taken from, if not as they stand. */
export function deadlinesIn(asked: AskedOfDeadlines, now: number): [] | [DeadlinesSource] {
  const view = dayOf(asked, now);
  return view === undefined ? [] : [dueAsTheyWere(view)];
}

/** Counts of those records, with the same filters; throws as `listRecords`. */
export async function seeStatistics(
  access: KnownPeople,
  viewer: Viewer,
  given: AskedOfRecords,
  now: number,
): Promise<Statistics> {
  const { view, ...asked } = given;
  const query = await recordsAsked(access, viewer, { asked, view, now });
  return queryStatistics(access.readModels, query, registerIn(given));
}

/** What waits for the viewer: their queues, how many records each has, and where these are listed. */
export async function seeWork(
  { readModels }: ReadModels,
  viewer: Viewer,
  now: number,
  asked: Pick<WorkQuery, 'kind'> = {},
) {
  const { queues, position } = await queryWork(readModels, { ...asked, viewer, ...sightOf(viewer, now) });
  return {
    queues: queues.map(({ kind, name, count }) => ({
      kind: kind.name,
      ...{ name, count, list: `/api/${kind.path}?queue=${name}` },
    })),
    position,
  };
}

/** So many records of each queue are named. */
const FIRST_OF_QUEUE = 5;

/** The viewer's queues with the first records of each: what they own and is late comes first, then what is due first. */
export async function seeFirstWork(
  { readModels }: ReadModels,
  viewer: Viewer,
  now: number,
): Promise<readonly SeenQueue[]> {
  const query = { viewer, ...sightOf(viewer, now), first: FIRST_OF_QUEUE };
  const { queues } = await queryWork(readModels, query);
  return queues.map(({ kind, name, count, items }) => ({ kind: kind.name, name, count, items }));
}

/** A queue of the viewer's. */
export interface SeenQueue {
  /** The name of the kind of its records. */
  readonly kind: string;
  readonly name: string;
  readonly count: number;
  readonly items: readonly RegisterItem[];
}

/** The first records of one of the viewer's queues, in the same order; as many as `first` says. */
export const seeQueue = (
  { readModels }: ReadModels,
  viewer: Viewer,
  queue: KindQueue,
  { now, first }: { readonly now: number; readonly first: number },
): Promise<readonly RegisterItem[]> =>
  queryQueue(readModels, { viewer, ...sightOf(viewer, now), first }, queue);

/** Those of some records that the viewer sees, as they stand, in the order of the references. */
export const seeRecords = (
  { readModels }: ReadModels,
  viewer: Viewer,
  records: readonly RecordReference[],
  now: number,
): Promise<readonly RegisterItem[]> => queryRecords(readModels, sightOf(viewer, now), records.map(streamOf));

/** What the viewer sees, and the day at whose end it is judged. */
const sightOf = (viewer: Viewer, now: number, view?: HistoryView) => ({
  recipients: visibleBodies(viewer),
  today: view?.effectiveOn ?? londonDate(now),
});

/**
 * The body that a list is asked for by name; undefined where none is.
 * @throws ProblemError `other-organisation` where it is not one of the viewer's: that there is such a body is no secret, its records are.
 */
export function namedBody(viewer: Viewer, recipient: string | undefined): string | undefined {
  const bodies = visibleBodies(viewer);
  if (recipient === undefined || bodies === null || bodies.includes(recipient)) return recipient;
  const mine = bodies.length === 0 ? 'you have none' : `yours: ${bodies.join(', ')}`;
  throw new ProblemError('other-organisation', `${recipient} is not one of your organisations; ${mine}`);
}
