import { Button } from '../components/button.tsx';
import { ErrorSummary } from '../components/blocks.tsx';
import type { Content, Element } from '../components/macro-options.ts';
import type { FormValues } from '../form-values.ts';
import { Key, KEY_FIELD, Mark } from './post-form.tsx';
import type { Field } from './fields.ts';
import { FieldView } from './field-views.tsx';
import type { Shown, FormError } from './form-errors.ts';

/** The hidden field with the version that was shown. */
export const VERSION_FIELD = 'version';
/** The pressed button, if the form has several. */
export const ACTION_FIELD = 'action';
/** The value of a form's main button. */
export const SEND = 'send';

/** Returns the idempotency key; null if it is missing or invalid. */
export const keyOf = (values: FormValues): string | null => {
  const key = values.text(KEY_FIELD);
  return /^[\x20-\x7e]{1,255}$/.test(key) ? key : null;
};

interface ActionFormOptions extends Shown {
  readonly action: string;
  /** The key of a form that is shown again. */
  readonly formKey: string | null;
  /** The version of the record that was shown. */
  readonly version?: number;
  readonly fields: readonly Field[];
  readonly button: string;
  /** Defaults to `SEND`. */
  readonly buttonValue?: string;
  /** Further buttons and links. */
  readonly more?: Content;
  readonly children?: Content;
  readonly isWarning?: boolean;
}

export function ActionForm(options: ActionFormOptions): Element {
  const { action, formKey, version, fields, values, errors, button, more, children, isWarning } = options;
  const { buttonValue = SEND } = options;
  const hasFiles = fields.some(({ kind }) => kind === 'file');
  return (
    <form method="post" action={action} enctype={hasFiles ? 'multipart/form-data' : undefined} novalidate>
      <Mark />
      {version !== undefined && <input type="hidden" name={VERSION_FIELD} value={version} />}
      <Key sent={formKey} />
      {fields.map((field) => (
        <FieldView field={field} values={values} errors={errors} />
      ))}
      {children}
      <div class="govuk-button-group">
        <Button
          name={ACTION_FIELD}
          value={buttonValue}
          preventDoubleClick
          classes={isWarning === true ? 'govuk-button--warning' : undefined}
        >
          {button}
        </Button>
        {more}
      </div>
    </form>
  );
}

/** The errors, each a link to its field. */
export const Refused = (refused: {
  readonly errors: readonly FormError[];
  readonly fields: readonly Field[];
}): Element => (
  <ErrorSummary
    errorList={refused.errors.map(({ field, message }) => ({
      content: message,
      href: field === null ? undefined : hrefOf(refused.fields, field),
    }))}
  />
);

/** Returns the anchor of a field; for a date its first part. */
function hrefOf(fields: readonly Field[], name: string): string | undefined {
  const field = fields.find((each) => each.name === name || name.startsWith(`${each.name}-`));
  if (field?.kind === 'chosen' || field?.kind === 'named') return undefined;
  const isDate = field?.kind === 'date' || name.endsWith('-dueOn');
  return `#${name}${isDate ? '-day' : ''}`;
}
