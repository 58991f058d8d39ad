import type { RecordKind, RecordReference } from '#lifecycle/kind';
import type { Queue } from '#lifecycle/queue';
import { CommandRefusedError } from '#lifecycle/refused';
import { queuesOf } from '#read-models/queue-conditions';
import type { KindQueue } from '#read-models/queue-conditions';
import { summaryBy } from '#read-models/record-row';
import type { RegisterItem } from '#read-models/register/register-query';
import type { Viewer } from '#state-machines/access';
import { lifecycles } from '#state-machines/lifecycles';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { seeCommands } from '#use-cases/records/see-commands';
import { listRecords, seeQueue } from '#use-cases/register/lists';
import { inView } from '../../api/request-values.ts';
import { onlyOf } from '../../of-each-kind.ts';
import { askedAnew, foundAt } from '../lists/list-address.ts';
import { addressOfOurs } from '../page-paths.ts';
import { RecordAddresses } from '../record/record-addresses.ts';
import { listPath, SKIPPED, withoutSkipped } from '../way-back.ts';

/** What comes next for somebody who came to a record from one of their queues. */
export interface NextInQueue {
  /** What the queue is called. */
  readonly title: string;
  /** Where the queue is listed. */
  readonly list: string;
  /** Null where no other record of it is left for them. */
  readonly next: { readonly item: RegisterItem; readonly href: string } | null;
}

/** So many records of a queue are examined for one that the person may decide on. */
const EXAMINED_MAX = 10;

type Access = Pick<RecordsAccess, 'store' | 'readModels' | 'commands' | 'people'>;

/** A queue as an address names it. */
interface NamedQueue extends KindQueue {
  /** What else the address asks of the list; null for the queue of the work page. */
  readonly asked: URLSearchParams | null;
  /** The ids of the records that the person passed over there. */
  readonly skipped: readonly string[];
}

/** So many records are passed over; then the first of them are offered again. */
const SKIPPED_MAX = 20;

/**
 * The next record of the queue that somebody came from, with the form that decides on it. A record that somebody else has decided on
 * meanwhile is passed over, whatever the list still says.
 * @param from the list that they came from
 * @param isSkipped whether the record itself is passed over from now on: the address of the next one says so
 * @returns null where they came from none of their queues
 */
export async function findNext(
  access: Access,
  viewer: Viewer,
  {
    record,
    from,
    isSkipped = false,
  }: { readonly record: RecordReference; readonly from: string | undefined; readonly isSkipped?: boolean },
  now: number,
): Promise<NextInQueue | null> {
  const { kind } = record;
  const named = from === undefined ? null : queueAt(viewer, kind, from);
  if (from === undefined || named === null) return null;
  const { queue } = named;
  const skipped = [...named.skipped, ...(isSkipped ? [record.id] : [])].slice(-SKIPPED_MAX);
  const list = withoutSkipped(from);
  const items = await itemsOf(access, viewer, kind, { ...named, skipped }, now);
  for (const item of items) {
    if (item.id === record.id || skipped.includes(item.id)) continue;
    const asked = { record: { kind, id: item.id }, queue, from: withSkipped(list, skipped) };
    const href = await whereToDecide(access, viewer, asked, now);
    if (href !== null) return { title: queue.title, list, next: { item, href } };
  }
  return { title: queue.title, list, next: null };
}

const withSkipped = (list: string, skipped: readonly string[]): string =>
  skipped.reduce((address, id) => `${address}&${new URLSearchParams({ [SKIPPED]: id }).toString()}`, list);

function queueAt(viewer: Viewer, kind: RecordKind, from: string): NamedQueue | null {
  const [path, query = ''] = addressOfOurs(from).split('?') as [string, string?];
  const asked = new URLSearchParams(query);
  const own = queuesOf(viewer, [kind.name]).find(({ name }) => name === asked.get('queue'));
  const isPast = asked.has('effectiveOn') || asked.has('knownAt');
  if (own === undefined || isPast || (path !== '/' && path !== listPath(kind))) return null;
  return {
    ...own,
    asked: path === '/' ? null : askedAnew(asked, { limit: null, [SKIPPED]: null }),
    skipped: asked.getAll(SKIPPED),
  };
}

async function itemsOf(
  access: Access,
  viewer: Viewer,
  kind: RecordKind,
  { asked, skipped, ...queue }: NamedQueue,
  now: number,
): Promise<readonly RegisterItem[]> {
  const limit = EXAMINED_MAX + skipped.length;
  if (asked === null) return seeQueue(access, viewer, queue, { now, first: limit });
  const { found } = await foundAt(asked, { route: 'list', kind }, (read) =>
    listRecords(access, viewer, { ...inView(read, now), ...onlyOf(kind), limit }, now),
  );
  return found?.items ?? [];
}

/** The form of the decision that a queue waits for, or the record's page where it waits for none; null where they may not decide. */
async function whereToDecide(
  access: Access,
  viewer: Viewer,
  given: { readonly record: RecordReference; readonly queue: Queue; readonly from: string },
  now: number,
): Promise<string | null> {
  const { record, queue, from } = given;
  const addresses = new RecordAddresses(record, { from });
  const { waits = {} } = summaryBy(lifecycles.current(record.kind.name));
  const deciding = (queue.decides === true && waits[queue.waits ?? '']?.decidedBy) || [];
  if (deciding.length === 0) return addresses.now;
  try {
    const commands = await seeCommands(access, viewer, record, now);
    const command = deciding.find((name) => commands.some((each) => each.command === name && each.allowed));
    return command === undefined ? null : addresses.command(command);
  } catch (error) {
    // It is for a body that they do not see any more.
    if (error instanceof CommandRefusedError) return null;
    throw error;
  }
}
