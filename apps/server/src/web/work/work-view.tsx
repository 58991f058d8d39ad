import type { QueueName } from '#read-models/queues';
import type { Viewer } from '#state-machines/access';
import { rolesFor } from '#state-machines/any-kind';
import { QUEUE_WORDS, wordsFor } from '../words.ts';
import type { Element } from '../components/macro-options.ts';

export interface Queue {
  readonly name: QueueName;
  readonly count: number;
}

interface Group {
  readonly heading: string;
  readonly queues: readonly QueueName[];
  /** What its lists are ordered by; the last changed first, where nothing is said. */
  readonly sort?: string;
}

/** Queues by what they ask of the person: to decide, to look after, to mind the date. */
const GROUPS: readonly Group[] = [
  {
    heading: 'For you to decide',
    queues: [
      'evidence-to-decide',
      'extensions-to-decide',
      'closures-to-decide',
      'corrections-to-decide',
      'proposals-to-confirm',
    ],
  },
  {
    heading: 'To look after',
    queues: [
      'mine',
      'responses-due',
      'evidence-rejected',
      'extensions-waiting',
      'my-closures',
      'without-owner',
      'without-recipient',
      'closed-30',
    ],
  },
  { heading: 'By date', queues: ['escalated', 'overdue', 'due-30', 'due-90'], sort: 'dueOn' },
];

export interface WorkOptions {
  readonly viewer: Viewer;
  readonly queues: readonly Queue[];
}

/** What waits for the person, each count a link to the list that it counts. */
export function WorkView({ viewer, queues }: WorkOptions): Element {
  const isNothing = queues.every(({ count }) => count === 0);
  return (
    <>
      <h1 class="govuk-heading-l">Work</h1>
      {isNothing && <p class="govuk-body-l">Nothing waits for you.</p>}
      <div class="docket-queues">
        {GROUPS.map(({ heading, queues: names, sort }) => (
          <QueueGroup
            key={heading}
            heading={heading}
            order={sort === undefined ? '' : `&sort=${sort}`}
            queues={names.flatMap((name) => queues.find((queue) => queue.name === name) ?? [])}
          />
        ))}
      </div>
      {mayOwn(viewer) && queues.every(({ name }) => name !== 'mine') && (
        <p class="govuk-body">
          <a class="govuk-link" href={ownedBy(viewer)}>
            What you own
          </a>
        </p>
      )}
    </>
  );
}

const mayOwn = ({ roles }: Viewer): boolean => rolesFor('assign-owner').some((role) => roles.includes(role));

/** What is open of it. */
const ownedBy = ({ subject }: Viewer): string =>
  `/recommendations?${new URLSearchParams([
    ['owner', subject],
    ['status', 'awaiting-review'],
    ['status', 'being-progressed'],
    ['sort', 'dueOn'],
  ]).toString()}`;

function QueueGroup({
  heading,
  queues,
  order,
}: {
  readonly heading: string;
  readonly queues: readonly Queue[];
  readonly order: string;
}): Element | null {
  if (queues.length === 0) return null;
  return (
    <section class="docket-queue-group">
      <h2 class="govuk-heading-m">{heading}</h2>
      <ul class="govuk-list">
        {queues.map(({ name, count }) => (
          <li key={name} class={count === 0 ? 'docket-queue docket-queue--empty' : 'docket-queue'}>
            <a class="govuk-link docket-queue__link" href={`/recommendations?queue=${name}${order}`}>
              <span class="docket-queue__name">{wordsFor(QUEUE_WORDS, name)}</span>
              <span class="govuk-visually-hidden">: </span>
              <span class="docket-queue__count">{count.toLocaleString('en-GB')}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
