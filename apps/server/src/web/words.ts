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

// What stands in the log by a name, in the words of the people who read pages. One place, so that a status has one name
// wherever it is met.

export const DEADLINE_WORDS: Readonly<Record<DeadlineState, string>> = {
  none: 'No deadline',
  'on-track': 'On track',
  approaching: 'Approaching',
  overdue: 'Overdue',
  escalated: 'Long overdue',
  settled: 'Settled',
};

/** The outcomes of deadlines that fell due. */
export const OUTCOME_WORDS: Readonly<Record<ListedOutcome, string>> = {
  met: 'Met',
  metEstablishedLater: 'Met, established later',
  late: 'Late',
  stillOpen: 'Still open',
  lateAtEntry: 'Late when entered',
  withdrawn: 'Withdrawn',
  superseded: 'Superseded',
  enteredInError: 'Entered in error',
  recordedLate: 'Recorded as late',
  extended: 'Put off',
};

/** The kinds of deadlines. */
export const KIND_WORDS: Titles = Object.fromEntries(DEADLINE_KINDS.map((kind) => [kind, labelOf(kind)]));

/** A role is called as it is named. */
export const ROLE_WORDS: Titles = Object.fromEntries(ROLES.map((role) => [role, roleInWords(role)]));

const words: readonly LifecycleWords[] = lifecycles.currents.map((each) => each.words);

/** Of what belongs to a lifecycle, by whichever has words of its own for a name. */
const titles =
  (of: (words: LifecycleWords) => Titles | undefined) =>
  (name: string): string =>
    titleOf(Object.assign({}, ...words.map(of)) as Titles, name);

/** The statuses that records of a kind can have. */
export function statusesIn({ name }: Pick<RecordKind, 'name'>): readonly string[] {
  const { machine, statusRegion } = lifecycles.current(name).definition;
  return Object.keys(machine.states[statusRegion]?.states ?? {});
}

/** The statuses in which records of a kind are open. */
export function openStatuses(kind: Pick<RecordKind, 'name'>): readonly string[] {
  const { definition, initial, code } = lifecycles.current(kind.name);
  return statusesIn(kind).filter(
    (status) => code.summary?.isClosed({ ...initial, [definition.statusRegion]: status }) !== true,
  );
}

/** The statuses of records that are open, of whichever kind. */
export const OPEN_STATUSES: readonly string[] = [...new Set(kinds.all.flatMap(openStatuses))];

export const stateTitle = titles(({ states }) => states);
/** Of the tag of a state. */
export const stateColour = (state: string): string =>
  words.find(({ colours = {} }) => Object.hasOwn(colours, state))?.colours?.[state] ?? 'grey';
export const regionTitle = titles(({ regions }) => regions);

/** A move, as the chart writes it at an arrow. */
export function moveTitle(type: string): string {
  const own = words.find(({ moves = {} }) => Object.hasOwn(moves, type))?.moves?.[type];
  return own ?? eventTypeInWords(type);
}

export const isOfSweep = (type: string): boolean =>
  words.some(({ sweepEvents = [] }) => sweepEvents.includes(type));

const commandWords = (name: string, lifecycle: string): CommandWords | undefined => {
  const { commands = {} } = lifecycles.current(lifecycle).words;
  return Object.hasOwn(commands, name) ? commands[name] : undefined;
};

/** What somebody does by a command, as a link or a button says it. */
export const commandTitle = (name: string, lifecycle: string): string =>
  commandWords(name, lifecycle)?.title ?? labelOf(name);

/** What a command is called where the kind of record is not known: by each kind that calls it otherwise. */
export const commandTitles = (name: string): string =>
  [
    ...new Set(
      lifecycles.currents
        .filter(({ commands }) => Object.hasOwn(commands, name))
        .map(({ reference }) => commandTitle(name, reference.name)),
    ),
  ].join(' / ') || labelOf(name);

/** What a command is for, said to the person who is about to give it. */
export const commandPurpose = (name: string, lifecycle: string): string =>
  commandWords(name, lifecycle)?.purpose ?? lifecycles.current(lifecycle).commands[name]?.summary ?? '';

/** What waits for somebody, by its name in the queues of a kind. */
export const queueTitle = ({ name }: RecordKind, queue: string): string =>
  lifecycles.current(name).queues[queue]?.title ?? queue;

/** What is shown where a text was erased. */
export const REDACTED = '[redacted]';

/** The words for a name, or the name itself where a lifecycle has one that no page knows. */
export const wordsFor = <Name extends string>(words: Readonly<Record<Name, string>>, name: string): string =>
  Object.hasOwn(words, name) ? words[name as Name] : name;

export const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
/** The kind of a record, as it is read. */
export const referenceOf = ({
  id,
  lifecycle,
}: {
  readonly id: string;
  readonly lifecycle: { readonly name: string };
}): RecordReference => ({ kind: kinds.named(lifecycle.name), id });

/** What one record and several are called where there may be several kinds. */
export const RECORD: Noun = (kinds.all.length === 1 && kinds.all[0]?.noun) || {
  singular: 'record',
  plural: 'records',
};

/** A record as a breadcrumb names it. */
export const recordName = ({ kind, id }: RecordReference): string =>
  `${upperFirst(kind.noun.singular)} ${id}`;

/** What somebody does who begins a record. */
export const issueTitle = ({ noun, verb = ISSUE }: RecordKind): string =>
  `${verb} ${withArticle(noun.singular)}`;
export const ISSUE = 'Issue';

/** What the day is called on which a record began. */
export function issuedWords({ name }: RecordKind): string {
  const [type = ''] = lifecycles.current(name).issue.emits;
  return moveTitle(type);
}

/** What a date of a record is for. */
export const dueOfWords = ({ noun }: RecordKind, kind: string): string =>
  kind === 'action' ? `The ${noun.singular}` : `The ${lowerFirst(labelOf(kind))}`;

const COUNT = new Intl.NumberFormat('en-GB');

/** A count with its noun: "1 event", "2 events". */
export const counted = (count: number, one: string, several = `${one}s`): string =>
  `${COUNT.format(count)} ${count === 1 ? one : several}`;
