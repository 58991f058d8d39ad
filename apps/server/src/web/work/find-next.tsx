import type { RecordKind, RecordReference } from '#lifecycle/kind';
import type { Queue } from '#lifecycle/queue';
import { CommandRefusedError } from '#lifecycle/refused';
import { queuesOf } from '#read-models/queue-conditions';
import type { KindQueue } from '#read-models/queue-conditions';
import type { RegisterItem } from '#read-models/register/register-query';
import type { Viewer } from '#state-machines/access';
import { lifecycles } from '#state-machines/lifecycles';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { seeCommands } from '#use-cases/records/see-record';
import { listRecords, seeQueue } from '#use-cases/register/lists';
import { inView } from '../../api/request-values.ts';
import { onlyOf } from '../../of-each-kind.ts';
import { changedParams, foundAt } from '../lists/list-address.ts';
import { addressOfOurs, listPath, SKIPPED, withoutSkipped } from '../page-paths.ts';
import { RecordAddresses } from '../record/record-addresses.ts';
import type { Element } from '../components/macro-options.ts';
import { listedAs, partsOf } from '../kind-parts.ts';
import { latenessOf } from '../lists/record-line.tsx';
import { bodyName } from '../names.ts';

/** The next record of the queue that the user came from. */
export interface NextInQueue {
  readonly title: string;
  /** The queue's address. */
  readonly list: string;
  /** True if the queue is about responses. */
  readonly ofResponse: boolean;
  /** Null if no other record is left. */
  readonly next: { readonly item: RegisterItem; readonly href: string } | null;
}

/** The maximum of records that are checked. */
const EXAMINED_MAX = 10;

interface NamedQueue extends KindQueue {
  /** The list's query; null for the queue on the work page. */
  readonly params: URLSearchParams | null;
  /** Ids of records that the user skipped. */
  readonly skipped: readonly string[];
}

/** When more are skipped, the first ones are offered again. */
const SKIPPED_MAX = 20;

/**
 * Returns the next record of the queue that the user came from, with the form to decide on it.
 * Skips records that were decided in the meantime, even if the list still has them.
 * @param from the list that the user came from.
 * @param isSkipped whether this record is skipped from now on; the next address names it.
 * @returns null if the user came from no queue.
 */
export async function findNext(
  access: RecordsAccess,
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
  const ofQueue = { title: queue.title, list, ofResponse: queue.answer !== undefined };
  const items = await itemsOf(access, viewer, kind, { ...named, skipped }, now);
  for (const item of items) {
    if (item.id === record.id || skipped.includes(item.id)) continue;
    const options = { record: { kind, id: item.id }, queue, from: withSkipped(list, skipped) };
    const href = await whereToDecide(access, viewer, options, now);
    if (href !== null) return { ...ofQueue, next: { item, href } };
  }
  return { ...ofQueue, next: null };
}

const withSkipped = (list: string, skipped: readonly string[]): string =>
  skipped.reduce((address, id) => `${address}&${new URLSearchParams({ [SKIPPED]: id }).toString()}`, list);

function queueAt(viewer: Viewer, kind: RecordKind, from: string): NamedQueue | null {
  const [path, query = ''] = addressOfOurs(from).split('?') as [string, string?];
  const params = new URLSearchParams(query);
  const own = queuesOf(viewer, [kind.name]).find(({ name }) => name === params.get('queue'));
  const isPast = params.has('effectiveOn') || params.has('knownAt');
  if (own === undefined || isPast || (path !== '/' && path !== listPath(kind))) return null;
  return {
    ...own,
    params: path === '/' ? null : changedParams(params, { limit: null, [SKIPPED]: null }),
    skipped: params.getAll(SKIPPED),
  };
}

async function itemsOf(
  access: RecordsAccess,
  viewer: Viewer,
  kind: RecordKind,
  { params, skipped, ...queue }: NamedQueue,
  now: number,
): Promise<readonly RegisterItem[]> {
  const limit = EXAMINED_MAX + skipped.length;
  if (params === null) return seeQueue(access, viewer, queue, { now, first: limit });
  const { found } = await foundAt(params, { route: 'list', kind }, (read) =>
    listRecords(access, viewer, { ...inView(read, now), ...onlyOf(kind), limit }, now),
  );
  return found?.items ?? [];
}

/**
 * Returns the decision form that the queue waits for, or the record's page; null if the viewer cannot decide.
 */
async function whereToDecide(
  access: RecordsAccess,
  viewer: Viewer,
  options: { readonly record: RecordReference; readonly queue: Queue; readonly from: string },
  now: number,
): Promise<string | null> {
  const { record, queue, from } = options;
  const addresses = new RecordAddresses(record, { from });
  const { waits = {} } = lifecycles.current(record.kind.name).code.summary;
  const deciding = (queue.decides === true && waits[queue.waits ?? '']?.decidedBy) || [];
  if (deciding.length === 0) return addresses.now;
  try {
    const commands = await seeCommands(access, viewer, record, now);
    const command = deciding.find((name) => commands.some((each) => each.command === name && each.allowed));
    return command === undefined ? null : addresses.command(command);
  } catch (error) {
    // The viewer can no longer see the record.
    if (error instanceof CommandRefusedError) return null;
    throw error;
  }
}

interface NextOptions extends NextInQueue {
  readonly kind: RecordKind;
  readonly today: string;
  readonly linkClass: string;
}

export function NextView({ kind, title, list, ofResponse, next, today, linkClass }: NextOptions): Element {
  if (next === null)
    return (
      <p class="govuk-body">
        {`There is nothing else for you in “${title}”. `}
        <a class={linkClass} href={list}>
          Go back
        </a>
      </p>
    );
  const { item, href } = next;
  const { id, recipient } = item;
  const parts = partsOf(kind.name);
  return (
    <p class="govuk-body">
      {`Next in “${title}”: `}
      <a class={linkClass} href={href}>
        {listedAs({ kind, id }, item.title)}
      </a>
      {parts.title !== null && `, ${id}`}
      {parts.body && recipient !== null && `, ${bodyName(recipient)}`}
      {parts.dates && <> ({latenessOf(item, { day: today, ofResponse })})</>}
    </p>
  );
}
