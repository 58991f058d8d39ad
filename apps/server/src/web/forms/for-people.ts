import { isPlainDate } from '#lifecycle/plain-date';
import { labelOf } from '#lifecycle/fields';
import type { Members } from '#lifecycle/fields';
import { anyOf, eventTypeInWords, upperFirst } from '#lifecycle/words';
import { COMMAND_NAMES } from '#state-machines/any-kind';
import { lifecycles } from '#state-machines/lifecycles';
import { longDate } from '../dates.ts';
import { commandTitle, commandTitles, lowerFirst, ROLE_WORDS, stateTitle, wordsFor } from '../words.ts';

const quote = (words: string): string => `“${words}”`;

/** Returns labels for members whose names are not plain words. */
const membersIn = (members: Members): [string, string][] =>
  Object.entries(members).flatMap(([name, field]) => {
    const item = field.kind === 'list' ? field.of : field;
    const within = item.kind === 'object' ? membersIn(item.members) : [];
    return /[A-Z]/.test(name) ? [[name, `the ${lowerFirst(labelOf(name, field))}`], ...within] : within;
  });

type Words = readonly (readonly [string, string])[];

const namesIn = ({ commands, definition, reference, words }: (typeof lifecycles.currents)[number]): Words => [
  ...Object.keys(commands).map((name) => [name, quote(commandTitle(name, reference.name))] as const),
  ...Object.keys(definition.events).map((type) => [type, quote(eventTypeInWords(type))] as const),
  ...Object.values(commands).flatMap(({ payload }) => membersIn(payload.members)),
  ...Object.entries(words.members ?? {}),
];

/** Words for identifiers in API messages. */
const WORDS = new Map<string, string>([
  // Within a sentence, several words would not read as a name: "must be being progressed".
  ...lifecycles.statuses
    .filter((name) => name.includes('-'))
    .map((name) => [name, quote(stateTitle(name))] as const),
  ...Object.entries(ROLE_WORDS),
  ['recipient', 'body'],
  ...lifecycles.currents.flatMap(namesIn),
  ...COMMAND_NAMES.map((name) => [name, quote(commandTitles(name))] as const),
]);

/** Words for identifiers by kind of record, where kinds differ. */
const OF_KIND: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map(
  lifecycles.currents.map((each) => [each.reference.name, new Map(namesIn(each))]),
);

const NAMES = new RegExp(
  `(?<![\\w-])(?:${[...WORDS.keys()].toSorted((a, b) => b.length - a.length).join('|')}|\\d{4}-\\d{2}-\\d{2})(?![\\w-])`,
  'g',
);

const ROLES = Object.keys(ROLE_WORDS);

/** Returns roles in a fixed order, such as "an inspector or an approver". */
export const rolesInWords = (roles: readonly string[]): string =>
  anyOf(
    [...new Set(roles)]
      .toSorted((one, other) => ROLES.indexOf(one) - ROLES.indexOf(other))
      .map((role) => wordsFor(ROLE_WORDS, role)),
  );

/** Converts an API message to a sentence for pages. */
export function forPeople(detail: string, lifecycle?: string): string {
  const words = messageFor(detail, lifecycle);
  return words + (/[.!?]$/.test(words) ? '' : '.');
}

/** Converts an API message to a field error, without a full stop. */
export function messageFor(detail: string, lifecycle = ''): string {
  const own = OF_KIND.get(lifecycle);
  const words = detail.replaceAll(
    NAMES,
    (name) => own?.get(name) ?? WORDS.get(name) ?? (isPlainDate(name) ? longDate(name) : name),
  );
  const sentences = words
    .replaceAll(/(?<=”) or (?=“[^”]*” or “)/g, ', ')
    .replaceAll(
      /; (use|withdraw|refuse|enter|add|leave|reopen|read|list) /g,
      (_, verb: string) => `. ${upperFirst(verb)} `,
    );
  return upperFirst(sentences);
}
