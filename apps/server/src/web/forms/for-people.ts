import { isPlainDate } from '#lifecycle/plain-date';
import { eventTypeInWords } from '#read-models/timeline/timeline';
import { events } from '#state-machines/inspection-recommendation/v1/events';
import { longDate } from '../dates.ts';
import { stateWords } from '../record/chart-in-words.ts';
import { COMMAND_WORDS, ROLE_WORDS, STATUS_WORDS, wordsFor } from '../words.ts';

const lower = (words: Readonly<Record<string, string>>): [string, string][] =>
  Object.entries(words).map(([name, text]) => [name, text.charAt(0).toLowerCase() + text.slice(1)]);

/** What stands in sentences for programs, and what people call it. */
const WORDS = new Map<string, string>([
  ...lower(STATUS_WORDS),
  ...lower(ROLE_WORDS),
  ...Object.entries(COMMAND_WORDS).map(([name, text]) => [name, `“${text}”`] as const),
  ...Object.keys(events).map((type) => [type, `“${eventTypeInWords(type)}”`] as const),
  // Members of payloads, which are no words.
  ['effectiveOn', 'the effective date'],
  ['dueOn', 'the date'],
  ['responseDueOn', 'the date of the response'],
  ['responseRequired', 'whether a response is required'],
  ['publishedOn', 'the date of publication'],
  ['publishedElsewhere', 'where it was published'],
  ['supersededBy', 'the recommendation that replaces it'],
  ['deadlineId', 'the deadline'],
  ['eventId', 'the entry'],
  ['mediaType', 'the media type'],
]);

const NAMES = new RegExp(
  `(?<![\\w-])(?:${[...WORDS.keys()].toSorted((a, b) => b.length - a.length).join('|')}|\\d{4}-\\d{2}-\\d{2})(?![\\w-])`,
  'g',
);

const ROLES = Object.keys(ROLE_WORDS);

/** Roles as a sentence names them, each once and always in one order: an approver or a force lead. */
export const rolesInWords = (roles: readonly string[]): string =>
  [...new Set(roles)]
    .toSorted((one, other) => ROLES.indexOf(one) - ROLES.indexOf(other))
    .map((role) => `${/^[aeio]/.test(role) ? 'an' : 'a'} ${wordsFor(ROLE_WORDS, role)}`)
    .join(' or ');

const FOR_ROLES = /^\S+ is for ([a-z-]+(?: or [a-z-]+)*); you have ([a-z-]+(?:, [a-z-]+)*)$/;

/** Whose roles a refusal names as those that would do; null for what is told of roles in another way. */
export const rolesWanted = (detail: string): string | null => {
  const [, wanted] = FOR_ROLES.exec(detail) ?? [];
  return wanted === undefined ? null : rolesInWords(wanted.split(' or '));
};

/** Why none of somebody's roles will do; null as above. */
function ofRoles(detail: string): string | null {
  const [, , held] = FOR_ROLES.exec(detail) ?? [];
  if (held === undefined) return null;
  return `This is for ${rolesWanted(detail)}. You are signed in as ${rolesInWords(held.split(', '))}.`;
}

const OF_STATE =
  /(?<=(?:^|\. )The (?:record|state of its [a-z ]+) must be )([a-z -]+); it is ([a-z-]+)(?=$|\. |; )/g;

/** States as names: within a sentence they read as words of it, "must be being progressed". */
function statesQuoted(_: string, wanted: string, is: string): string {
  const quoted = wanted.split(' or ').map((name) => `“${stateWords(name)}”`);
  return `${quoted.join(' or ')}; it is “${stateWords(is)}”`;
}

/** A refusal's sentence with the words that pages have for what it names. */
export function forPeople(detail: string): string {
  const roles = ofRoles(detail);
  if (roles !== null) return roles;
  const words = messageFor(detail);
  return words + (/[.!?]$/.test(words) ? '' : '.');
}

/** The same of what is wrong in a field, as an error message has no full stop. */
export function messageFor(detail: string): string {
  const words = detail
    .replaceAll(OF_STATE, statesQuoted)
    .replaceAll(NAMES, (name) => WORDS.get(name) ?? (isPlainDate(name) ? longDate(name) : name));
  return words.charAt(0).toUpperCase() + words.slice(1);
}
