import { webhookIdOf } from '#notifications/webhooks/webhook-receiver';
import type { OutboxItem } from '#notifications/outbox/outbox-list';
import type { OperationsSeen } from '../../see-operations.ts';
import type { Content, Element } from '../components/macro-options.ts';
import { SummaryList } from '../components/blocks.tsx';
import { Link } from '../components/button.tsx';
import { longInstant } from '../dates.ts';
import { StackedTable } from '../lists/stacked-table.tsx';
import { LinkButton } from '../forms/post-form.tsx';
import { countWords } from '../words.ts';
import { Heading } from './parts.tsx';

interface MessagesOptions {
  readonly counts: OperationsSeen['messages'];
  readonly dead: readonly OutboxItem[];
  readonly waiting: readonly OutboxItem[];
}

/** Undelivered messages to people and webhooks. */
export const Messages = ({ counts, dead, waiting }: MessagesOptions): Element => (
  <>
    <Heading id="messages">Messages</Heading>
    <p class="govuk-body">
      <Link href="/operations/webhooks">Manage webhooks</Link>
    </p>
    <SummaryList
      rows={[
        { key: 'Waiting', value: String(counts.waiting) },
        { key: 'Failed', value: String(counts.dead) },
      ]}
    />
    {waiting.length > 0 && <Waiting waiting={waiting} of={counts.waiting} />}
    {dead.length > 0 && <DeadLetters dead={dead} of={counts.dead} />}
  </>
);

function receiverLink({ receiver, channel }: OutboxItem): Content {
  const webhookId = webhookIdOf(receiver);
  if (webhookId === null) return `${receiver}, by ${channel}`;
  return <Link href={`/operations/webhooks/${encodeURIComponent(webhookId)}`}>A webhook</Link>;
}

const ofWhat = ({ noticeCount }: OutboxItem): string => countWords(noticeCount, 'notice');

const captionOf = (words: string, listed: number, all: number): string =>
  listed < all ? `${words}: the newest ${listed} of ${all}` : words;

const Waiting = ({
  waiting,
  of,
}: {
  readonly waiting: readonly OutboxItem[];
  readonly of: number;
}): Element => (
  <StackedTable
    caption={captionOf('Waiting messages', waiting.length, of)}
    columns={['Created', 'To', 'Notices', 'Attempts', 'Next attempt', 'Last error']}
    rows={waiting.map((message) => [
      longInstant(message.createdAt),
      receiverLink(message),
      ofWhat(message),
      String(message.attempts),
      message.nextAttemptAt === null ? 'Not known' : longInstant(message.nextAttemptAt),
      message.error ?? 'Not sent yet',
    ])}
  />
);

const DeadLetters = ({ dead, of }: Pick<MessagesOptions, 'dead'> & { readonly of: number }): Element => (
  <>
    <p class="govuk-body" id="retry-does">
      “Try again” restarts the delivery of a failed message, with the full number of attempts. A message that
      no longer applies will not be sent.
    </p>
    <StackedTable
      caption={captionOf('Failed messages', dead.length, of)}
      columns={['Created', 'To', 'Notices', 'Attempts', 'Error', 'Try again']}
      rows={dead.map((message) => [
        longInstant(message.createdAt),
        receiverLink(message),
        ofWhat(message),
        String(message.attempts),
        message.error ?? 'Not known',
        <LinkButton
          action={`/operations/messages/${message.id}/retry`}
          describedBy="retry-does"
          about={` to send to ${message.receiver}`}
        >
          Try again
        </LinkButton>,
      ])}
    />
  </>
);
