import { roleInWords, upperFirst } from '#lifecycle/words';
import { ROLES } from '#state-machines/access';
import { CommandRefusedError } from '#lifecycle/refused';
import { Button } from '../components/button.tsx';
import { Checkboxes } from '../components/choices.tsx';
import { ErrorSummary, NotificationBanner } from '../components/blocks.tsx';
import { Input } from '../components/fields.tsx';
import type { Element } from '../components/macro-options.ts';
import type { FormValues } from '../form-values.ts';
import { errorAt, formErrors } from '../forms/form-errors.ts';
import type { FormError, Shown } from '../forms/form-errors.ts';
import type { Field } from '../forms/fields.ts';
import { Mark } from '../forms/post-form.tsx';
import { BodiesInput, bold } from './parts.tsx';

export interface EnterPersonOptions extends Shown {
  /** The person that the form has just added. */
  readonly entered?: string;
}

const SUBJECT: Field = { kind: 'text', name: 'subject', label: 'Subject', missing: 'Enter the subject' };
const NAME: Field = { kind: 'text', name: 'name', label: 'Name', missing: 'Enter the name' };
const BODIES: Field = {
  ...{ kind: 'bodies', name: 'organisations', label: 'Bodies' },
  missing: 'Enter the bodies',
};

/** Returns the form's errors; null for other errors. */
export function personErrors(error: unknown, values: FormValues): readonly FormError[] | null {
  if (!(error instanceof CommandRefusedError)) return null;
  if (error.code === 'name-from-token') return [{ field: NAME.name, message: error.message }];
  const { errors } = error.details;
  return errors === undefined ? null : formErrors([SUBJECT, NAME, BODIES], errors, values);
}

export const EnterPersonForm = ({ values, errors }: EnterPersonOptions): Element => (
  <form method="post" action="/operations/people" id="enter-person" novalidate>
    <Mark />
    <p class="govuk-body">
      People are added when they first sign in. Add people who have not signed in yet, so that they can be
      assigned as owners. This does not give them any rights.
    </p>
    <Input
      name="subject"
      label={bold('Subject')}
      hint="The “sub” value that the identity provider will include in the person’s access token"
      value={values.text('subject')}
      errorMessage={errorAt(errors, 'subject')}
      autocomplete="off"
      spellcheck={false}
    />
    <Input
      name="name"
      label={bold('Name')}
      value={values.text('name')}
      errorMessage={errorAt(errors, 'name')}
      autocomplete="off"
      spellcheck={false}
    />
    <Checkboxes
      name="roles"
      classes="govuk-checkboxes--small"
      fieldset={{ legend: { content: 'Roles (optional)', classes: 'govuk-fieldset__legend--s' } }}
      errorMessage={errorAt(errors, 'roles')}
      items={ROLES.map((value) => ({
        value,
        content: upperFirst(roleInWords(value)),
        checked: values.getAll('roles').includes(value),
      }))}
    />
    <BodiesInput
      name="organisations"
      label="Bodies (optional)"
      hint="People who work for these bodies can assign the person as an owner."
      value={values.text('organisations')}
      errorMessage={errorAt(errors, 'organisations')}
      autocomplete="off"
      spellcheck={false}
    />
    <Button classes="govuk-button--secondary" preventDoubleClick>
      Add the person
    </Button>
  </form>
);

/** The page after the form was sent. */
export const EnterPersonPage = (props: EnterPersonOptions): Element => (
  <>
    {props.errors.length > 0 && (
      <ErrorSummary
        title="There is a problem"
        errorList={props.errors.map(({ field, message }) => ({
          content: message,
          href: `#${field ?? 'subject'}`,
        }))}
      />
    )}
    {props.entered !== undefined && (
      <NotificationBanner type="success">
        <p class="govuk-notification-banner__heading">{`${props.entered} can be assigned as an owner`}</p>
      </NotificationBanner>
    )}
    <h1 class="govuk-heading-l">Add a person</h1>
    <EnterPersonForm {...props} />
  </>
);
