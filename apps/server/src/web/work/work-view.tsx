import type { RecordKind } from '#lifecycle/kind';
import type { QueueGroup } from '#lifecycle/queue';
import type { Viewer } from '#state-machines/access';
import { isOfOneBody } from '#state-machines/access';
import { lifecycles } from '#state-machines/lifecycles';
import { kinds } from '#state-machines/record-streams';
import { sortOf } from '#read-models/register/work-query';
import type { UnreadNews } from '#use-cases/inbox/see-inbox';
import type { SeenQueue } from '#use-cases/register/lists';
import type { Element } from '../components/macro-options.ts';
import { Link } from '../components/button.tsx';
import { countUnreadWords, NoticeLink } from '../inbox/inbox-view.tsx';
import { rolesOfOwners } from '../kind-parts.ts';
import { RecordLine } from '../lists/record-line.tsx';
import { listPath, listTitle, workAddress } from '../page-paths.ts';
import { openStatuses, queueTitle, formatCount } from '../words.ts';

const HEADINGS: Readonly<Record<QueueGroup, string>> = {
  decide: 'For you to decide',
  'look-after': 'To manage',
  'by-date': 'By date',
};

interface WorkOptions {
  readonly viewer: Viewer;
  readonly queues: readonly SeenQueue[];
  readonly news: UnreadNews;
  readonly today: string;
}

export function WorkView({ viewer, queues, news, today }: WorkOptions): Element {
  const isNothing = queues.every(({ count }) => count === 0);
  return (
    <>
      <h1 class="govuk-heading-l">Work</h1>
      <News news={news} />
      {isNothing && <p class="govuk-body-l">You have nothing to do at the moment.</p>}
      {kinds.all.map((kind) => {
        const own = queues.filter((queue) => queue.kind === kind.name);
        const owns = rolesOfOwners(kind).some((role) => viewer.roles.includes(role));
        const hasQueue = own.some(({ name }) => queueOf(kind, name)?.owner === 'me');
        return (
          <WorkOfKind
            kind={kind}
            queues={own}
            viewer={viewer}
            today={today}
            ownedBy={owns && !hasQueue ? viewer.subject : null}
          />
        );
      })}
    </>
  );
}

function News({ news: { count, sinceLastVisit, sentBack } }: { readonly news: UnreadNews }): Element | null {
  if (count === 0) return null;
  return (
    <>
      <p class="govuk-body">
        <Link href="/inbox?unread=true">{`${countUnreadWords(count)} in your inbox`}</Link>
        {sinceLastVisit > 0 && sinceLastVisit < count && `, ${sinceLastVisit} since your last visit`}
      </p>
      {sentBack.length > 0 && (
        <section class="docket-sent-back" aria-labelledby="sent-back">
          <h2 class="govuk-heading-m" id="sent-back">
            Sent back
          </h2>
          <ul class="govuk-list docket-queue__items">
            {sentBack.map((notice) => (
              <li>
                <NoticeLink {...notice} />
                <span class="docket-queue__facts">{notice.text}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

const queueOf = ({ name }: RecordKind, queue: string) => lifecycles.current(name).queues[queue];

interface OfKind {
  readonly kind: RecordKind;
  readonly queues: readonly SeenQueue[];
  readonly viewer: Viewer;
  readonly today: string;
}

function WorkOfKind({
  kind,
  queues,
  viewer,
  today,
  ownedBy,
}: OfKind & { readonly ownedBy: string | null }): Element | null {
  if (queues.length === 0 && ownedBy === null) return null;
  const isOneOfSeveral = kinds.all.length > 1;
  return (
    <>
      {isOneOfSeveral && <h2 class="govuk-heading-l">{listTitle(kind)}</h2>}
      <div class="docket-queues">
        {Object.keys(HEADINGS).map((group) => (
          <QueueGroup
            kind={kind}
            group={group as QueueGroup}
            viewer={viewer}
            today={today}
            queues={eachOnce(
              group as QueueGroup,
              queues.filter(({ name }) => queueOf(kind, name)?.group === group),
            )}
          />
        ))}
      </div>
      {ownedBy !== null && (
        <p class="govuk-body">
          <Link href={listOwnedBy(kind, ownedBy)}>
            {isOneOfSeveral ? `${listTitle(kind)} that you own` : 'Records that you own'}
          </Link>
        </p>
      )}
    </>
  );
}

/** Queues by date overlap: records due within 30 days are not listed again within 90. */
const eachOnce = (group: QueueGroup, queues: readonly SeenQueue[]): readonly SeenQueue[] =>
  group !== 'by-date'
    ? queues
    : queues.map((queue, index) => {
        const before = new Set(queues.slice(0, index).flatMap(({ items }) => items.map(({ id }) => id)));
        return { ...queue, items: queue.items.filter(({ id }) => !before.has(id)) };
      });

const listOwnedBy = (kind: RecordKind, subject: string): string =>
  `${listPath(kind)}?${new URLSearchParams([
    ['owner', subject],
    ...openStatuses(kind).map((status) => ['status', status]),
    ['sort', 'dueOn'],
  ]).toString()}`;

function QueueGroup(of: OfKind & { readonly group: QueueGroup }): Element | null {
  const { kind, group, queues, viewer, today } = of;
  if (queues.length === 0) return null;
  const Heading = kinds.all.length > 1 ? 'h3' : 'h2';
  return (
    <section>
      <Heading class="govuk-heading-m">{HEADINGS[group]}</Heading>
      <ul class="govuk-list">
        {queues.map((queue) => (
          <li class="docket-queue">
            <QueueView {...{ kind, queue, viewer, today }} />
          </li>
        ))}
      </ul>
    </section>
  );
}

interface QueueOptions {
  readonly kind: RecordKind;
  readonly queue: SeenQueue;
  readonly viewer: Viewer;
  readonly today: string;
}

function QueueView({ kind, queue, viewer, today }: QueueOptions): Element {
  const { name, count, items } = queue;
  const title = queueTitle(kind, name);
  const list = `${listPath(kind)}?queue=${name}&sort=${sortOf(queueOf(kind, name) ?? {})}`;
  // The viewer owns all of them.
  const reader = queueOf(kind, name)?.owner === 'me' ? undefined : viewer.subject;
  return (
    <>
      <Link classes="docket-queue__link" href={list}>
        <span class="docket-queue__name">{title}</span>
        <span class="govuk-visually-hidden">: </span>
        <span class={count === 0 ? 'docket-queue__count docket-queue__count--none' : 'docket-queue__count'}>
          {formatCount(count)}
        </span>
      </Link>
      {items.length > 0 && (
        <ul class="govuk-list docket-queue__items">
          {items.map((item) => (
            <li>
              <RecordLine
                {...{ kind, item, reader, today }}
                ofResponse={queueOf(kind, name)?.answer !== undefined}
                from={workAddress(name)}
                isOfOneBody={isOfOneBody(viewer)}
              />
            </li>
          ))}
        </ul>
      )}
      {count > items.length && items.length > 0 && (
        <p class="govuk-body-s docket-queue__all">
          <Link href={list}>
            {`See all ${formatCount(count)}`}
            <span class="govuk-visually-hidden">{`: ${title}`}</span>
          </Link>
        </p>
      )}
    </>
  );
}
