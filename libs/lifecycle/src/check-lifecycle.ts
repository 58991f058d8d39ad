import type { Members } from './fields.ts';
import type { RecordKind } from './kind.ts';
import type { CommandedLifecycle, Lifecycles } from './lifecycles.ts';
import { writtenArrows } from './lifecycle-definition.ts';
import { nearest } from './nearest.ts';

type Problems = Generator<string>;

/**
 * Checks that the code, commands, issue and words of every lifecycle refer only to names that exist, so that a misspelt
 * name fails at start-up and not on a page.
 * @throws Error for the first with problems: each with its location and a suggestion
 */
export function checkLifecycles({ all, currents }: Lifecycles): void {
  const types = all.flatMap(({ definition }) => Object.keys(definition.events));
  for (const lifecycle of all) {
    const used = [
      ...namesInCode(lifecycle),
      ...namesInCommands(lifecycle, types),
      ...namesInQueues(lifecycle),
      // Pages use the words of a kind's last version.
      ...(currents.includes(lifecycle) ? namesInWords(lifecycle) : []),
    ];
    const problems = [
      ...undecided(lifecycle),
      ...gaps(lifecycle),
      ...used.flatMap((names) => [...unknownNames(...names)]),
    ];
    const { name, version } = lifecycle.reference;
    if (problems.length > 0)
      throw new Error(
        `Lifecycle ${name} v${version} is not valid:\n${problems.map((each) => `  - ${each}`).join('\n')}`,
      );
  }
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

// xstate uses names in paths, where a dot separates and a star matches everything.
const NAME = /^[a-z][a-z0-9-]{0,62}$/;

/** Yields why the machine would not decide as its definition says. `definition.spec.ts` checks the rest of it. */
function* undecided({ definition }: CommandedLifecycle): Problems {
  const { name, guards, machine, events } = definition;
  const states = Object.values(machine.states).flatMap((region) => Object.keys(region.states));
  for (const each of [name, ...namesIn(guards), ...namesIn(machine.states), ...states])
    if (!NAME.test(each)) yield `definition: "${each}" must consist of lower-case letters, digits and dashes`;
  const arrows = [...writtenArrows(definition)];
  for (const { place, region, event, guard } of arrows) {
    const declared = events[event];
    if (guard !== null && declared?.kind === 'move' && declared.owner !== region)
      yield `${place}: a following region cannot have a guard; the owner decides`;
  }
  for (const [place, own] of Map.groupBy(arrows, ({ region, event }) => `${event}: in "${region}"`)) {
    const targets = new Set(own.map(({ target }) => target));
    if (targets.size > 1) yield `events.${place} it has several targets: ${[...targets].join(', ')}`;
  }
}

/** Yields missing parts without which a record would not be shown, or nobody could use a command. */
function* gaps({ code, kind, commands }: CommandedLifecycle): Problems {
  if ((code.due === undefined) !== (code.dates === undefined))
    yield 'dates: `due` and `dates` need each other; add the missing one';
  if (code.body !== undefined && code.summary.body === undefined)
    yield 'summary.body: must return the body of a record, because lists use it for access';
  if (code.body === undefined && kind.roles.body.length > 0)
    yield `kind.roles.body: no one can act as ${kind.roles.body.join(' or ')}: the code has no \`body\`, so records have none; add it, or remove these roles`;
  for (const [name, { roles }] of Object.entries(commands))
    if (roles.length === 0) yield `commands.${name}.roles: is empty; add a role, because no one could use it`;
}

const firstTypes = ({ events }: Pick<CommandedLifecycle['definition'], 'events'>): readonly string[] =>
  Object.keys(events).filter((type) => events[type]?.kind === 'first');

const rolesIn = ({ roles }: RecordKind): readonly string[] => [...roles.staff, ...roles.body];
const roleOf = ({ noun }: RecordKind): string => `role of ${noun.plural}`;

function* namesInCode({ definition, code }: CommandedLifecycle): Generator<Names> {
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
  { definition: { events, guards }, kind, commands, issue }: CommandedLifecycle,
  everywhere: readonly string[],
): Generator<Names> {
  const firsts = firstTypes({ events });
  const later = Object.keys(events).filter((type) => !firsts.includes(type));
  const [what, roles] = [roleOf(kind), rolesIn(kind)];
  for (const [name, row] of Object.entries(commands)) {
    const place = `commands.${name}`;
    if (row.when !== undefined) yield [`${place}.when`, 'guard', [row.when], Object.keys(guards)];
    yield [`${place}.emits`, 'event after the first', row.emits, later];
    yield [`${place}.emitsElsewhere`, 'event', row.emitsElsewhere ?? [], everywhere];
    yield [`${place}.roles`, what, row.roles, roles];
  }
  yield ['issue.emits', 'event', issue.emits, Object.keys(events)];
  yield ['issue.roles', what, issue.roles, roles];
}

function* namesInQueues({
  definition,
  code,
  kind,
  queues,
  notices = {},
}: CommandedLifecycle): Generator<Names> {
  const { states } = definition.machine;
  const known = namesIn(code.summary.waits);
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
    yield [`notices.${type}.to`, roleOf(kind), roles, rolesIn(kind)];
    for (const [member, wait] of Object.entries({ opens, answers }))
      if (wait !== undefined) yield [`notices.${type}.${member}`, 'wait', [wait], known];
  }
}

function* namesInWords({ definition, code, commands, issue, words }: CommandedLifecycle): Generator<Names> {
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
  for (const [wait, { decidedBy = [] }] of Object.entries(code.summary.waits ?? {}))
    yield [`summary.waits.${wait}.decidedBy`, 'command', decidedBy, names];
}

/** Returns the names of all members, nested ones included. */
function membersIn(members: Members): readonly string[] {
  return Object.entries(members).flatMap(([name, field]) => {
    const inner = field.kind === 'list' ? field.of : field;
    return [name, ...(inner.kind === 'object' ? membersIn(inner.members) : [])];
  });
}
