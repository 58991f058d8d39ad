import type { RecordKind } from '#lifecycle/kind';
import type { QueueGroup } from '#lifecycle/queue';
import type { Viewer } from '#state-machines/access';
import { lifecycles } from '#state-machines/lifecycles';
import { kinds } from '#state-machines/record-streams';
import type { Element } from '../components/macro-options.ts';
import { rolesOfOwners } from '../kind-parts.ts';
import { listPath, listTitle } from '../way-back.ts';
import { openStatuses, queueTitle } from '../words.ts';

export interface CountedQueue {
  /** The name of the kind of its records. */
  readonly kind: string;
  readonly name: string;
  readonly count: number;
}

/** Queues by what they ask of the person: to decide, to look after, to mind the date. */
const HEADINGS: Readonly<Record<QueueGroup, string>> = {
  decide: 'For you to decide',
  'look-after': 'To look after',
  'by-date': 'By date',
};

interface WorkOptions {
  readonly viewer: Viewer;
  readonly queues: readonly CountedQueue[];
}

/** What waits for the person, each count a link to the list that it counts. */
export function WorkView({ viewer, queues }: WorkOptions): Element {
  const isNothing = queues.every(({ count }) => count === 0);
  return (
    <>
      <h1 class="govuk-heading-l">Work</h1>
      {isNothing && <p class="govuk-body-l">Nothing waits for you.</p>}
      {kinds.all.map((kind) => {
        const own = queues.filter((queue) => queue.kind === kind.name);
        const owns = rolesOfOwners(kind).some((role) => viewer.roles.includes(role));
        const hasQueue = own.some(({ name }) => queueOf(kind, name)?.owner === 'me');
        return (
          <WorkOfKind
            key={kind.name}
            kind={kind}
            queues={own}
            ownedBy={owns && !hasQueue ? viewer.subject : null}
          />
        );
      })}
    </>
  );
}

const queueOf = ({ name }: RecordKind, queue: string) => lifecycles.current(name).queues[queue];

interface OfKind {
  readonly kind: RecordKind;
  readonly queues: readonly CountedQueue[];
}

function WorkOfKind({ kind, queues, ownedBy }: OfKind & { readonly ownedBy: string | null }): Element | null {
  if (queues.length === 0 && ownedBy === null) return null;
  const isOneOfSeveral = kinds.all.length > 1;
  return (
    <>
      {isOneOfSeveral && <h2 class="govuk-heading-l">{listTitle(kind)}</h2>}
      <div class="docket-queues">
        {Object.keys(HEADINGS).map((group) => (
          <QueueGroup
            key={group}
            kind={kind}
            group={group as QueueGroup}
            queues={queues.filter(({ name }) => queueOf(kind, name)?.group === group)}
          />
        ))}
      </div>
      {ownedBy !== null && (
        <p class="govuk-body">
          <a class="govuk-link" href={listOwnedBy(kind, ownedBy)}>
            {isOneOfSeveral ? `What you own of ${kind.noun.plural}` : 'What you own'}
          </a>
        </p>
      )}
    </>
  );
}

/** What is open of it. */
const listOwnedBy = (kind: RecordKind, subject: string): string =>
  `${listPath(kind)}?${new URLSearchParams([
    ['owner', subject],
    ...openStatuses(kind).map((status) => ['status', status]),
    ['sort', 'dueOn'],
  ]).toString()}`;

function QueueGroup({ kind, group, queues }: OfKind & { readonly group: QueueGroup }): Element | null {
  if (queues.length === 0) return null;
  const order = group === 'by-date' ? '&sort=dueOn' : '';
  const Heading = kinds.all.length > 1 ? 'h3' : 'h2';
  return (
    <section class="docket-queue-group">
      <Heading class="govuk-heading-m">{HEADINGS[group]}</Heading>
      <ul class="govuk-list">
        {queues.map(({ name, count }) => (
          <li key={name} class={count === 0 ? 'docket-queue docket-queue--empty' : 'docket-queue'}>
            <a class="govuk-link docket-queue__link" href={`${listPath(kind)}?queue=${name}${order}`}>
              <span class="docket-queue__name">{queueTitle(kind, name)}</span>
              <span class="govuk-visually-hidden">: </span>
              <span class="docket-queue__count">{count.toLocaleString('en-GB')}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
