import { lifecycles } from '#state-machines/lifecycles';
import type { FormValues } from '../form-values.ts';
import type { RefusedForm } from '../forms/refused-form.ts';
import { formErrors } from '../forms/form-errors.ts';
import type { FormError } from '../forms/form-errors.ts';
import { forPeople } from '../forms/for-people.ts';
import type { Field } from '../forms/fields.ts';
import { fieldsFor } from './command-fields.tsx';
import type { SeenForm } from './see-subject.ts';

/** A refusal, for the form's page. */
export interface Refusal extends RefusedForm {
  /** The rule's message. */
  readonly sentence: string;
  /** Errors of fields; empty if the form is not the cause. */
  readonly errors: readonly FormError[];
}

/** Returns the payload member that a rule is about. */
const memberOf = (code: string, lifecycle: string): string | undefined =>
  lifecycles.current(lifecycle).words.ruleMembers?.[code] ??
  (code.startsWith('effective-date-') ? 'effectiveOn' : undefined);

/** Returns the errors to show in the form. */
export function refusalOf(refused: RefusedForm, form: SeenForm, values: FormValues): Refusal {
  const { code, message, problems, guard } = refused;
  const fields = fieldsFor(form);
  const sentence = forPeople(message, form.lifecycle);
  const field = memberOf(code, form.lifecycle);
  const isThere = fields.some(({ name }) => name === field);
  const ofRule: FormError[] = isThere && field !== undefined ? [{ field, message: sentence }] : [];
  const { exactlyOne } = form.form;
  const ofOne = exactlyOne && exactlyOne.rule === guard ? exactlyOneOf(fields, exactlyOne.of) : null;
  if (ofOne) return { ...refused, sentence: ofOne.message, errors: [ofOne] };
  return {
    ...refused,
    sentence,
    errors: problems === undefined ? ofRule : formErrors(fields, problems, values),
  };
}

/** Returns the error for none or several of the exclusive members. */
function exactlyOneOf(fields: readonly Field[], members: readonly string[]): FormError | null {
  const [first, ...others] = fields.filter(({ name }) => members.includes(name));
  if (first === undefined) return null;
  const message = others.length === 0 ? first.missing : 'Enter a value in only one of these fields';
  return { field: first.name, message };
}
