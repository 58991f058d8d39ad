import { CommandRefusedError } from '#lifecycle/refused';
import { upperFirst } from '#lifecycle/words';
import { RECORD_EVENT_TYPES } from '#state-machines/any-kind';
import { kinds } from '#state-machines/record-streams';
import { ProblemError } from '#use-cases/problems';
import { INSPECTORATE } from '#use-cases/webhooks/administer-webhooks';
import { Button } from '../components/button.tsx';
import { Checkboxes, Radios } from '../components/choices.tsx';
import { Input } from '../components/input.tsx';
import type { Element } from '../components/macro-options.ts';
import type { FormValues } from '../form-values.ts';
import { errorAt, formErrors } from '../forms/form-errors.ts';
import type { FormError, Shown } from '../forms/form-errors.ts';
import type { Field } from '../forms/fields.ts';
import { Mark } from '../forms/post-form.tsx';
import { BodiesInput, bold } from './parts.tsx';

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
  {
    kind: 'text',
    name: 'types',
    label: 'Types of events',
    missing: TYPES_WRONG,
  },
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

export const AddWebhookForm = ({ values, errors }: AddWebhookOptions): Element => (
  <form method="post" action="/operations/webhooks" id="add-webhook" novalidate>
    <h2 class="govuk-heading-m">Add a webhook</h2>
    <Mark />
    <Input
      {...inputProps('url', { values, errors })}
      label={bold('Address')}
      hint="For example, https://tracker.example/docket. It is stored in the log, so do not include a password."
    />
    <Audience values={values} errors={errors} />
    <Input
      {...inputProps('types', { values, errors })}
      label={bold('Only these types of events (optional)')}
      hint={`As in the log, such as ${SOME_TYPES}`}
    />
    {kinds.all.length > 1 && (
      <Checkboxes
        name="kinds"
        fieldset={{
          legend: { content: 'Only these records (optional)', classes: 'govuk-fieldset__legend--s' },
        }}
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
      fieldset={{ legend: { content: 'Who can read the events?', classes: 'govuk-fieldset__legend--s' } }}
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
