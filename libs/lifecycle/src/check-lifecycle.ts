import { pointerTokens } from '#event-sourcing/erasure';
import type { Pointer, StateValue } from '#event-sourcing/envelope';
import type { LifecycleAnswers } from './answers.ts';
import { InvalidLifecycleError, NAME } from './check-definition.ts';
import { typesOf } from './decide.ts';
import type { CommandTable } from './decide.ts';
import type { Field, Members } from './fields.ts';
import type { IssueDefinition } from './issue.ts';
import type { RecordKind } from './kind.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { LifecycleDefinition, LifecycleState } from './lifecycle-definition.ts';
import { nearest } from './nearest.ts';
import { decidersOf } from './notices.ts';
import type { Notices } from './notices.ts';
import type { Queues } from './queue.ts';
import { NO_SUMMARY } from './summary.ts';
import type { SummaryCode } from './summary.ts';
import type { LifecycleWords } from './words.ts';

type Problems = Generator<string>;

/** A lifecycle with its commands and words, for the check. */
export interface CheckedLifecycle extends Lifecycle {
  readonly kind?: RecordKind;
  readonly commands?: CommandTable<never>;
  readonly issue?: IssueDefinition;
  readonly words?: LifecycleWords;
  readonly queues?: Queues;
  readonly notices?: Notices;
  readonly answers?: LifecycleAnswers;
  /** The part of the record view that is checked. */
  readonly view?: {
    show(head: object, state: LifecycleState, events: readonly [], day: string): object;
    stateOn(state: LifecycleState, day: string): object;
  };
}

interface Others {
  /** The event types of all lifecycles. */
  readonly types: readonly string[];
  /** True if new records follow it. Pages use the words of a kind's last version. */
  readonly isCurrent: boolean;
}

/**
 * Checks that the code, commands, issue and words of a lifecycle refer only to names that exist, so that a misspelt
 * name fails at start-up and not on a page.
 * @throws InvalidLifecycleError with every problem, its location and a suggestion.
 */
export function checkLifecycle(lifecycle: CheckedLifecycle, others: Others): void {
  const { name, version } = lifecycle.reference;
  const problems = [
    ...shapeProblems(lifecycle),
    ...codeProblems(lifecycle),
    ...summaryProblems(lifecycle),
    ...viewProblems(lifecycle),
    ...kindProblems(lifecycle),
    ...commandProblems(lifecycle, others.types),
    ...issueProblems(lifecycle),
    ...queueProblems(lifecycle),
    ...noticeProblems(lifecycle),
    ...(others.isCurrent ? wordProblems(lifecycle) : []),
  ];
  if (problems.length > 0) throw new InvalidLifecycleError(`${name} v${version}`, problems);
}

const firstType = ({ events }: Pick<LifecycleDefinition, 'events'>): string =>
  Object.keys(events).find((type) => events[type]?.kind === 'first') ?? '';

const namesIn = (of: object | undefined): readonly string[] => Object.keys(of ?? {});

/** Yields a problem with a suggestion for each unknown name. */
export function* unknownNames(
  place: string,
  what: string,
  names: readonly string[],
  known: readonly string[],
): Problems {
  for (const name of names) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    const instead = near === null ? `one of ${known.join(', ')}` : `"${near}"`;
    const mend = known.length === 0 ? 'remove it' : `use ${instead}, or remove it`;
    yield `${place}: there is no ${what} "${name}"; ${mend}`;
  }
}

function* shapeProblems({ definition, code: { shapes } }: CheckedLifecycle): Problems {
  for (const [type, { schemaVersion }] of Object.entries(definition.events)) {
    const shape = shapes[type];
    if (shape === undefined)
      yield `shapes: the event "${type}" of the definition is missing; declare its members`;
    else if (shape.schemaVersion !== schemaVersion)
      yield `shapes.${type}: has schemaVersion ${shape.schemaVersion}, but the definition has ${schemaVersion}; they must be equal`;
  }
}

function* codeProblems({ definition, code }: CheckedLifecycle): Problems {
  const { shapes, texts, dates, asides = [] } = code;
  const types = Object.keys(shapes);
  yield* unknownNames('asides', 'event', [...asides], types);
  yield* unknownNames('texts.at', 'event', namesIn(texts?.at), types);
  for (const [type, pointers] of Object.entries(texts?.at ?? {}))
    for (const pointer of Object.keys(pointers))
      yield* pointerProblems(`texts.at.${type}`, pointer, shapes[type]?.members);
  if (code.due !== undefined && dates === undefined)
    yield 'due: no sweep would find due events without dates; add `dates`';
  if (dates !== undefined && code.due === undefined)
    yield 'dates: near and passed dates would never be recorded; add `due`';
  const { first } = dates ?? {};
  if (first !== undefined)
    yield* unknownNames('dates.first', 'first event', [first], [firstType(definition)]);
}

function* summaryProblems({ definition, code, kind, issue }: CheckedLifecycle): Problems {
  const { shapes, summary, dates } = code;
  if (summary === undefined) {
    if (kind !== undefined)
      yield 'summary: is missing, so lists would not show its records; use `NO_SUMMARY` if intended';
    return;
  }
  const members = Object.values(shapes).flatMap((shape) => Object.keys(shape.members));
  yield* unknownNames('summary.asides', 'event', [...(summary.asides ?? [])], Object.keys(shapes));
  yield* unknownNames('summary.unused', 'member of events', summary.unused ?? [], members);
  for (const wait of namesIn(summary.waits))
    if (!NAME.test(wait)) yield `summary.waits.${wait}: ${BADLY_NAMED}`;
  if (code.body !== undefined && summary.body === undefined)
    yield 'summary.body: must return the body of a record, because lists use it for access';
  const first = firstType(definition);
  const named = summary.body?.({ body: null, event: null }, { type: first, eventId: first, data: {} });
  if (named !== undefined && named.event !== first && issue?.bodies !== undefined)
    yield `summary.body: returns no body for "${first}", although the issue has one; read the body from "${first}"`;
  if ((dates === undefined) !== (summary.dates === undefined))
    yield `${dates ? 'summary.dates' : 'dates'}: is missing; \`dates\` and \`summary.dates\` need each other`;
  yield* endProblems(summary, definition.machine.states);
}

/** Reports conditions that are true of every state or of none: they usually compare with a misspelt state. */
function* endProblems(summary: SummaryCode, regions: LifecycleDefinition['machine']['states']): Problems {
  const values = valuesOf(regions);
  const states = Object.entries(regions).map(
    ([region, of]) => `${region}: ${Object.keys(of.states).join(', ')}`,
  );
  const mend = `compare with existing states (${states.join('; ')})`;
  const closed = values.filter((value) => summary.isClosed(value)).length;
  if (closed === 0 && values.length > 0 && !isNever(summary))
    yield `summary.isClosed: is false in every state, so no record would close; ${mend}, or use that of NO_SUMMARY`;
  if (closed > 0 && closed === values.length)
    yield `summary.isClosed: is true in every state, so every record would be closed; ${mend}`;
  if (summary.answer && values.length > 0 && values.every((value) => summary.answer?.(value) === null))
    yield `summary.answer: is null in every state; ${mend}, or remove it`;
}

const isNever = (summary: SummaryCode): boolean =>
  Object.is(Reflect.get(summary, 'isClosed'), Reflect.get(NO_SUMMARY, 'isClosed'));

/** The most combinations of states that are checked. */
const VALUES_MAX = 4_096;

/** Returns every combination of the regions' states; empty if there are too many. */
function valuesOf(regions: LifecycleDefinition['machine']['states']): readonly StateValue[] {
  let values: StateValue[] = [{}];
  for (const [region, { states }] of Object.entries(regions)) {
    values = values.flatMap((value) => Object.keys(states).map((state) => ({ ...value, [region]: state })));
    if (values.length > VALUES_MAX) return [];
  }
  return values;
}

/** Checks, with a new record, that the view returns the members that responses must have. */
function* viewProblems(lifecycle: CheckedLifecycle): Problems {
  const { reference, initial, answers, view } = lifecycle;
  if (answers === undefined) return;
  const promised = Object.entries<Field>(answers.currentData).flatMap(([name, { optional }]) =>
    optional === true ? [] : [name],
  );
  const computed = Object.keys(answers.state);
  if (view === undefined) {
    const missing = [...promised, ...computed];
    if (missing.length > 0) yield `view: is missing, but answers declare ${missing.join(', ')}; add the view`;
    return;
  }
  const [day, state] = [SOME_DAY, lifecycle.initialState(SOME_DAY)];
  const { name, version } = reference;
  const head = { id: '1', status: '', state: {}, version: 1, issuedOn: day, lifecycle: { name, version } };
  try {
    const shown = Object.keys(view.show(head, state, [], day));
    for (const member of promised)
      if (!shown.includes(member))
        yield `view.show: does not return "${member}", which answers declare; add the view of its capability, or remove it from answers.currentData`;
    const returned = Object.keys(view.stateOn(state, day)).filter(
      (member) => !Object.hasOwn(initial, member),
    );
    yield* unknownNames('view.stateOn', 'member of answers.state', returned, computed);
    yield* unknownNames('answers.state', 'member of view.stateOn', computed, returned);
  } catch (error) {
    yield `view: cannot show a new record (${String(error)}); use a view for these facts`;
  }
}

const SOME_DAY = '2000-01-01';

const BADLY_NAMED = 'must consist of lower-case letters, digits and dashes';

function* pointerProblems(place: string, pointer: Pointer, members: Members | undefined): Problems {
  if (members === undefined) return;
  const [data, ...path] = pointerTokens(pointer);
  const field = data === 'data' ? fieldAt(members, path) : undefined;
  if (field === undefined) {
    const known = Object.keys(members).map((member) => `/data/${member}`);
    yield* unknownNames(place, 'member of the event', [pointer], known);
  } else if (!TEXTS.has(field.kind)) {
    yield `${place}: ${pointer} is not a text but of kind ${field.kind}; remove it`;
  }
}

const TEXTS: ReadonlySet<string> = new Set<Field['kind']>(['freeText', 'identifier', 'oneOf']);

/** Returns the field at a path of member names. */
function fieldAt(members: Members, [first = '', ...rest]: readonly string[]): Field | undefined {
  const field = Object.hasOwn(members, first) ? members[first] : undefined;
  if (rest.length === 0) return field;
  return field?.kind === 'object' ? fieldAt(field.members, rest) : undefined;
}

function* kindProblems({ reference, kind, code, issue }: CheckedLifecycle): Problems {
  if (kind === undefined) return;
  if (kind.name !== reference.name)
    yield `kind.name: "${kind.name}" differs from the name of the definition; use "${reference.name}"`;
  if (code.body !== undefined) return;
  const of = 'the code has no `body`, so records have none; add it, or remove these roles';
  if (kind.roles.body.length > 0)
    yield `kind.roles.body: no one can act as ${kind.roles.body.join(' or ')}: ${of}`;
  if (issue?.bodies !== undefined) yield `issue.bodies: ${of}`;
}

function* roleProblems(place: string, roles: readonly string[], kind: RecordKind): Problems {
  if (roles.length === 0) yield `${place}: is empty; add a role, because no one could use it`;
  yield* unknownNames(place, `role of ${kind.noun.plural}`, roles, [...kind.roles.staff, ...kind.roles.body]);
}

function* commandProblems(
  { definition: { events, guards }, kind, commands = {} }: CheckedLifecycle,
  everywhere: readonly string[],
): Problems {
  const types = Object.keys(events).filter((type) => events[type]?.kind !== 'first');
  for (const [name, row] of Object.entries(commands)) {
    const place = `commands.${name}`;
    if (!NAME.test(name)) yield `${place}: ${BADLY_NAMED}`;
    if (row.when !== undefined)
      yield* unknownNames(`${place}.when`, 'guard', [row.when], Object.keys(guards));
    if (typesOf(row).length === 0) yield `${place}.emits: is empty; add the event that records the command`;
    yield* unknownNames(`${place}.emits`, 'event after the first', typesOf(row), types);
    yield* unknownNames(`${place}.emitsElsewhere`, 'event', row.emitsElsewhere ?? [], everywhere);
    if (kind !== undefined) yield* roleProblems(`${place}.roles`, row.roles, kind);
  }
}

function* issueProblems({ definition: { events }, kind, issue }: CheckedLifecycle): Problems {
  if (issue === undefined) return;
  yield* unknownNames('issue.emits', 'event', issue.emits, Object.keys(events));
  const first = firstType({ events });
  if (!issue.emits.includes(first)) yield `issue.emits: add "${first}", the first event of a record`;
  if (kind === undefined) return;
  yield* roleProblems('issue.roles', issue.roles, kind);
  const { lifecycle } = issue.payload.members;
  if (lifecycle?.kind === 'oneOf' && !lifecycle.values.includes(kind.name))
    yield `issue.payload: is for "${lifecycle.values.join()}"; use issuePayload(…, "${kind.name}", …)`;
}

function* queueProblems({ definition, code, queues = {} }: CheckedLifecycle): Problems {
  const { states } = definition.machine;
  for (const [name, { state = {}, waits }] of Object.entries(queues)) {
    const place = `queues.${name}`;
    if (!NAME.test(name)) yield `${place}: ${BADLY_NAMED}`;
    if (waits !== undefined)
      yield* unknownNames(`${place}.waits`, 'wait', [waits], namesIn(code.summary?.waits));
    yield* unknownNames(`${place}.state`, 'region', namesIn(state), Object.keys(states));
    for (const [region, is] of Object.entries(state))
      if (states[region] !== undefined)
        yield* unknownNames(`${place}.state.${region}`, 'state', [is], Object.keys(states[region].states));
  }
}

function* noticeProblems({ definition, code, queues = {}, notices = {} }: CheckedLifecycle): Problems {
  yield* unknownNames('notices', 'event', namesIn(notices), Object.keys(definition.events));
  for (const [type, { kind, opens, answers, to = [] }] of Object.entries(notices)) {
    const place = `notices.${type}`;
    if (!NAME.test(kind)) yield `${place}.kind: ${BADLY_NAMED}`;
    for (const [member, wait] of Object.entries({ opens, answers }))
      if (wait !== undefined)
        yield* unknownNames(`${place}.${member}`, 'wait', [wait], namesIn(code.summary?.waits));
    if (answers === undefined && to.includes('deciders'))
      yield `${place}.to: without answers there are no deciders; add answers, or remove "deciders"`;
    if (opens !== undefined && decidersOf(queues, opens).length === 0)
      yield `${place}.opens: no decision queue contains "${opens}"; add such a queue, or remove it`;
  }
}

function* wordProblems(lifecycle: CheckedLifecycle): Problems {
  const { initial, definition, kind, code, commands, issue, words } = lifecycle;
  if (words === undefined || commands === undefined || issue === undefined) return;
  const { states } = definition.machine;
  const inRegions = Object.values(states).flatMap((region) => Object.keys(region.states));
  const types = Object.keys(definition.events);
  const names = Object.keys(commands);
  const payloads = [issue, ...Object.values(commands)].map(({ payload }) => payload.members);
  const members = payloads.flatMap(membersIn);
  yield* unknownNames('words.states', 'state', namesIn(words.states), inRegions);
  yield* unknownNames('words.regions', 'region', namesIn(words.regions), Object.keys(states));
  yield* unknownNames('words.moves', 'event', namesIn(words.moves), types);
  yield* unknownNames('words.sweepEvents', 'event', words.sweepEvents ?? [], types);
  yield* unknownNames('words.importEvent', 'event', [words.importEvent ?? []].flat(), types);
  yield* unknownNames('words.commands', 'command', namesIn(words.commands), names);
  yield* unknownNames('words.forms', 'command', namesIn(words.forms), names);
  yield* unknownNames('words.foundDates', 'command', Object.values(words.foundDates ?? {}), names);
  for (const [wait, { decidedBy = [] }] of Object.entries(code.summary?.waits ?? {}))
    yield* unknownNames(`summary.waits.${wait}.decidedBy`, 'command', decidedBy, names);
  yield* unknownNames('words.members', 'member of payloads', namesIn(words.members), members);
  for (const [code, member] of Object.entries(words.ruleMembers ?? {}))
    yield* unknownNames(`words.ruleMembers.${code}`, 'member of payloads', [member], members);
  for (const [place, member] of Object.entries(words.datesInText ?? {}))
    if (fieldAt(issue.payload.members, member.split('-')) === undefined)
      yield* unknownNames(
        `words.datesInText.${place}`,
        'member of the issue',
        [member],
        namesIn(issue.payload.members),
      );
  const roles = kind === undefined ? [] : [...kind.roles.staff, ...kind.roles.body];
  yield* unknownNames('words.likeliest', 'command', words.likeliest?.(initial, roles) ?? [], names);
}

/** Returns the names of all members, nested ones included. */
function membersIn(members: Members): readonly string[] {
  return Object.entries(members).flatMap(([name, field]) => {
    const inner = field.kind === 'list' ? field.of : field;
    return [name, ...(inner.kind === 'object' ? membersIn(inner.members) : [])];
  });
}
