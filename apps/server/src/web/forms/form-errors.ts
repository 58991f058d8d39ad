import {
  eachItem,
  isMissingMessage,
  lengthIn,
  PAYLOAD_MESSAGES,
  SHA256_MESSAGE,
  SHA256_MESSAGE_SHORT,
} from '#lifecycle/payload-messages';
import type { PayloadProblem } from '#lifecycle/refused';
import { BODY_SLUG_MESSAGE } from '#state-machines/body-events';
import type { FormValues } from '../form-values.ts';
import { lowerFirst, formatCount } from '../words.ts';
import { dateOf } from './fields.ts';
import { messageFor } from './for-people.ts';
import type { Field } from './fields.ts';

export interface FormError {
  /** The field, or an item in it; null if the error is of the form as a whole. */
  readonly field: string | null;
  readonly message: string;
}

export interface Shown {
  readonly values: FormValues;
  readonly errors: readonly FormError[];
}

export const errorAt = (errors: readonly FormError[], name: string): string | undefined =>
  errors.find(({ field }) => field === name)?.message;

const NOT_SHORT_NAMES = eachItem(BODY_SLUG_MESSAGE);

/** Converts payload problems to form errors, one for each pointer. */
export function formErrors(
  fields: readonly Field[],
  problems: readonly PayloadProblem[],
  values: FormValues,
): FormError[] {
  const seen = new Set<string>();
  return problems.flatMap((problem) => {
    if (seen.has(problem.pointer)) return [];
    seen.add(problem.pointer);
    return [formError(fields, problem, values)];
  });
}

function formError(
  fields: readonly Field[],
  { pointer, detail }: PayloadProblem,
  values: FormValues,
): FormError {
  const name = pointer.slice(1).replaceAll('/', '-');
  const field = fields.find((each) => each.name === name || name.startsWith(`${each.name}-`));
  if (field === undefined) return { field: null, message: messageFor(detail) };
  const within = name === field.name ? null : name.slice(field.name.length + 1);
  return {
    // A member without a field is reported at its list.
    field: within === null || 'fields' in field ? name : field.name,
    message:
      within === null ? ownMessage(field, detail, values) : withinMessage(field, within, detail, values),
  };
}

function ownMessage(field: Field, detail: string, values: FormValues): string {
  const most = lengthIn(detail);
  if (field.kind === 'date' && detail === PAYLOAD_MESSAGES.date) return dateMessage(field, values);
  if (isMissingMessage(detail)) return field.missing;
  if (field.kind === 'bodies' && detail === NOT_SHORT_NAMES)
    return 'Enter each body by its name or short name, such as avon-and-somerset';
  if (most !== null) return `${field.label} must be ${formatCount(most)} characters or fewer`;
  return messageFor(/^(?:must|is) /.test(detail) ? `${field.label} ${detail}` : detail);
}

/** Returns the message for a missing or invalid date. */
function dateMessage(field: Field, values: FormValues): string {
  const [example = '27 3 2026'] =
    /\d+ \d+ \d{4}/.exec(typeof field.hint === 'string' ? field.hint : '') ?? [];
  return dateOf(values, field.name) === undefined
    ? `${field.missing}, such as ${example}`
    : `${field.missing}: a real date with its year in full, such as ${example}`;
}

/** Returns the message for an item of a list: "Item 2: enter the SHA-256". */
function withinMessage(field: Field, within: string, detail: string, values: FormValues): string {
  const [, index, member = ''] = /^(\d+)(?:-(.+))?$/.exec(within) ?? [];
  if (index === undefined) return ownMessage(field, detail, values);
  const which = `Entry ${Number(index) + 1}`;
  if (detail === PAYLOAD_MESSAGES.date)
    return `${which} must be a real date with its year in full, such as 27 3 2026`;
  // The detail is a sentence that begins with a date.
  if (/^\d{4}-/.test(detail)) return `${which}: ${messageFor(detail)}`;
  const inner = 'fields' in field ? field.fields.find(({ name }) => name === member) : undefined;
  const words = inner === undefined ? 'it' : `the ${inSentence(inner.label)}`;
  return `${which}: ${isMissingMessage(detail) ? `enter ${words}` : `${words} ${detail === SHA256_MESSAGE ? SHA256_MESSAGE_SHORT : detail}`}`;
}

/** Returns a label in lower case, unless it is an abbreviation. */
const inSentence = (label: string): string => (/^.[A-Z]/.test(label) ? label : lowerFirst(label));
