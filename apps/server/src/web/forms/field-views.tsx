import { Checkboxes, Radios } from '../components/choices.tsx';
import {
  DateInput,
  FileUpload,
  Input,
  Select,
  smallLabel,
  smallLegend,
  Textarea,
} from '../components/fields.tsx';
import type { Element } from '../components/macro-options.ts';
import { NAMES_OF_BODIES, namedBodies, NAMES_OF_PEOPLE, personName } from '../names.ts';
import { eachLine, nameToType } from '../body-names.ts';
import { datePartsOf, listName, ROWS_SHOWN, rowsTyped, withRowsInOrder, otherName } from './fields.ts';
import type { Field } from './fields.ts';
import { errorAt } from './form-errors.ts';
import type { Shown } from './form-errors.ts';

type Of<Kind extends Field['kind']> = Extract<Field, { readonly kind: Kind }> & Shown;

export function FieldView({ field, ...shown }: Shown & { readonly field: Field }): Element {
  switch (field.kind) {
    case 'line':
      return <Line {...field} {...shown} />;
    case 'text':
      return <LongText {...field} {...shown} />;
    case 'date':
      return <PlainDate {...field} {...shown} />;
    case 'choice':
      return <Choice {...field} {...shown} />;
    case 'person':
      return <PersonField {...field} {...shown} />;
    case 'ticks':
      return <Ticks {...field} {...shown} />;
    case 'yes':
      return <Yes {...field} {...shown} />;
    case 'body':
      return <Body {...field} {...shown} />;
    case 'bodies':
      return <Bodies {...field} {...shown} />;
    case 'pasted':
      return <Pasted {...field} {...shown} />;
    case 'rows':
      return <Rows {...field} {...shown} />;
    case 'number':
      return <Line {...field} {...shown} kind="line" width="half" isNumber />;
    case 'lines':
      return <Lines {...field} {...shown} />;
    case 'file':
      return <File {...field} {...shown} />;
    case 'chosen':
      return <Chosen {...field} {...shown} />;
    case 'named':
      return <Named {...field} />;
  }
}

const labelText = (label: string, isOptional: boolean | undefined): string =>
  isOptional === true ? `${label} (optional)` : label;

type CommonField = Pick<Field, 'name' | 'label' | 'isOptional'> & {
  readonly hint?: string | Element | undefined;
};

const underLabel = (field: CommonField, errors: Shown['errors']) => ({
  name: field.name,
  label: smallLabel(labelText(field.label, field.isOptional)),
  hint: field.hint,
  errorMessage: errorAt(errors, field.name),
});
const underLegend = (field: CommonField, errors: Shown['errors']) => ({
  fieldset: smallLegend(labelText(field.label, field.isOptional)),
  hint: field.hint,
  errorMessage: errorAt(errors, field.name),
});

const Chosen = ({ values, name, label, is }: Of<'chosen'>): Element => (
  <>
    <input type="hidden" name={name} value={is?.value ?? values.text(name)} />
    {is !== undefined && (
      <p class="govuk-body">
        <strong>{label}:</strong> {is.text}
        {is.hint !== undefined && <> ({is.hint})</>}
      </p>
    )}
  </>
);

const Named = ({ name, lists }: Pick<Of<'named'>, 'name' | 'lists'>): Element => (
  <>
    {[...lists].map(([choice, eventIds]) => (
      <input type="hidden" name={listName(name, choice)} value={eventIds.join(' ')} />
    ))}
  </>
);

const Line = ({ values, errors, isNumber, ...field }: Of<'line'> & { readonly isNumber?: true }): Element => (
  <Input
    {...underLabel(field, errors)}
    value={values.text(field.name)}
    classes={field.width === 'half' ? 'govuk-!-width-one-half' : undefined}
    autocomplete="off"
    inputmode={isNumber && 'numeric'}
    spellcheck={field.width === 'full'}
  />
);

const LongText = ({ values, errors, ...field }: Of<'text'>): Element => (
  <Textarea {...underLabel(field, errors)} value={values.text(field.name)} rows={field.rows} spellcheck />
);

const PlainDate = ({ values, errors, ...field }: Of<'date'>): Element => (
  <DateInput
    id={field.name}
    namePrefix={field.name}
    {...underLegend(field, errors)}
    values={datePartsOf(values, field.name)}
  />
);

/** Long optional choices use small radio buttons. */
const Choice = ({ values, errors, ...field }: Of<'choice'>): Element => (
  <Radios
    name={field.name}
    classes={field.isOptional && field.choices.length > SHORT_MAX ? 'govuk-radios--small' : undefined}
    {...underLegend(field, errors)}
    value={values.text(field.name)}
    items={field.choices.map(({ value, text, hint }) => ({ value, content: text, hint }))}
  />
);

const SHORT_MAX = 4;

const Ticks = ({ values, errors, ...field }: Of<'ticks'>): Element => (
  <Checkboxes
    name={field.name}
    {...underLegend(field, errors)}
    values={values.getAll(field.name)}
    items={field.choices.map(({ value, text, hint }) => ({ value, content: text, hint }))}
  />
);

const Yes = ({ values, errors, ...field }: Of<'yes'>): Element => (
  <Checkboxes
    name={field.name}
    errorMessage={errorAt(errors, field.name)}
    values={values.getAll(field.name)}
    items={[{ value: 'yes', content: field.label, hint: field.hint }]}
  />
);

const Body = ({ values, errors, ...field }: Of<'body'>): Element => (
  <Input
    {...underLabel(field, errors)}
    value={nameToType(values.text(field.name), namedBodies())}
    classes="govuk-!-width-one-half"
    autocomplete="off"
    spellcheck={false}
    attributes={{ 'data-names': NAMES_OF_BODIES }}
  />
);

const Lines = ({ values, errors, ...field }: Of<'lines'>): Element => (
  <Textarea
    {...underLabel({ ...field, hint: field.hint ?? 'One on each line' }, errors)}
    value={values.text(field.name)}
    rows={4}
  />
);

/** One body per line. With scripts, a field above adds one by name. */
const Bodies = ({ values, errors, ...field }: Of<'bodies'>): Element => (
  <>
    <div hidden>
      <Input
        // Not sent with the form.
        name=""
        id={`${field.name}-add`}
        label={smallLabel('Find a body')}
        hint="Choose one to add it to the list below"
        classes="govuk-!-width-one-half"
        autocomplete="off"
        spellcheck={false}
        attributes={{ 'data-names': NAMES_OF_BODIES, 'data-adds': field.name, name: undefined }}
      />
    </div>
    <Textarea
      {...underLabel(field, errors)}
      value={eachLine(values.text(field.name), (line) => nameToType(line, namedBodies()))}
      rows={4}
      spellcheck={false}
    />
  </>
);

const Pasted = ({ values, errors, ...field }: Of<'pasted'>): Element => (
  <Textarea {...underLabel(field, errors)} value={values.text(field.name)} rows={12} spellcheck={false} />
);

const File = ({ errors, ...field }: Of<'file'>): Element => <FileUpload {...underLabel(field, errors)} />;

/** The filled rows and some empty ones. Without JavaScript the form can be sent again for more rows. */
function Rows({ values, errors, ...field }: Of<'rows'>): Element {
  const typed = rowsTyped(field, values).length;
  const rows = Array.from({ length: Math.max(ROWS_SHOWN, typed + 1) }, (_, index) => index);
  const shown = { values: withRowsInOrder(field, values), errors };
  const [only, ...others] = field.fields;
  return (
    <fieldset class="govuk-fieldset docket-dates" id={field.name}>
      <legend class="govuk-fieldset__legend govuk-fieldset__legend--s">
        {labelText(field.label, field.isOptional)}
      </legend>
      {field.hint !== undefined && <div class="govuk-hint">{field.hint}</div>}
      {rows.map((index) => {
        const [row, prefix] = [`${field.row} ${index + 1}`, `${field.name}-${index}-`];
        if (only !== undefined && others.length === 0)
          return <FieldView field={inRow(only, prefix, row)} {...shown} />;
        return (
          <fieldset class="govuk-fieldset">
            <legend class="govuk-fieldset__legend">{row}</legend>
            {field.fields.map((each) => (
              <FieldView field={inRow(each, prefix)} {...shown} />
            ))}
          </fieldset>
        );
      })}
    </fieldset>
  );
}

/** A single field uses the row's label. */
function inRow(field: Field, prefix: string, label?: string): Field {
  const { hint: _, ...only } = field;
  return { ...(label === undefined ? field : { ...only, label }), name: prefix + field.name };
}

type PersonOptions = Extract<Field, { readonly kind: 'person' }> & Shown;

/** Longer lists use a select element. */
const RADIOS_MAX = 7;

function PersonField(field: PersonOptions): Element {
  const { name, label, hint, you, known, values, errors } = field;
  const chosen = values.text(name);
  const people = [you, ...known.filter((subject) => subject !== you)];
  const isKnown = people.includes(chosen);
  const shared = {
    name,
    hint,
    errorMessage: errorAt(errors, name),
    value: isKnown ? chosen : '',
  };
  const typed = isKnown || chosen === '' ? values.text(otherName(name)) : chosen;
  const items = people.map((value) => ({ value, content: value === you ? 'You' : personName(value) }));
  return (
    <>
      {people.length > RADIOS_MAX ? (
        <Select
          {...shared}
          label={smallLabel(label)}
          items={[{ value: '', content: 'Someone else' }, ...items]}
        />
      ) : (
        <Radios
          {...shared}
          fieldset={smallLegend(label)}
          items={[
            ...items,
            { divider: 'or' },
            { value: '', content: 'Someone else', checked: !isKnown && typed !== '' },
          ]}
        />
      )}
      <SomeoneElse name={name} typed={typed} errorMessage={errorAt(errors, otherName(name))} />
    </>
  );
}

/** Always visible: a conditional field within radio buttons is announced wrongly (`aria-expanded`). */
const SomeoneElse = ({
  name,
  typed,
  errorMessage,
}: {
  readonly name: string;
  readonly typed: string;
  readonly errorMessage: string | undefined;
}): Element => (
  <Input
    name={otherName(name)}
    label="Name of the other person"
    hint="Enter a name, or the text after “Recorded as” on the person’s account page. An administrator can add people who have not signed in yet."
    value={typed}
    errorMessage={errorMessage}
    autocomplete="off"
    spellcheck={false}
    attributes={{ 'data-names': NAMES_OF_PEOPLE }}
  />
);
