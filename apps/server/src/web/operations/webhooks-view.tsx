import { pathOf } from '#lifecycle/kind';
import { kinds } from '#state-machines/record-streams';
import type { Delivery, ShownWebhook } from '#use-cases/webhooks/administer-webhooks';
import { INSPECTORATE } from '#use-cases/webhooks/administer-webhooks';
import { Button } from '../components/button.tsx';
import { ErrorSummary } from '../components/error-summary.tsx';
import { Input } from '../components/input.tsx';
import type { Content, Element } from '../components/macro-options.ts';
import { InsetText, WarningText } from '../components/set-apart.tsx';
import { SummaryList } from '../components/summary-list.tsx';
import { Link } from '../components/link.tsx';
import { longInstant } from '../dates.ts';
import { ListPages } from '../lists/list-page.tsx';
import { StackedTable } from '../lists/stacked-table.tsx';
import { bodyName } from '../names.ts';
import { LinkButton, Mark } from '../forms/post-form.tsx';
import { Address, Heading } from './parts.tsx';
import { AddWebhookForm } from './webhook-form.tsx';
import type { AddWebhookOptions } from './webhook-form.tsx';

interface WebhooksOptions extends AddWebhookOptions {
  readonly webhooks: readonly ShownWebhook[];
  readonly isSending: boolean;
}

const pathTo = ({ id }: ShownWebhook): string => `/operations/webhooks/${encodeURIComponent(id)}`;

export const WebhooksView = ({ webhooks, isSending, ...form }: WebhooksOptions): Element => (
  <>
    {form.errors.length > 0 && (
      <ErrorSummary
        title="There is a problem"
        errorList={form.errors.map(({ field, message }) => ({
          content: message,
          href: `#${field ?? 'url'}`,
        }))}
      />
    )}
    <h1 class="govuk-heading-l">Webhooks</h1>
    {form.added !== undefined && <Added {...form.added} />}
    <p class="govuk-body">A webhook sends events to another system as they are recorded.</p>
    {webhooks.length === 0 ? (
      <p class="govuk-body">There are no webhooks.</p>
    ) : (
      <StackedTable
        caption="Webhooks"
        columns={['Address', 'Read by', 'Sends', 'Added', 'Deliveries']}
        rows={webhooks.map((webhook) => [
          <Address of={webhook.url} />,
          audienceWords(webhook),
          filterWords(webhook),
          longInstant(webhook.addedAt),
          <Link href={pathTo(webhook)} about={` the deliveries to ${webhook.url}`}>
            Show
          </Link>,
        ])}
      />
    )}
    {isSending ? (
      <AddWebhookForm {...form} />
    ) : (
      <p class="govuk-body">
        This process sends no messages: DOCKET_OUTBOX is off, so no webhook can be added here.
      </p>
    )}
  </>
);

const Added = ({ url, secret }: NonNullable<AddWebhookOptions['added']>): Element => (
  <InsetText>
    <h2 class="govuk-heading-m">{`The webhook to ${url} has been added`}</h2>
    <Input
      name="secret"
      label="Copy its secret now. It will not be shown again"
      hint="The other system uses it to check that a message is from Docket"
      value={secret}
      spellcheck={false}
      attributes={{ readonly: true }}
    />
  </InsetText>
);

const audienceWords = ({ audience }: ShownWebhook): string =>
  audience === INSPECTORATE ? 'The inspectorate' : audience.map(bodyName).join(', ');

function filterWords({ types, kinds: of, bodies }: ShownWebhook): string {
  const nouns = of?.map((name) => kinds.named(name).noun.plural);
  const parts = [
    types === null ? 'Every event' : types.join(', '),
    ...(nouns === undefined ? [] : [`of ${nouns.join(', ')}`]),
    ...(bodies === null ? [] : [`for ${bodies.map(bodyName).join(', ')}`]),
  ];
  return parts.join(' ');
}

interface WebhookOptions {
  readonly webhook: ShownWebhook;
  /** Null if this process sends no messages. */
  readonly page: { readonly items: readonly Delivery[]; readonly nextCursor: string | null } | null;
  /** The page's query. */
  readonly params: URLSearchParams;
}

/** A webhook and its deliveries. */
export const WebhookView = ({ webhook, page, params }: WebhookOptions): Element => (
  <>
    <h1 class="govuk-heading-l">Webhook</h1>
    <SummaryList
      rows={[
        { key: 'Address', value: <Address of={webhook.url} /> },
        { key: 'Read by', value: audienceWords(webhook) },
        { key: 'Sends', value: filterWords(webhook) },
        { key: 'Added', value: longInstant(webhook.addedAt) },
      ]}
    />
    <Heading id="deliveries">Deliveries</Heading>
    {page === null ? (
      <p class="govuk-body">This process sends no messages: DOCKET_OUTBOX is off.</p>
    ) : (
      <Deliveries {...{ webhook, page, params }} />
    )}
    <form method="post" action={`${pathTo(webhook)}/remove`} id="remove">
      <Heading id="remove-heading">Remove the webhook</Heading>
      <WarningText>
        No more events will be sent to it, including those that are waiting. You cannot undo this.
      </WarningText>
      <Mark />
      <Button classes="govuk-button--warning">Remove the webhook</Button>
    </form>
  </>
);

function Deliveries({
  webhook,
  page: { items, nextCursor },
  params,
}: WebhookOptions & { readonly page: NonNullable<WebhookOptions['page']> }): Element {
  if (items.length === 0) return <p class="govuk-body">Nothing has been sent yet.</p>;
  return (
    <>
      <p class="govuk-body" id="again-does">
        “Send again” reads the event again, and sends what its readers can see now. Docket does not store what
        was sent.
      </p>
      <StackedTable
        caption="Deliveries, newest first"
        columns={['Event', 'Record', 'Recorded', 'State', 'Attempts', 'Send again']}
        rows={items.map((delivery) => [
          delivery.type ?? 'Not known',
          <RecordLink of={delivery.record} />,
          longInstant(delivery.createdAt),
          stateWords(delivery),
          String(delivery.attempts),
          delivery.state === 'waiting' && delivery.attempts === 0 ? (
            'Not sent yet'
          ) : (
            <LinkButton
              action={`${pathTo(webhook)}/redeliver`}
              sent={{ delivery: delivery.id }}
              describedBy="again-does"
              about={` ${delivery.type ?? ''} of ${delivery.record?.id ?? ''}`}
            >
              Send again
            </LinkButton>
          ),
        ])}
      />
      {items.some(({ state }) => state === 'dead') && (
        <form method="post" action={`${pathTo(webhook)}/redeliver`} id="send-all-again">
          <Mark />
          <Button classes="govuk-button--secondary" attributes={{ 'aria-describedby': 'again-does' }}>
            Send all failed deliveries again
          </Button>
        </form>
      )}
      <ListPages path={pathTo(webhook)} params={params} next={nextCursor} />
    </>
  );
}

const RecordLink = ({ of: record }: { readonly of: Delivery['record'] }): Content =>
  record === null ? (
    'Not known'
  ) : (
    <Link href={pathOf({ kind: kinds.named(record.kind), id: record.id })}>{record.id}</Link>
  );

function stateWords({ state, error, endedAt, nextAttemptAt }: Delivery): string {
  const why = error === null ? '' : `: ${error}`;
  if (state === 'delivered') return `Delivered ${endedAt === null ? '' : longInstant(endedAt)}`;
  if (state === 'dead') return `Failed${why}`;
  if (state === 'lapsed') return `Not sent${why.replace('no longer sent: ', '')}`;
  if (error === null) return 'Waiting';
  return `Next attempt ${nextAttemptAt === null ? 'soon' : longInstant(nextAttemptAt)}${why}`;
}
