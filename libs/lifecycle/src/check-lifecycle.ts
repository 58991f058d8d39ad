import { BADLY_NAMED, InvalidLifecycleError, NAME } from './check-definition.ts';
import type { CommandTable } from './decide.ts';
import type { Members } from './fields.ts';
import type { IssueDefinition } from './issue.ts';
import type { RecordKind } from './kind.ts';
import type { LifecycleState } from './lifecycle-definition.ts';
import type { Lifecycle } from './lifecycle.ts';
import { nearest } from './nearest.ts';
import type { Notices } from './notices.ts';
import type { Queues } from './queue.ts';
import type { TextKind } from './summary.ts';
import type { LifecycleWords } from './words.ts';

type Problems = Generator<string>;

/** A lifecycle with its commands and words, for the check. */
interface CheckedLifecycle extends Lifecycle {
  readonly kind?: RecordKind;
  readonly commands?: CommandTable<never>;
  readonly issue?: IssueDefinition;
  readonly words?: LifecycleWords;
  readonly queues?: Queues;
  readonly notices?: Notices;
}

interface Others {
  /** The event types of all lifecycles. */
  readonly types: readonly string[];
  /** The event types that commands append to records of other kinds. */
  readonly elsewhere: readonly string[];
  /** True if new records follow it. Pages use the words of a kind's last version. */
  readonly isCurrent: boolean;
}

/**
 * Checks every lifecycle, knowing the others.
 * @param currents those that new records follow
 * @throws InvalidLifecycleError for the first with problems
 */
export function checkLifecycles(
  all: readonly CheckedLifecycle[],
  currents: readonly CheckedLifecycle[],
): void {
  const types = all.flatMap(({ definition }) => Object.keys(definition.events));
  const elsewhere = all.flatMap(({ commands = {} }) =>
    Object.values(commands).flatMap(({ emitsElsewhere = [] }) => emitsElsewhere),
  );
  for (const each of all) checkLifecycle(each, { types, elsewhere, isCurrent: currents.includes(each) });
}

/**
 * Checks that the code, commands, issue and words of a lifecycle refer only to names that exist, so that a misspelt
 * name fails at start-up and not on a page.
 * @throws InvalidLifecycleError with every problem, its location and a suggestion.
 */
function checkLifecycle(lifecycle: CheckedLifecycle, others: Others): void {
  const { name, version } = lifecycle.reference;
  const used = [
    ...namesInCode(lifecycle),
    ...namesInCommands(lifecycle, others.types),
    ...namesInQueues(lifecycle),
    ...(others.isCurrent ? namesInWords(lifecycle) : []),
  ];
  const problems = [
    ...gaps(lifecycle),
    ...used.flatMap((names) => [...unknownNames(...names)]),
    ...(others.isCurrent ? [...unusedNames(lifecycle, others), ...thrown(lifecycle)] : []),
  ];
  if (problems.length > 0) throw new InvalidLifecycleError(`${name} v${version}`, problems);
}

/** Names where they are used, and the known ones. */
type Names = readonly [place: string, what: string, names: readonly string[], known: readonly string[]];

const namesIn = (of: object | undefined): readonly string[] => Object.keys(of ?? {});

/** Yields a problem with a suggestion for each unknown name. */
function* unknownNames(...[place, what, names, known]: Names): Problems {
  for (const name of names) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    const instead = near === null ? `one of ${known.join(', ')}` : `"${near}"`;
    const mend = known.length === 0 ? 'remove it' : `use ${instead}, or remove it`;
    yield `${place}: there is no ${what} "${name}"; ${mend}`;
  }
}

/** The kinds of texts of which an event has one. */
const ONE_EACH: readonly TextKind[] = ['title', 'text', 'report', 'owner'];

/** Yields missing parts without which a record would not be shown, or nobody could use a command. */
function* gaps({
  definition,
  code,
  kind,
  commands = {},
  issue,
  queues,
  notices,
}: CheckedLifecycle): Problems {
  const { summary } = code;
  const named = { commands, queues, 'summary.waits': summary?.waits };
  for (const [place, table] of Object.entries(named))
    for (const name of namesIn(table)) if (!NAME.test(name)) yield `${place}.${name}: ${BADLY_NAMED}`;
  for (const [type, notice] of Object.entries(notices ?? {}))
    if (!NAME.test(notice.kind)) yield `notices.${type}.kind: ${BADLY_NAMED}`;
  for (const [type, at] of Object.entries(code.texts?.at ?? {}))
    for (const kind of ONE_EACH)
      if (Object.values(at).filter((each) => each === kind).length > 1)
        yield `texts.at.${type}: several texts are its "${kind}"; declare one`;
  if ((code.due === undefined) !== (code.dates === undefined))
    yield 'dates: `due` and `dates` need each other; add the missing one';
  if (kind === undefined) return;
  if (kind.name !== definition.name)
    yield `kind.name: "${kind.name}" differs from the name of the definition; use "${definition.name}"`;
  if (summary === undefined)
    yield 'summary: is missing, so lists would not show its records; use `NO_SUMMARY` if intended';
  else if (code.body !== undefined && summary.body === undefined)
    yield 'summary.body: must return the body of a record, because lists use it for access';
  if (code.body === undefined && kind.roles.body.length > 0)
    yield `kind.roles.body: no one can act as ${kind.roles.body.join(' or ')}: the code has no \`body\`, so records have none; add it, or remove these roles`;
  for (const [name, row] of Object.entries(commands)) {
    if (row.emits.length === 0)
      yield `commands.${name}.emits: is empty; add the event that records the command`;
    if (row.roles.length === 0)
      yield `commands.${name}.roles: is empty; add a role, because no one could use it`;
  }
  const first = firstTypes(definition).find((type) => issue?.emits.includes(type) === false);
  if (first !== undefined) yield `issue.emits: add "${first}", the first event of a record`;
}

/** Yields events that nothing records, and commands without words if others have some. */
function* unusedNames(
  { definition, commands, issue, words = {} }: CheckedLifecycle,
  { elsewhere }: Others,
): Problems {
  if (commands === undefined || issue === undefined) return;
  const { importEvent, sweepEvents = [], commands: titles } = words;
  const emitted = new Set([
    ...[...issue.emits, ...sweepEvents, ...elsewhere],
    ...Object.values(commands).flatMap(({ emits }) => emits),
  ]);
  // The files of an import decide which events it records.
  if (importEvent === undefined)
    for (const type of namesIn(definition.events))
      if (!emitted.has(type))
        yield `events.${type}: nothing records it; add it to \`emits\` of a command, or to \`words.sweepEvents\`, or remove it`;
  for (const name of titles === undefined ? [] : namesIn(commands))
    if (!Object.hasOwn(titles ?? {}, name))
      yield `words.commands: there is no "${name}", but other commands have words; add it, or {} to derive its title`;
}

/** Yields conditions on the state and the person that throw on a new record. */
function* thrown(lifecycle: CheckedLifecycle): Problems {
  const { kind, commands = {} } = lifecycle;
  const state = lifecycle.initialState('2000-01-01') as LifecycleState<never>;
  const actor = { subject: 'nobody', roles: [] };
  for (const [name, { state: ofState = [], people = [], roles }] of Object.entries(commands))
    for (const [place, guards] of Object.entries({ state: ofState, people }))
      for (const guard of guards)
        for (const role of kind === undefined ? [] : roles)
          try {
            if (!guard.isMet(state, actor, role)) guard.detail(state);
          } catch (error) {
            yield `commands.${name}.${place}.${guard.code}: throws on a new record for ${role}: ${String(error)}`;
          }
}

const firstTypes = ({ events }: Pick<CheckedLifecycle['definition'], 'events'>): readonly string[] =>
  Object.keys(events).filter((type) => events[type]?.kind === 'first');

const rolesIn = ({ roles }: RecordKind): readonly string[] => [...roles.staff, ...roles.body];
const roleOf = ({ noun }: RecordKind): string => `role of ${noun.plural}`;

function* namesInCode({ definition, code }: CheckedLifecycle): Generator<Names> {
  const { asides = [], dates, shapes, texts } = code;
  const types = Object.keys(shapes);
  yield ['asides', 'event', [...asides], types];
  yield ['texts.at', 'event', namesIn(texts?.at), types];
  for (const [type, at] of Object.entries(texts?.at ?? {}))
    if (shapes[type] !== undefined)
      yield [`texts.at.${type}`, 'free text', namesIn(at), shapes[type].sensitive];
  if (dates?.first !== undefined) yield ['dates.first', 'first event', [dates.first], firstTypes(definition)];
}

function* namesInCommands(
  { definition: { events, guards }, kind, commands = {}, issue }: CheckedLifecycle,
  everywhere: readonly string[],
): Generator<Names> {
  const firsts = firstTypes({ events });
  const later = Object.keys(events).filter((type) => !firsts.includes(type));
  const roles = kind === undefined ? null : rolesIn(kind);
  const what = kind === undefined ? '' : roleOf(kind);
  for (const [name, row] of Object.entries(commands)) {
    const place = `commands.${name}`;
    if (row.when !== undefined) yield [`${place}.when`, 'guard', [row.when], Object.keys(guards)];
    yield [`${place}.emits`, 'event after the first', row.emits, later];
    yield [`${place}.emitsElsewhere`, 'event', row.emitsElsewhere ?? [], everywhere];
    if (roles !== null) yield [`${place}.roles`, what, row.roles, roles];
  }
  yield ['issue.emits', 'event', issue?.emits ?? [], Object.keys(events)];
  if (roles !== null) yield ['issue.roles', what, issue?.roles ?? [], roles];
}

function* namesInQueues({
  definition,
  code,
  kind,
  queues = {},
  notices = {},
}: CheckedLifecycle): Generator<Names> {
  const { states } = definition.machine;
  const known = namesIn(code.summary?.waits);
  for (const [name, { state = {}, waits }] of Object.entries(queues)) {
    const place = `queues.${name}`;
    if (waits !== undefined) yield [`${place}.waits`, 'wait', [waits], known];
    yield [`${place}.state`, 'region', namesIn(state), Object.keys(states)];
    for (const [region, is] of Object.entries(state))
      if (states[region] !== undefined)
        yield [`${place}.state.${region}`, 'state', [is], Object.keys(states[region].states)];
  }
  yield ['notices', 'event', namesIn(notices), Object.keys(definition.events)];
  for (const [type, { opens, answers, to = [] }] of Object.entries(notices)) {
    const roles = to.flatMap((each) => (typeof each === 'object' ? each.roles : []));
    if (kind !== undefined) yield [`notices.${type}.to`, roleOf(kind), roles, rolesIn(kind)];
    for (const [member, wait] of Object.entries({ opens, answers }))
      if (wait !== undefined) yield [`notices.${type}.${member}`, 'wait', [wait], known];
  }
}

function* namesInWords({ definition, code, commands, issue, words }: CheckedLifecycle): Generator<Names> {
  if (words === undefined || commands === undefined || issue === undefined) return;
  const { states } = definition.machine;
  const types = Object.keys(definition.events);
  const names = Object.keys(commands);
  const members = [issue, ...Object.values(commands)].flatMap(({ payload }) => membersIn(payload.members));
  const inRegions = Object.values(states).flatMap((region) => Object.keys(region.states));
  yield ['words.states', 'state', namesIn(words.states), inRegions];
  yield ['words.regions', 'region', namesIn(words.regions), Object.keys(states)];
  yield ['words.moves', 'event', namesIn(words.moves), types];
  yield ['words.sweepEvents', 'event', words.sweepEvents ?? [], types];
  yield ['words.importEvent', 'event', [words.importEvent ?? []].flat(), types];
  yield ['words.commands', 'command', namesIn(words.commands), names];
  yield ['words.forms', 'command', namesIn(words.forms), names];
  yield ['words.foundDates', 'command', Object.values(words.foundDates ?? {}), names];
  yield ['words.members', 'member of payloads', namesIn(words.members), members];
  for (const [rule, member] of Object.entries(words.ruleMembers ?? {}))
    yield [`words.ruleMembers.${rule}`, 'member of payloads', [member], members];
  for (const [wait, { decidedBy = [] }] of Object.entries(code.summary?.waits ?? {}))
    yield [`summary.waits.${wait}.decidedBy`, 'command', decidedBy, names];
}

/** Returns the names of all members, nested ones included. */
function membersIn(members: Members): readonly string[] {
  return Object.entries(members).flatMap(([name, field]) => {
    const inner = field.kind === 'list' ? field.of : field;
    return [name, ...(inner.kind === 'object' ? membersIn(inner.members) : [])];
  });
}
