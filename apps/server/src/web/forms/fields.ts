import type { JsonObject, JsonValue } from '#event-sourcing/envelope';
import type { Element } from '../components/macro-options.ts';
import { FormValues } from '../form-values.ts';
import { evidenceOf } from './evidence-items.ts';

/** What every field says of itself. */
interface FieldWords {
  /** Of the field in the form: the member of the payload, where one is in another with a dash between (`report-name`). */
  readonly name: string;
  readonly label: string;
  readonly hint?: string | Element;
  /** What is said where it is left empty: "Enter a reason". */
  readonly missing: string;
  readonly isOptional?: boolean;
  /** It is in an object that may be left out: all of this name are, where none of them holds anything. */
  readonly ofOptional?: string;
}

export interface FieldChoice {
  readonly value: string;
  readonly text: string;
  readonly hint?: string | Element;
}

type FieldKind =
  /** One line. */
  | { readonly kind: 'line'; readonly width?: 'half' | 'full' }
  /** A long text. */
  | { readonly kind: 'text'; readonly rows?: number }
  | { readonly kind: 'date' }
  /** One of a few. */
  | { readonly kind: 'choice'; readonly choices: readonly FieldChoice[] }
  /** Whoever fills it in, one of the people who are known, by their subjects, or somebody else. */
  | { readonly kind: 'person'; readonly you: string; readonly known: readonly string[] }
  /** Some of a few, as a list. */
  | { readonly kind: 'ticks'; readonly choices: readonly FieldChoice[] }
  /** Yes; nothing, or no, where it is not ticked. */
  | { readonly kind: 'yes'; readonly isNo?: true }
  | { readonly kind: 'number' }
  /** A body, by its slug. */
  | { readonly kind: 'body' }
  /** Bodies, one a line. */
  | { readonly kind: 'bodies' }
  /** Several texts, one a line. */
  | { readonly kind: 'lines' }
  /** Several objects, each in a row of fields of its own. */
  | { readonly kind: 'rows'; readonly row: string; readonly fields: readonly Field[] }
  /** Files that are known by their digests. */
  | { readonly kind: 'files'; readonly fields: readonly Field[] }
  /** A file that is read, or its text that is pasted: no members of a payload. */
  | { readonly kind: 'file' }
  | { readonly kind: 'pasted' }
  /** Chosen before the form was shown, or the only one that it can be. */
  | { readonly kind: 'chosen'; readonly is?: FieldChoice }
  /** The ids of events that were shown, as a list; where another field chooses between lists, each under the value that chooses it. */
  | { readonly kind: 'named'; readonly of?: string; readonly lists: ReadonlyMap<string, readonly string[]> };

/** A field of a form, for one member of a payload. Few kinds do for all commands. */
export type Field = FieldWords & FieldKind;

/** So many rows a form shows, of which the last are empty. */
export const ROWS_SHOWN = 4;

/** A text as it was typed: browsers send each end of a line as CRLF. */
const typed = (values: FormValues, name: string): string => values.text(name).replaceAll('\r\n', '\n');

/** Short names of bodies are small, however they are typed. */
const shortText = (kind: 'line' | 'body', text: string): string =>
  kind === 'body' ? text.trim().toLowerCase() : text.trim();

/**
 * The payload that a form's fields make. What is left empty is left out, unless it has to be there.
 * @param within with what the names of the fields begin in the form
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

/** Whether anything was typed into a field whose name begins so. */
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
      const text = field.kind === 'text' ? typed(values, name) : shortText(field.kind, typed(values, name));
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
      return numberOf(typed(values, name).trim(), isOptional);
    case 'lines': {
      const lines = typed(values, name)
        .split('\n')
        .map((line) => line.trim());
      const given = lines.filter((line) => line !== '');
      return isOptional && given.length === 0 ? undefined : given;
    }
    case 'bodies':
      return typed(values, name)
        .split(/[\n,;]/)
        .map((entry) => shortText('body', entry))
        .filter((entry) => entry !== '');
    case 'rows': {
      const rows = rowsTyped(field, values);
      if (isOptional && rows.length === 0) return undefined;
      return rows.map((index) => payloadOf(field.fields, values, `${name}-${index}-`));
    }
    case 'files':
      return evidenceOf(values, name);
    case 'file':
    case 'pasted':
      return undefined;
  }
}

/** The hidden input for one list of events. */
export const listName = (name: string, choice: string): string =>
  choice === '' ? name : `${name}-${choice}`;

/** The field into which somebody else is typed. */
export const otherName = (name: string): string => `${name}-other`;

/** What is no number is told as it was typed, to be refused. */
function numberOf(text: string, isOptional: boolean): JsonValue | undefined {
  if (text === '') return isOptional ? undefined : '';
  return /^\d+$/.test(text) ? Number(text) : text;
}

type Rows = Extract<Field, { readonly kind: 'rows' }>;

/** The numbers of the rows into which something was typed, in order. */
export function rowsTyped({ name }: Pick<Rows, 'name'>, values: FormValues): number[] {
  const form = new RegExp(`^${name}-(\\d{1,3})-`);
  const numbers = [...values.keys()].flatMap((key) => form.exec(key)?.[1] ?? []).map(Number);
  return [...new Set(numbers)].filter((index) => isTyped(values, `${name}-${index}-`));
}

/** What was typed, with the rows one after the other, as the payload has them. */
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

/** What was typed into the three fields of a date, or given as one plain date in a link or a shorter form. */
export function datePartsOf(values: FormValues, name: string): Record<'day' | 'month' | 'year', string> {
  const [, year = '', month = '', day = ''] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(values.text(name)) ?? [];
  const part = (given: string, whole: string): string => values.get(`${name}-${given}`)?.trim() ?? whole;
  const short = (digits: string): string => digits.replace(/^0/, '');
  return { day: part('day', short(day)), month: part('month', short(month)), year: part('year', year) };
}

/** A date as payloads have it; undefined where nothing was typed. What is no date is told as it was typed, to be refused. */
export function dateOf(values: FormValues, name: string): string | undefined {
  const { day, month, year } = datePartsOf(values, name);
  if (day === '' && month === '' && year === '') return undefined;
  // A year of two digits is not guessed: it is no date, and is told so.
  return `${year}-${monthOf(month).padStart(2, '0')}-${day.padStart(2, '0')}`;
}

const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

/** A month as a number, where it is told by its name or the beginning of it: 11 for Nov. */
function monthOf(given: string): string {
  const index = given.length < 3 ? -1 : MONTHS.findIndex((name) => name.startsWith(given.toLowerCase()));
  return index < 0 ? given : String(index + 1);
}

/** Lets a date's fields begin with a day. */
export function setDate(values: FormValues, name: string, date: string | null): void {
  if (date !== null) values.set(name, date);
}
