import type { JsonObject, JsonValue } from '#event-sourcing/envelope';
import type { Element } from '../components/macro-options.ts';
import type { FormValues } from '../form-values.ts';
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
}

export interface FieldChoice {
  readonly value: string;
  readonly text: string;
  readonly hint?: string | Element;
}

type FieldKind =
  /** One line. */
  | { readonly kind: 'line'; readonly width?: 'half' | 'full'; readonly offered?: readonly FieldChoice[] }
  /** A long text. */
  | { readonly kind: 'text'; readonly rows?: number }
  | { readonly kind: 'date' }
  /** One of a few. */
  | { readonly kind: 'choice'; readonly choices: readonly FieldChoice[] }
  /** Whoever fills it in, one of the people who are known, by their subjects, or somebody else. */
  | { readonly kind: 'person'; readonly you: string; readonly known: readonly string[] }
  /** Some of a few, as a list. */
  | { readonly kind: 'ticks'; readonly choices: readonly FieldChoice[] }
  /** Yes, or nothing. */
  | { readonly kind: 'yes' }
  /** A body, by its slug. */
  | { readonly kind: 'body' }
  /** Bodies, one a line. */
  | { readonly kind: 'bodies' }
  /** Several dates, each as the `dueOn` of an item of a list. */
  | { readonly kind: 'due-dates' }
  | { readonly kind: 'evidence' }
  /** A file that is read, or its text that is pasted: no members of a payload. */
  | { readonly kind: 'file' }
  | { readonly kind: 'pasted' }
  /** Chosen before the form was shown, or the only one that it can be. */
  | { readonly kind: 'chosen'; readonly is?: FieldChoice }
  /** The ids of events that were shown, as a list; where another field chooses between lists, each under the value that chooses it. */
  | { readonly kind: 'named'; readonly of?: string; readonly lists: ReadonlyMap<string, readonly string[]> };

/** A field of a form, for one member of a payload. Few kinds do for all commands. */
export type Field = FieldWords & FieldKind;

/** The most rows of dates that a form shows, of which the last are empty. */
export const DUE_DATES_SHOWN = 4;

/** A text as it was typed: browsers send each end of a line as CRLF. */
const typed = (values: FormValues, name: string): string => values.text(name).replaceAll('\r\n', '\n');

/** Short names of bodies are small, however they are typed. */
const shortText = (kind: 'line' | 'body', text: string): string =>
  kind === 'body' ? text.trim().toLowerCase() : text.trim();

/** The payload that a form's fields make. What is left empty is left out, unless it has to be there. */
export function payloadOf(fields: readonly Field[], values: FormValues): JsonObject {
  const payload: Record<string, JsonValue> = {};
  for (const field of fields) {
    const value = valueOf(field, values);
    if (value === undefined) continue;
    const [member, within] = field.name.split('-') as [string, string?];
    if (within === undefined) payload[member] = value;
    else payload[member] = { ...(payload[member] as JsonObject | undefined), [within]: value };
  }
  return payload;
}

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
      return values.has(name) ? true : undefined;
    case 'bodies':
      return typed(values, name)
        .split(/[\n,;]/)
        .map((entry) => shortText('body', entry))
        .filter((entry) => entry !== '');
    case 'due-dates':
      return dueDatesOf(values, name);
    case 'evidence':
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

function dueDatesOf(values: FormValues, name: string): JsonValue | undefined {
  const dates = dueDateNames(values, name).flatMap((each) => dateOf(values, each) ?? []);
  return dates.length === 0 ? undefined : dates.map((dueOn) => ({ dueOn }));
}

/** The names of the dates of a list that were typed, in order. */
export function dueDateNames(values: FormValues, name: string): string[] {
  const form = new RegExp(`^(${name}-\\d{1,3}-dueOn)(?:-(?:day|month|year))?$`);
  const names = [...values.keys()].flatMap((key) => form.exec(key)?.[1] ?? []);
  return [...new Set(names)].filter((each) => dateOf(values, each) !== undefined);
}

export const DATE_PARTS = ['day', 'month', 'year'] as const;

/** What was typed into the three fields of a date, or given as one plain date in a link or a shorter form. */
export function datePartsOf(values: FormValues, name: string): Record<(typeof DATE_PARTS)[number], string> {
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
