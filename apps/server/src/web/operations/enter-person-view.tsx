import { roleInWords, upperFirst } from '#lifecycle/words';
import { ROLES } from '#state-machines/access';
import { CommandRefusedError } from '#lifecycle/refused';
import { Button } from '../components/button.tsx';
import { Checkboxes } from '../components/choices.tsx';
import { NotificationBanner } from '../components/blocks.tsx';
import { smallLegend } from '../components/fields.tsx';
import type { Element } from '../components/macro-options.ts';
import type { FormValues } from '../form-values.ts';
import { Refused } from '../forms/action-form.tsx';
import { FieldView } from '../forms/field-views.tsx';
import { errorAt, formErrors } from '../forms/form-errors.ts';
import type { FormError, Shown } from '../forms/form-errors.ts';
import type { Field } from '../forms/fields.ts';
import { Mark } from '../forms/post-form.tsx';
import { BodiesInput } from './parts.tsx';

export interface EnterPersonOptions extends Shown {
  /** The person that the form has just added. */
  readonly entered?: string;
}

const SUBJECT: Field = {
  ...{ kind: 'line', name: 'subject', label: 'Subject', missing: 'Enter the subject' },
  hint: 'The “sub” value that the identity provider will include in the person’s access token',
};
const NAME: Field = { kind: 'line', name: 'name', label: 'Name', missing: 'Enter the name' };
const FIELDS: readonly Field[] = [
  ...[SUBJECT, NAME],
  { kind: 'bodies', name: 'organisations', label: 'Bodies', missing: 'Enter the bodies' },
];

/** Returns the form's errors; null for other errors. */
export function personErrors(error: unknown, values: FormValues): readonly FormError[] | null {
  if (!(error instanceof CommandRefusedError)) return null;
  if (error.code === 'name-from-token') return [{ field: NAME.name, message: error.message }];
  const { errors } = error.details;
  return errors === undefined ? null : formErrors(FIELDS, errors, values);
}

export const EnterPersonForm = ({ values, errors }: EnterPersonOptions): Element => (
  <form method="post" action="/operations/people" id="enter-person" novalidate>
    <Mark />
    <p class="govuk-body">
      People are added when they first sign in. Add people who have not signed in yet, so that they can be
      assigned as owners. This does not give them any rights.
    </p>
    <FieldView field={SUBJECT} values={values} errors={errors} />
    <FieldView field={NAME} values={values} errors={errors} />
    <Checkboxes
      name="roles"
      classes="govuk-checkboxes--small"
      fieldset={smallLegend('Roles (optional)')}
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
    />
    <Button classes="govuk-button--secondary" preventDoubleClick>
      Add the person
    </Button>
  </form>
);

/** The page after the form was sent. */
export const EnterPersonPage = (props: EnterPersonOptions): Element => (
  <>
    <Refused errors={props.errors} fields={FIELDS} />
    {props.entered !== undefined && (
      <NotificationBanner type="success">
        <p class="govuk-notification-banner__heading">{`${props.entered} can be assigned as an owner`}</p>
      </NotificationBanner>
    )}
    <h1 class="govuk-heading-l">Add a person</h1>
    <EnterPersonForm {...props} />
  </>
);
