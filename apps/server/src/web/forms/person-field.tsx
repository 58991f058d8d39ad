import { Input } from '../components/input.tsx';
import type { Element } from '../components/macro-options.ts';
import { Radios } from '../components/choices.tsx';
import { Select } from '../components/select.tsx';
import { NAMES_OF_PEOPLE, personName } from '../names.ts';
import { otherName } from './fields.ts';
import type { Field } from './fields.ts';
import { errorAt } from './form-errors.ts';
import type { Shown } from './form-errors.ts';

type PersonOptions = Extract<Field, { readonly kind: 'person' }> & Shown;

/** Longer lists use a select element. */
const RADIOS_MAX = 7;

export function PersonField(field: PersonOptions): Element {
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
          label={{ content: label, classes: 'govuk-label--s' }}
          items={[{ value: '', content: 'Someone else' }, ...items]}
        />
      ) : (
        <Radios
          {...shared}
          fieldset={{ legend: { content: label, classes: 'govuk-fieldset__legend--s' } }}
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
