import type { JsonObject, JsonValue } from '#event-sourcing/envelope';
import type { Element } from '../components/macro-options.ts';
import { FormValues } from '../form-values.ts';
import { labelOf, wordsOf } from '#lifecycle/fields';
import type { Field as Member, Members } from '#lifecycle/fields';
import { withArticle } from '#lifecycle/words';
import { monthNumber } from '../dates.ts';

interface FieldWords {
  /** The field's name: the path of the payload member, joined by dashes (`report-name`). */
  readonly name: string;
  readonly label: string;
  readonly hint?: string | Element;
  /** The message for an empty field: "Enter a reason". */
  readonly missing: string;
  readonly isOptional?: boolean;
  /** The optional object that the field belongs to; it is left out if all its fields are empty. */
  readonly ofOptional?: string;
}

export interface FieldChoice {
  readonly value: string;
  readonly text: string;
  readonly hint?: string | Element;
}

type FieldKind =
  | { readonly kind: 'line'; readonly width?: 'half' | 'full' }
  | { readonly kind: 'text'; readonly rows?: number }
  | { readonly kind: 'date' }
  | { readonly kind: 'choice'; readonly choices: readonly FieldChoice[] }
  /** The user, a known person (by subject), or someone else. */
  | { readonly kind: 'person'; readonly you: string; readonly known: readonly string[] }
  | { readonly kind: 'ticks'; readonly choices: readonly FieldChoice[] }
  /** A checkbox: true if ticked, else absent, or false with `isNo`. */
  | { readonly kind: 'yes'; readonly isNo?: true }
  | { readonly kind: 'number' }
  | { readonly kind: 'body' }
  | { readonly kind: 'bodies' }
  | { readonly kind: 'lines' }
  /** Objects, one per row of fields. */
  | { readonly kind: 'rows'; readonly row: string; readonly fields: readonly Field[] }
  /** A file or pasted text that is read; not part of the payload. */
  | { readonly kind: 'file' }
  | { readonly kind: 'pasted' }
  /** A value that was chosen before the form, or the only possible one. */
  | { readonly kind: 'chosen'; readonly is?: FieldChoice }
  /** Ids of events that were shown. Another field (`of`) can select one of several lists. */
  | { readonly kind: 'named'; readonly of?: string; readonly lists: ReadonlyMap<string, readonly string[]> };

/** A form field for a member of a payload. */
export type Field = FieldWords & FieldKind;

/** The minimum number of rows in a form. */
export const ROWS_SHOWN = 4;

/** Browsers send line ends as CRLF. */
const typedText = (values: FormValues, name: string): string => values.text(name).replaceAll('\r\n', '\n');

/** Slugs are lower case. */
const shortText = (kind: 'line' | 'body', text: string): string =>
  kind === 'body' ? text.trim().toLowerCase() : text.trim();

/**
 * Converts form fields to a payload. Empty optional fields are left out.
 * @param within the prefix of the fields' names in the form.
 */
export function payloadOf(fields: readonly Field[], values: FormValues, within = ''): JsonObject {
  let payload: JsonObject = {};
  for (const field of fields) {
    const isLeftOut = field.ofOptional !== undefined && !isTyped(values, `${within}${field.ofOptional}-`);
    const value = isLeftOut ? undefined : valueOf({ ...field, name: within + field.name }, values);
    if (value !== undefined) payload = withMember(payload, field.name.split('-'), value);
  }
  return payload;
}

function withMember(
  payload: JsonObject,
  [member = '', ...within]: readonly string[],
  value: JsonValue,
): JsonObject {
  const inner = (payload[member] ?? {}) as JsonObject;
  return { ...payload, [member]: within.length === 0 ? value : withMember(inner, within, value) };
}

/** Returns whether any field with this prefix has a value. */
const isTyped = (values: FormValues, beginning: string): boolean =>
  [...values].some(([name, text]) => name.startsWith(beginning) && text.trim() !== '');

function valueOf(field: Field, values: FormValues): JsonValue | undefined {
  const { name, isOptional = false } = field;
  switch (field.kind) {
    case 'chosen':
      return values.text(name) || field.is?.value;
    case 'named':
      return values
        .get(listName(name, field.of === undefined ? '' : values.text(field.of)))
        ?.split(' ')
        .filter((each) => each !== '');
    case 'person':
      return (values.text(name) || values.text(otherName(name))).trim();
    case 'line':
    case 'body':
    case 'text': {
      const text =
        field.kind === 'text' ? typedText(values, name) : shortText(field.kind, typedText(values, name));
      return isOptional && text.trim() === '' ? undefined : text;
    }
    case 'date':
      return dateOf(values, name);
    case 'choice':
      return values.get(name) ?? (isOptional ? undefined : '');
    case 'ticks':
      return isOptional && !values.has(name) ? undefined : values.getAll(name);
    case 'yes':
      return values.has(name) ? true : field.isNo && !isOptional ? false : undefined;
    case 'number':
      return numberOf(typedText(values, name).trim(), isOptional);
    case 'lines': {
      const lines = typedText(values, name)
        .split('\n')
        .map((line) => line.trim());
      const entered = lines.filter((line) => line !== '');
      return isOptional && entered.length === 0 ? undefined : entered;
    }
    case 'bodies':
      return typedText(values, name)
        .split(/[\n,;]/)
        .map((entry) => shortText('body', entry))
        .filter((entry) => entry !== '');
    case 'rows': {
      const rows = rowsTyped(field, values);
      if (isOptional && rows.length === 0) return undefined;
      return rows.map((index) => payloadOf(field.fields, values, `${name}-${index}-`));
    }
    case 'file':
    case 'pasted':
      return undefined;
  }
}

/** Returns the name of the hidden input for a list of events. */
export const listName = (name: string, choice: string): string =>
  choice === '' ? name : `${name}-${choice}`;

/** Returns the name of the field for someone else. */
export const otherName = (name: string): string => `${name}-other`;

/** Returns invalid numbers as text, so that the payload check refuses them. */
function numberOf(text: string, isOptional: boolean): JsonValue | undefined {
  if (text === '') return isOptional ? undefined : '';
  return /^\d+$/.test(text) ? Number(text) : text;
}

type Rows = Extract<Field, { readonly kind: 'rows' }>;

/** Returns the indices of filled rows, in order. */
export function rowsTyped({ name }: Pick<Rows, 'name'>, values: FormValues): number[] {
  const form = new RegExp(`^${name}-(\\d{1,3})-`);
  const numbers = [...values.keys()].flatMap((key) => form.exec(key)?.[1] ?? []).map(Number);
  return [...new Set(numbers)].filter((index) => isTyped(values, `${name}-${index}-`));
}

/** Renumbers the rows without gaps. */
export function withRowsInOrder(field: Rows, values: FormValues): FormValues {
  const ordered = new FormValues();
  const rows = rowsTyped(field, values);
  for (const [key, text] of values) {
    const [, index = '', rest = ''] = new RegExp(`^${field.name}-(\\d{1,3})-(.+)$`).exec(key) ?? [];
    if (rows.includes(Number(index)) && rest !== '')
      ordered.append(`${field.name}-${rows.indexOf(Number(index))}-${rest}`, text);
  }
  return ordered;
}

/** Returns the parts of a date, from three fields or one ISO date. */
export function datePartsOf(values: FormValues, name: string): Record<'day' | 'month' | 'year', string> {
  const [, year = '', month = '', day = ''] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(values.text(name)) ?? [];
  const part = (entered: string, whole: string): string => values.get(`${name}-${entered}`)?.trim() ?? whole;
  const short = (digits: string): string => digits.replace(/^0/, '');
  return { day: part('day', short(day)), month: part('month', short(month)), year: part('year', year) };
}

/**
 * Returns an ISO date; undefined if it is empty. Invalid dates are returned as they are, for the payload
 * check to refuse.
 */
export function dateOf(values: FormValues, name: string): string | undefined {
  const { day, month, year } = datePartsOf(values, name);
  if (day === '' && month === '' && year === '') return undefined;
  // A year of two digits is not expanded, and so is refused.
  return `${year}-${monthNumber(month).padStart(2, '0')}-${day.padStart(2, '0')}`;
}

/** Sets the initial date of a field. */
export function setDate(values: FormValues, name: string, date: string | null): void {
  if (date !== null) values.set(name, date);
}

/** Overrides of the shape's fields, by record and viewer; null removes a field. */
type FieldOverrides = Readonly<Record<string, Partial<Field> | null>>;

/** Returns the form fields for the members of a payload, in order. */
export const fieldsOf = (members: Members, overrides: FieldOverrides = {}, within = ''): Field[] =>
  Object.entries(members).flatMap(([member, shape]) => {
    const name = `${within}${member}`;
    const override = Object.hasOwn(overrides, name) ? overrides[name] : {};
    if (override === null) return [];
    if (shape.kind === 'object') {
      const inner = fieldsOf(shape.members, overrides, `${name}-`);
      return shape.optional === true ? inner.map((field) => ({ ofOptional: name, ...field })) : inner;
    }
    return [{ ...fieldOf(name, member, shape), ...override } as Field];
  });

function fieldOf(name: string, member: string, shape: Member): Field {
  const label = labelOf(member, shape);
  const isOptional = shape.optional === true && shape.neededIn === undefined;
  const { hint, missing } = shape;
  const verb = shape.kind === 'oneOf' ? 'Choose' : 'Enter';
  return {
    name,
    label,
    missing: missing ?? `${verb} ${withArticle(label.toLowerCase())}`,
    ...(hint !== undefined && { hint }),
    ...(isOptional && { isOptional }),
    ...kindOf(shape),
  };
}

type Kinds = Field extends infer Each
  ? Each extends Field
    ? Omit<Each, 'name' | 'label' | 'missing'>
    : never
  : never;

function kindOf(shape: Member): Kinds {
  switch (shape.kind) {
    case 'plainDate':
      return { kind: 'date', hint: shape.hint ?? 'For example, 27 3 2027' };
    case 'oneOf':
      return { kind: 'choice', choices: choicesOf(shape) };
    case 'flag':
      return { kind: 'yes', isNo: true };
    case 'always':
      return { kind: 'yes' };
    case 'count':
      return { kind: 'number' };
    case 'sha256':
      return { kind: 'line', width: 'full' };
    case 'freeText':
      if (shape.limits?.isPerson === true) return { kind: 'person', you: '', known: [] };
      return shape.limits?.isLine === true || shape.limits?.isUrl === true
        ? { kind: 'line', width: 'full' }
        : { kind: 'text' };
    case 'list':
      return kindOfList(shape.of);
    default:
      return shape.limits?.form?.names === 'bodies' ? { kind: 'body' } : { kind: 'line', width: 'half' };
  }
}

const choicesOf = (of: Parameters<typeof wordsOf>[0]): readonly FieldChoice[] =>
  wordsOf(of).map(([value, text]) => ({ value, text }));

function kindOfList(of: Member): Kinds {
  if (of.kind === 'oneOf') return { kind: 'ticks', choices: choicesOf(of) };
  if (of.kind !== 'object') return { kind: of.limits?.form?.names === 'bodies' ? 'bodies' : 'lines' };
  return { kind: 'rows', row: of.label ?? 'Entry', fields: fieldsOf(of.members) };
}
