import type { FormTable, HistoryLine } from './command-form.ts';
import { labelOf } from './fields.ts';
import type { FoldedEvent } from './folded-event.ts';

export type Titles = Readonly<Record<string, string>>;

/** How pages name a command, and what they say before it is given. */
export interface CommandWords {
  readonly title?: string;
  /** The command's summary if absent. */
  readonly purpose?: string;
}

/** What people see the names of a lifecycle called. What is left out follows from the name itself. */
export interface LifecycleWords {
  readonly states?: Titles;
  /** Of the tags of states; grey if absent. */
  readonly colours?: Readonly<Record<string, 'yellow' | 'blue' | 'green' | 'red' | 'grey'>>;
  readonly regions?: Titles;
  /** Types of events as the arrows of the chart. */
  readonly moves?: Titles;
  readonly commands?: Readonly<Record<string, CommandWords>>;
  /** Members of payloads as sentences have them: `the date`. */
  readonly members?: Titles;
  /** Codes of rules, each with the member of the payload that it is about. */
  readonly ruleMembers?: Titles;
  /** Types of events that no person records. */
  readonly sweepEvents?: readonly string[];
  /** The type of event by which an import says which file it was; what else it records is of the file. */
  readonly importEvent?: string;
  /** What somebody with these roles comes to a record in this state for, the likeliest first. */
  likeliest?(state: Readonly<Record<string, string>>, roles: readonly string[]): readonly string[];
  /** Where the form that begins a record has a text in which dates are found, and the date of its publication. */
  readonly datesInText?: { readonly text: string; readonly publishedOn: string };
  /** The commands that take a date that was found in the text, or dismiss it. */
  readonly foundDates?: { readonly confirm: string; readonly dismiss: string };
  /** What a page calls the text of a record. */
  readonly textHeading?: string;
  /** What the page of help says of the way of its records to their end, by topic. */
  readonly help?: readonly { readonly topic: string; readonly says: string }[];
  readonly forms?: FormTable;
  /** The command by which a person corrects a line of a history that they wrote; absent where there is none. */
  correctedBy?(line: HistoryLine, person: string): string | undefined;
  /**
   * Members of events, of whichever type, that histories leave out; and those that headlines tell, beside what those of `headlines`
   * read. All others are told by their labels.
   */
  readonly headlineMembers?: readonly string[];
  /** Types of events whose reason is a code that the headline tells. */
  readonly headlineTellsReason?: readonly string[];
  /** Types of events as lines of a history, whatever is missing of their data. */
  readonly headlines?: Readonly<Record<string, Headline>>;
  /** An event as a line of a history, where its type alone does not tell; also where texts of it were erased. */
  headline?(event: FoldedEvent): string;
}

/** A line of a history, as it is or by the data of its event. */
export type Headline<Data extends object = Readonly<Record<string, unknown>>> =
  string | { said(data: Partial<Data>): string }['said'];

/** An event as a line of a history. */
export function headlineOf(words: LifecycleWords | undefined, event: FoldedEvent): string {
  if (words?.headline !== undefined) return words.headline(event);
  const headlines = words?.headlines;
  const headline = headlines && Object.hasOwn(headlines, event.type) ? headlines[event.type] : undefined;
  if (headline === undefined) return words?.moves?.[event.type] ?? eventTypeInWords(event.type);
  return typeof headline === 'string' ? headline : headline(event.data);
}

/** Whether a history leaves out a member of an event, since its headline reads it: of a list or an object that is no more than a part. */
export function isInHeadline(
  { headlines, headlineMembers = [] }: LifecycleWords,
  type: string,
  [name, said]: readonly [name: string, said: unknown],
): boolean {
  if (headlineMembers.includes(name)) return true;
  const headline = headlines && Object.hasOwn(headlines, type) ? headlines[type] : undefined;
  if (typeof headline !== 'function' || (typeof said === 'object' && said !== null)) return false;
  let isRead = false;
  headline(Object.defineProperty({}, name, { get: () => void (isRead = true) }));
  return isRead;
}

export const titleOf = (titles: Titles | undefined, name: string): string =>
  (titles && Object.hasOwn(titles, name) ? titles[name] : undefined) ?? labelOf(name);

/** The name of an event type in words: `PageTorn` as `Page torn`. */
export function eventTypeInWords(type: string): string {
  const words = type.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Whether a word begins as `urgent` does, and not as `unit`, `user` or `one`. */
const BEGINS_WITH_VOWEL =
  /^(?!eu|one\b|once\b|u(?:ni(?!n|m)|s[aeu]|t[ei]|ran))[aeiou]|^(?:hour|honou?r|honest|heir)/i;

/** A noun as a sentence has one of it. */
export const withArticle = (noun: string): string => `${BEGINS_WITH_VOWEL.test(noun) ? 'an' : 'a'} ${noun}`;

/** A role as a sentence names it: `force lead`. */
export const roleInWords = (role: string): string => role.replaceAll('-', ' ');

const EITHER = new Intl.ListFormat('en-GB', { type: 'disjunction' });

/** Nouns as a sentence names one of them: `a clerk, a keeper or an owner`. */
export const anyOf = (nouns: readonly string[]): string => EITHER.format(nouns.map(withArticle));

/** Roles as a sentence names a person who has one of them. */
export const oneOfRoles = (roles: readonly string[]): string => anyOf(roles.map(roleInWords));

/** Names as a sentence has them: one, another and a third. */
export const inOneSentence = (names: readonly string[]): string =>
  new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(names);

export const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
