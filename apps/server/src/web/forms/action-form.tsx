import { Button } from '../components/button.tsx';
import { ErrorSummary } from '../components/error-summary.tsx';
import type { Content, Element } from '../components/macro-options.ts';
import type { FormValues } from '../form-values.ts';
import { MARK_FIELD } from '../page-context.ts';
import type { Field } from './fields.ts';
import { FieldView } from './field-views.tsx';
import type { Shown } from './form-errors.ts';
import type { FormError } from './form-errors.ts';

/** The hidden fields of a form that changes something: the version that was seen, and a key under which it is done once. */
export const VERSION_FIELD = 'version';
export const KEY_FIELD = 'key';
/** Which of a form's buttons was pressed, where it has several. */
export const ACTION_FIELD = 'action';

/** The key under which a form is sent once; null where it brings none that can be one. */
export const keyOf = (values: FormValues): string | null => {
  const key = values.text(KEY_FIELD);
  return /^[\x20-\x7e]{1,255}$/.test(key) ? key : null;
};

/** A form that changes something. */
interface ActionFormOptions extends Shown {
  readonly action: string;
  readonly mark: string | undefined;
  readonly formKey: string;
  /** Of the record, as it was seen; none where there is no record yet. */
  readonly version?: number;
  readonly fields: readonly Field[];
  readonly button: string;
  /** What the button is sent as; `send` where nothing else is said. */
  readonly buttonValue?: string;
  /** Buttons that change nothing, before the one that does. */
  readonly more?: Content;
  /** Shown between the fields and the buttons. */
  readonly children?: Content;
  readonly isWarning?: boolean;
}

export function ActionForm(options: ActionFormOptions): Element {
  const { action, mark, formKey, version, fields, values, errors, button, more, children, isWarning } =
    options;
  const { buttonValue = 'send' } = options;
  const hasFiles = fields.some(({ kind }) => kind === 'files' || kind === 'file');
  return (
    <form method="post" action={action} enctype={hasFiles ? 'multipart/form-data' : undefined} novalidate>
      <input type="hidden" name={MARK_FIELD} value={mark} />
      {version !== undefined && <input type="hidden" name={VERSION_FIELD} value={version} />}
      <input type="hidden" name={KEY_FIELD} value={formKey} />
      {fields.map((field) => (
        <FieldView key={field.name} field={field} values={values} errors={errors} />
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

/** What has to be mended, above the form, each a link to its field. */
export function Refused({
  errors,
  fields,
}: {
  readonly errors: readonly FormError[];
  readonly fields: readonly Field[];
}): Element | null {
  if (errors.length === 0) return null;
  return (
    <ErrorSummary
      title="There is a problem"
      errorList={errors.map(({ field, message }) => ({
        content: message,
        href: field === null ? undefined : hrefOf(fields, field),
      }))}
    />
  );
}

/** Where a field takes the focus: of a date, in its first part. */
function hrefOf(fields: readonly Field[], name: string): string | undefined {
  const field = fields.find((each) => each.name === name || name.startsWith(`${each.name}-`));
  if (field?.kind === 'chosen' || field?.kind === 'named') return undefined;
  const isDate = field?.kind === 'date' || name.endsWith('-dueOn');
  return `#${name}${isDate ? '-day' : ''}`;
}
