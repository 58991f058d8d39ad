import type { ListedOutcome } from '#read-models/deadlines/deadlines-query';
import type { Noun, RecordKind, RecordReference } from '#lifecycle/kind';
import { DEADLINE_KINDS } from '#state-machines/capabilities/deadlines';
import type { DeadlineState } from '#state-machines/capabilities/deadlines';
import { kinds } from '#state-machines/record-streams';
import { lifecycles } from '#state-machines/lifecycles';
import { labelOf } from '#lifecycle/fields';
import { eventTypeInWords, roleInWords, titleOf, upperFirst, withArticle } from '#lifecycle/words';
import { ROLES } from '#state-machines/access';
import type { CommandWords, LifecycleWords, Titles } from '#lifecycle/words';

// Words for identifiers in the log. In one place, so that each has one name on all pages.

export const DEADLINE_WORDS: Readonly<Record<DeadlineState, string>> = {
  none: 'No deadline',
  'on-track': 'On track',
  approaching: 'Approaching',
  overdue: 'Overdue',
  escalated: 'Long overdue',
  settled: 'No longer due',
};

export const OUTCOME_WORDS: Readonly<Record<ListedOutcome, string>> = {
  met: 'Met',
  metEstablishedLater: 'Met, confirmed later',
  late: 'Late',
  stillOpen: 'Still open',
  lateAtEntry: 'Late when entered',
  withdrawn: 'Withdrawn',
  superseded: 'Superseded',
  enteredInError: 'Entered in error',
  recordedLate: 'Recorded as late',
  extended: 'Extended',
};

export const KIND_WORDS: Titles = Object.fromEntries(DEADLINE_KINDS.map((kind) => [kind, labelOf(kind)]));

export const ROLE_WORDS: Titles = Object.fromEntries(ROLES.map((role) => [role, roleInWords(role)]));

const words: readonly LifecycleWords[] = lifecycles.currents.map((each) => each.words);

/** Returns the title of an identifier from any lifecycle that defines one. */
const titles =
  (of: (words: LifecycleWords) => Titles | undefined) =>
  (name: string): string =>
    titleOf(Object.assign({}, ...words.map(of)) as Titles, name);

export function statusesIn({ name }: Pick<RecordKind, 'name'>): readonly string[] {
  const { machine, statusRegion } = lifecycles.current(name).definition;
  return Object.keys(machine.states[statusRegion]?.states ?? {});
}

export function openStatuses(kind: Pick<RecordKind, 'name'>): readonly string[] {
  const { definition, initial, code } = lifecycles.current(kind.name);
  return statusesIn(kind).filter(
    (status) => !code.summary.isClosed({ ...initial, [definition.statusRegion]: status }),
  );
}

export const OPEN_STATUSES: readonly string[] = [...new Set(kinds.all.flatMap(openStatuses))];

export const stateTitle = titles(({ states }) => states);
export const stateColour = (state: string): string =>
  words.find(({ colours = {} }) => Object.hasOwn(colours, state))?.colours?.[state] ?? 'grey';
export const regionTitle = titles(({ regions }) => regions);

/** Returns the label of an arrow in the chart. */
export function moveTitle(type: string): string {
  const own = words.find(({ moves = {} }) => Object.hasOwn(moves, type))?.moves?.[type];
  return own ?? eventTypeInWords(type);
}

/** Events recorded by commands, by issuing or by the sweep. */
const LIVE: ReadonlySet<string> = new Set(
  lifecycles.currents.flatMap(({ commands, issue, words }) => [
    ...issue.emits,
    ...(words.sweepEvents ?? []),
    ...Object.values(commands).flatMap((row) => [...row.emits, ...(row.emitsElsewhere ?? [])]),
  ]),
);

/** Returns whether others than imports record an event. */
export const isLive = (type: string): boolean => LIVE.has(type);

export const isOfSweep = (type: string): boolean =>
  words.some(({ sweepEvents = [] }) => sweepEvents.includes(type));

const commandWords = (name: string, lifecycle: string): CommandWords | undefined => {
  const { commands = {} } = lifecycles.current(lifecycle).words;
  return Object.hasOwn(commands, name) ? commands[name] : undefined;
};

/** Returns the text of a command's link or button. */
export const commandTitle = (name: string, lifecycle: string): string =>
  commandWords(name, lifecycle)?.title ?? labelOf(name);

/** Returns a command's titles in all kinds. */
export const commandTitles = (name: string): string =>
  [
    ...new Set(
      lifecycles.currents
        .filter(({ commands }) => Object.hasOwn(commands, name))
        .map(({ reference }) => commandTitle(name, reference.name)),
    ),
  ].join(' / ') || labelOf(name);

export const commandPurpose = (name: string, lifecycle: string): string =>
  commandWords(name, lifecycle)?.purpose ?? lifecycles.current(lifecycle).commands[name]?.summary ?? '';

export const queueTitle = ({ name }: RecordKind, queue: string): string =>
  lifecycles.current(name).queues[queue]?.title ?? queue;

/** Replaces an erased text. */
export const REDACTED = '[redacted]';

/** Returns the words for a name; the name itself if there are none. */
export const wordsFor = <Name extends string>(words: Readonly<Record<Name, string>>, name: string): string =>
  Object.hasOwn(words, name) ? words[name as Name] : name;

export const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
export const referenceOf = ({
  id,
  lifecycle,
}: {
  readonly id: string;
  readonly lifecycle: { readonly name: string };
}): RecordReference => ({ kind: kinds.named(lifecycle.name), id });

/** The noun for records: of the kind if there is only one. */
export const RECORD: Noun = (kinds.all.length === 1 && kinds.all[0]?.noun) || {
  singular: 'record',
  plural: 'records',
};

export const recordName = ({ kind, id }: RecordReference): string =>
  `${upperFirst(kind.noun.singular)} ${id}`;

/** Returns the title to issue a record, with the kind's own verb. */
export const issueTitle = ({ noun, verb = ISSUE }: RecordKind): string =>
  `${verb} ${withArticle(noun.singular)}`;
export const ISSUE = 'Issue';

/** Returns the label of the date on which a record began. */
export function issuedWords({ name }: RecordKind): string {
  const [type = ''] = lifecycles.current(name).issue.emits;
  return moveTitle(type);
}

export const dueOfWords = ({ noun }: RecordKind, kind: string): string =>
  kind === 'action' ? `The ${noun.singular}` : `The ${lowerFirst(labelOf(kind))}`;

const COUNT = new Intl.NumberFormat('en-GB');

export const formatCount = (count: number): string => COUNT.format(count);

/** Shortens a text that is longer than the limit. */
export const cut = (text: string, max: number): string =>
  text.length > max ? `${text.slice(0, max)}…` : text;

/** Returns a count with its noun: "1 event", "2 events". */
export const countWords = (count: number, one: string, several = `${one}s`): string =>
  `${COUNT.format(count)} ${count === 1 ? one : several}`;
