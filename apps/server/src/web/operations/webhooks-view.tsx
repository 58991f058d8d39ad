import { pathOf } from '#lifecycle/kind';
import { kinds } from '#state-machines/record-streams';
import { INSPECTORATE } from '#use-cases/webhooks/administer-webhooks';
import type { Delivery, ShownWebhook } from '#use-cases/webhooks/administer-webhooks';
import { Button, Link } from '../components/button.tsx';
import { InsetText, WarningText, SummaryList } from '../components/blocks.tsx';
import { Input, smallLabel, smallLegend } from '../components/fields.tsx';
import type { Content, Element } from '../components/macro-options.ts';
import { longInstant } from '../dates.ts';
import { ListPages } from '../lists/list-page.tsx';
import { StackedTable } from '../lists/stacked-table.tsx';
import { bodyName } from '../names.ts';
import { LinkButton, Mark } from '../forms/post-form.tsx';
import { Address, Heading, BodiesInput } from './parts.tsx';
import { CommandRefusedError } from '#lifecycle/refused';
import { upperFirst } from '#lifecycle/words';
import { RECORD_EVENT_TYPES } from '#state-machines/any-kind';
import { ProblemError } from '#use-cases/problems';
import { Checkboxes, Radios } from '../components/choices.tsx';
import type { FormValues } from '../form-values.ts';
import { Refused } from '../forms/action-form.tsx';
import { errorAt, formErrors } from '../forms/form-errors.ts';
import type { FormError, Shown } from '../forms/form-errors.ts';
import type { Field } from '../forms/fields.ts';

interface WebhooksOptions extends AddWebhookOptions {
  readonly webhooks: readonly ShownWebhook[];
}

const pathTo = ({ id }: ShownWebhook): string => `/operations/webhooks/${encodeURIComponent(id)}`;

export const WebhooksView = ({ webhooks, ...form }: WebhooksOptions): Element => (
  <>
    <Refused errors={form.errors} fields={FIELDS} />
    <h1 class="govuk-heading-l">Webhooks</h1>
    {form.added !== undefined && <Added {...form.added} />}
    <p class="govuk-body">A webhook sends events to another system as they are recorded.</p>
    <StackedTable
      caption="Webhooks"
      none="There are no webhooks."
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
    <AddWebhookForm {...form} />
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
  readonly page: { readonly items: readonly Delivery[]; readonly nextCursor: string | null };
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
    <Deliveries {...{ webhook, page, params }} />
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

function Deliveries({ webhook, page: { items, nextCursor }, params }: WebhookOptions): Element {
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

export interface AddWebhookOptions extends Shown {
  /** The webhook that was just added; its secret is shown only once. */
  readonly added?: { readonly url: string; readonly secret: string };
}

const SOME_TYPES = RECORD_EVENT_TYPES.slice(0, 2).join(', ');
const TYPES_WRONG = `Enter each type of event once, as in the log, such as ${SOME_TYPES}`;

const FIELDS: readonly Field[] = [
  { kind: 'text', name: 'url', label: 'Address', missing: 'Enter the address' },
  {
    ...{ kind: 'bodies', name: 'audience', label: 'Bodies that can read the events' },
    missing: 'Enter the bodies that can read the events',
  },
  { kind: 'text', name: 'types', label: 'Types of events', missing: TYPES_WRONG },
  { kind: 'bodies', name: 'bodies', label: 'Bodies', missing: 'Enter the bodies' },
];

/** Returns the form's errors; null for other errors. */
export function webhookErrors(error: unknown, values: FormValues): readonly FormError[] | null {
  if (error instanceof ProblemError && error.code === 'too-many-webhooks')
    return [{ field: 'url', message: error.message }];
  if (!(error instanceof CommandRefusedError)) return null;
  const { errors } = error.details;
  if (errors === undefined) return null;
  // The API lists all event types, which is too long for a page.
  return formErrors(FIELDS, errors, values).map((each) => {
    if (each.field === 'types') return { ...each, message: TYPES_WRONG };
    const isUndecided = each.field === 'audience' && values.text('reads') === '';
    return isUndecided ? { field: 'reads', message: 'Choose who can read the events' } : each;
  });
}

const AddWebhookForm = ({ values, errors }: AddWebhookOptions): Element => (
  <form method="post" action="/operations/webhooks" id="add-webhook" novalidate>
    <h2 class="govuk-heading-m">Add a webhook</h2>
    <Mark />
    <Input
      {...inputProps('url', { values, errors })}
      label={smallLabel('Address')}
      hint="For example, https://tracker.example/docket. It is stored in the log, so do not include a password."
    />
    <Audience values={values} errors={errors} />
    <Input
      {...inputProps('types', { values, errors })}
      label={smallLabel('Only these types of events (optional)')}
      hint={`As in the log, such as ${SOME_TYPES}`}
    />
    {kinds.all.length > 1 && (
      <Checkboxes
        name="kinds"
        fieldset={smallLegend('Only these records (optional)')}
        items={kinds.all.map(({ name, noun }) => ({
          value: name,
          content: upperFirst(noun.plural),
          checked: values.getAll('kinds').includes(name),
        }))}
      />
    )}
    <BodiesInput
      {...inputProps('bodies', { values, errors })}
      label="Only records of these bodies (optional)"
    />
    <Button preventDoubleClick>Add the webhook</Button>
  </form>
);

const inputProps = (name: string, { values, errors }: Shown) => ({
  name,
  value: values.text(name),
  errorMessage: errorAt(errors, name),
  autocomplete: 'off',
  autocapitalize: 'none' as const,
  spellcheck: false,
});

const Audience = ({ values, errors }: Shown): Element => (
  <>
    <Radios
      name="reads"
      fieldset={smallLegend('Who can read the events?')}
      value={values.text('reads')}
      errorMessage={errorAt(errors, 'reads')}
      items={[
        { value: INSPECTORATE, content: 'The inspectorate', hint: 'Every record, with internal comments' },
        {
          value: 'bodies',
          content: 'People who work for particular bodies',
          hint: 'Records for these bodies, without anything that they cannot read',
        },
      ]}
    />
    <BodiesInput
      {...inputProps('audience', { values, errors })}
      label="Bodies that can read the events"
      hint="Leave this empty if the inspectorate reads the events."
    />
  </>
);
