import type { FormTable, HistoryLine } from './command-form.ts';
import { labelOf } from './fields.ts';
import type { FoldedEvent } from './folded-event.ts';

export type Titles = Readonly<Record<string, string>>;

/** The title of a command, and its description on the form. */
export interface CommandWords {
  readonly title?: string;
  /** The command's summary if absent. */
  readonly purpose?: string;
}

/** The labels of a lifecycle. A missing label is derived from the name. */
export interface LifecycleWords {
  readonly states?: Titles;
  /** The colours of status tags by status; grey if absent. */
  readonly colours?: Readonly<Record<string, 'yellow' | 'blue' | 'green' | 'red' | 'grey'>>;
  readonly regions?: Titles;
  /** Labels of arrows by event type. */
  readonly moves?: Titles;
  readonly commands?: Readonly<Record<string, CommandWords>>;
  /** Labels of payload members within sentences: `the date`. */
  readonly members?: Titles;
  /** The payload member to which each rule's code refers. */
  readonly ruleMembers?: Titles;
  /** Event types that are recorded only by the sweep. */
  readonly sweepEvents?: readonly string[];
  /** The event type with which an import records its file. All other events of an import come from that file. */
  readonly importEvent?: string;
  /** Returns the commands that people with these roles most likely need in this state, the likeliest first. */
  likeliest?(state: Readonly<Record<string, string>>, roles: readonly string[]): readonly string[];
  /** The member of the creation form whose text is searched for dates, and the member with the publication date. */
  readonly datesInText?: { readonly text: string; readonly publishedOn: string };
  /** The commands that confirm or dismiss a date found in the text. */
  readonly foundDates?: { readonly confirm: string; readonly dismiss: string };
  /** The heading of a record's text. */
  readonly textHeading?: string;
  /** The help page's topics on how records are closed. */
  readonly help?: readonly { readonly topic: string; readonly text: string }[];
  readonly forms?: FormTable;
  /** Returns the command with which the author of a history entry can correct it; undefined if there is none. */
  correctedBy?(line: HistoryLine, person: string): string | undefined;
  /**
   * Members of events of any type that histories leave out, because they are internal or part of the headline. All
   * others are shown with their labels.
   */
  readonly headlineMembers?: readonly string[];
  /** Event types whose headline already contains the reason code. */
  readonly headlinesWithReason?: readonly string[];
  /** History entries by event type; the event's data may be missing. */
  readonly headlines?: Readonly<Record<string, Headline>>;
}

/** A history entry's headline, fixed or computed from the event; its texts may be erased. */
export type Headline<Data extends object = Readonly<Record<string, unknown>>> =
  | string
  | { line(data: Partial<Data>, event: Pick<FoldedEvent, 'commitments'>): string }['line'];

/** Returns the headline of an event in histories. */
export function headlineOf(words: LifecycleWords | undefined, event: FoldedEvent): string {
  const headlines = words?.headlines;
  const headline = headlines && Object.hasOwn(headlines, event.type) ? headlines[event.type] : undefined;
  if (headline === undefined) return words?.moves?.[event.type] ?? eventTypeInWords(event.type);
  return typeof headline === 'string' ? headline : headline(event.data, event);
}

export const titleOf = (titles: Titles | undefined, name: string): string =>
  (titles && Object.hasOwn(titles, name) ? titles[name] : undefined) ?? labelOf(name);

/** Returns an event type as words: `PageTorn` as `Page torn`. */
export function eventTypeInWords(type: string): string {
  const words = type.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Matches words such as `urgent`, but not `unit`, `user` or `one`. */
const BEGINS_WITH_VOWEL =
  /^(?!eu|one\b|once\b|u(?:ni(?!n|m)|s[aeu]|t[ei]|ran))[aeiou]|^(?:hour|honou?r|honest|heir)/i;

/** Returns a noun with its indefinite article. */
export const withArticle = (noun: string): string => `${BEGINS_WITH_VOWEL.test(noun) ? 'an' : 'a'} ${noun}`;

/** Returns a role as words: `deputy keeper`. */
export const roleInWords = (role: string): string => role.replaceAll('-', ' ');

const EITHER = new Intl.ListFormat('en-GB', { type: 'disjunction' });

/** Returns names as alternatives: `one, another or a third`. */
export const eitherOf = (names: readonly string[]): string => EITHER.format(names);

/** Returns nouns as alternatives: `a clerk, a keeper or an owner`. */
export const anyOf = (nouns: readonly string[]): string => eitherOf(nouns.map(withArticle));

/** Returns roles as alternatives, each with its article. */
export const oneOfRoles = (roles: readonly string[]): string => anyOf(roles.map(roleInWords));

/** Returns names as an enumeration: `one, another and a third`. */
export const inOneSentence = (names: readonly string[]): string =>
  new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(names);

export const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
