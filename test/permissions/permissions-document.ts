import { kinds } from '#state-machines/record-streams';
import { PROBLEMS } from '#use-cases/problems';
import type { ProblemCode } from '#use-cases/problems';
import { ROUTES } from '#server/api/routes';
import type { MachineCondition } from '#lifecycle/deciding-machine';
import type { CommandedLifecycle } from '#lifecycle/lifecycles';
import type { Statechart } from '#lifecycle/statechart';
import { lifecycles } from '#state-machines/lifecycles';
import * as access from '#state-machines/access';
import * as policy from '#state-machines/inspection-recommendation/v1/policy';
import { inspectionRecommendation } from '#state-machines/inspection-recommendation/v1/lifecycle';
import type { CommandName } from '#state-machines/inspection-recommendation/v1/policy';
import type { PersonName } from '../support/documented-commands.ts';
import { reachableValues } from '../support/situations.ts';
import { conditionsOf } from './allowed-states.ts';
import type { Condition } from './allowed-states.ts';
import type { Answered } from './matrix.ts';

/** A request with its own route, and the admitted roles. */
export interface RouteAnswers {
  readonly name: string;
  readonly roles: readonly string[];
}

const { commands } = policy;
const { ROLES } = access;
const code = (text: string): string => `\`${text}\``;
const list = (items: readonly string[], last = 'or'): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} ${last} ${items.at(-1) ?? ''}`;
const unique = <Item>(items: Iterable<Item>): Item[] => [...new Set(items)];

/** Returns the document for administrators of permissions, generated from the responses. */
export function permissionsDocument(answers: readonly Answered[], routes: readonly RouteAnswers[]): string {
  const byCommand = Map.groupBy(answers, ({ cell }) => cell.command);
  const names = Object.keys(commands) as CommandName[];
  const kindSections = lifecycles.currents.map((lifecycle) =>
    lifecycle.reference.name === inspectionRecommendation.reference.name
      ? sections(lifecycle, (name) => who(byCommand.get(name as CommandName) ?? []))
      : kindSection(lifecycle),
  );
  return `# Permissions

This page lists who may do what in which state, and how Docket refuses everything else. \`npm run permissions\` generates it from
a test that sends every command in every role and state. Do not edit it by hand.

- A person with several roles may do what each of them allows.
- Rules about people compare people, not roles. The requester of a closure cannot approve it in another role. \`cli:ann\` on the
  command line is the same person as \`ann\`.
- No one decides on their own words: the text, body or dates that they changed, what they redacted, or evidence that they submitted. Issuing and importing do not count.
- Who closed a record does not change its text, body or dates while it is closed.
- A person whose organisations include a record's recipient acts on that record only as force-lead or commissioner. Who acted
  for a body on a record does not decide on that record later.
- The recipient's users cannot set \`effectiveOn\`: their commands take effect today.

## Roles and commands

_Not own_: not for the people that the command's section excludes, such as the requester. _Own only_: only for the person's own entries.

${roleTable(names, byCommand, routes)}

## Who sees what

${visibilityTable()}

For a record that a person may not see, Docket returns 404 ${code('not-found')}. Docket withholds the text of an internal comment from
people who may not read it, but not that the comment exists. On a record of their own body, inspectors and approvers can read only what the
body's users can read.

## Common refusals

A refused command changes no record. Docket records the refusal in a separate stream, unless only the request body is not valid. Docket can also refuse a command for these reasons, some of which concern only certain commands:

${alike(answers)}

## The commands

**When** lists the states that the state machine requires. **Refused** lists the rules that refuse the command for other reasons; the
answer to a refused command names its rule and the reason.

${kindSections.join('\n\n')}
`;
}

// Section "Who".

const isAllowed = ({ outcome }: Answered): boolean => !('code' in outcome);
const codeOf = ({ outcome }: Answered): string | null => ('code' in outcome ? outcome.code : null);

/** Returns the people who are treated differently from others with the same role. */
function peopleRule(answers: readonly Answered[]): { only?: PersonName; never: readonly PersonName[] } {
  const peopleOf = (some: readonly Answered[]) => unique(some.map(({ cell }) => cell.person));
  const alike = Map.groupBy(answers, ({ cell }) => `${cell.role} ${JSON.stringify(cell.situation)}`);
  const never = new Set<PersonName>();
  for (const group of alike.values()) {
    const allowed = peopleOf(group.filter(isAllowed));
    const refused = peopleOf(group.filter((each) => codeOf(each) === 'separation-of-duties'));
    if (allowed.length === 0) continue;
    if (refused.includes('somebody')) return { only: allowed[0] as PersonName, never: [] };
    for (const person of refused) never.add(person);
  }
  return { never: [...never] };
}

function roleTable(
  names: readonly CommandName[],
  byCommand: ReadonlyMap<CommandName, readonly Answered[]>,
  routes: readonly RouteAnswers[],
): string {
  const rows = names.map((name) => {
    const answers = byCommand.get(name) ?? [];
    return [`[${code(name)}](#${name})`, ...ROLES.map((role) => cellText(role, answers))];
  });
  const others = routes.map(({ name, roles }) => [
    name,
    ...ROLES.map((role) => (roles.includes(role) ? 'yes' : '')),
  ]);
  return table(['', ...ROLES], [...others, ...rows]);
}

function cellText(role: string, answers: readonly Answered[]): string {
  const own = answers.filter(({ cell }) => cell.role === role);
  if (!own.some(isAllowed)) return '';
  const { only, never } = peopleRule(own);
  const narrower = narrowerRequests(own);
  if (narrower.length > 0) return `yes, but not ${list(narrower)}`;
  if (only !== undefined) return 'own only';
  return never.length === 0 ? 'yes' : 'not own';
}

/** Returns the variants that are refused to a role which may otherwise use the command. */
const narrowerRequests = (own: readonly Answered[]): string[] =>
  unique(
    own
      // A record without a recipient belongs to no body, so its users may request nothing.
      .filter(({ cell }) => cell.situation.facts.recipient === 'given')
      .filter((each) => codeOf(each) === 'role-not-permitted')
      .map(({ cell }) => cell.request.name),
  );

const PEOPLE_WORDS: Readonly<Record<PersonName, string>> = {
  somebody: 'someone else',
  issuer: 'the person who issued the successor',
  amender: 'a person who amended the text',
  commenter: 'the person who recorded the text',
  requester: 'the person who requested this closure',
  submitter: 'a person who submitted the evidence',
  extender: 'the person who requested the extension',
  decider: 'the person who decided on it',
  setter: 'the person who set the deadline',
  claimant: 'the person who requested this correction, or recorded the claim that it confirms',
  withdrawer:
    'the person who withdrew another person’s deadline (for a later date; an earlier one is allowed)',
};

function who(answers: readonly Answered[]): string {
  const roles = ROLES.filter((role) => answers.some((each) => each.cell.role === role && isAllowed(each)));
  const of = (role: string) => answers.filter(({ cell }) => cell.role === role);
  const narrower = Map.groupBy(roles, (role) => list(narrowerRequests(of(role))));
  const exceptions = [...narrower]
    .filter(([request]) => request !== '')
    .map(([request, theirs]) => `Not for ${request}: ${list(theirs, 'and')}`);
  const rules = Map.groupBy(roles, (role) => peopleText(peopleRule(of(role))));
  const people = [...rules]
    .filter(([rule]) => rule !== '')
    .map(([rule, theirs]) =>
      rules.size === 1 ? rule : `For ${list(theirs, 'and')}: ${rule.charAt(0).toLowerCase()}${rule.slice(1)}`,
    );
  return [list(roles), ...people, ...exceptions].join('. ');
}

const peopleText = ({ only, never }: ReturnType<typeof peopleRule>): string =>
  [
    ...(only === undefined ? [] : [`Only ${PEOPLE_WORDS[only]}`]),
    ...(never.length === 0 ? [] : [`Never ${list(never.map((person) => PEOPLE_WORDS[person]))}`]),
  ].join('. ');

// Section "When".

const PROGRESS_WORDS: Readonly<Record<string, string>> = {
  'awaiting-review or being-progressed': ' (the record is open)',
  'complete or no-further-action-needed': ' (the record is closed)',
};

const conditionText = (condition: Condition): string =>
  list(
    condition.map(([region, states]) => {
      const progress = region === 'progress' ? (PROGRESS_WORDS[list(states)] ?? '') : '';
      return `${region} is ${list(states.map(code))}${progress}`;
    }),
    'and',
  );

/** Returns the states in which the machine accepts a command's events. */
function states(lifecycle: Statechart, command: MachineCondition): string[] {
  const points = reachableValues(lifecycle).map(({ value }) => ({
    value,
    allowed: lifecycle.whyNot(value, command) === null,
  }));
  const conditions = conditionsOf(lifecycle.definition.machine.states, points).map(conditionText);
  return conditions.some((text) => text !== '') ? [list(conditions)] : [];
}

/** Returns a section for each command of a lifecycle, from its declaration. */
function sections(lifecycle: CommandedLifecycle, whoMay: (command: string) => string): string {
  return Object.entries(lifecycle.commands)
    .map(([name, row]) => {
      const { state = [], people = [], preconditions = [], rules = [] } = row;
      const guards = [...state, ...people, ...preconditions, ...rules];
      const codes = unique(guards.map((guard) => code(guard.code)));
      return `### ${name}

${row.summary}

- **Who**: ${whoMay(name)}.
- **When**: ${list(states(lifecycle, row)) || 'in every state'}.
- **Records**: ${list(row.emits.map(code), 'and')}.
- **Refused**: ${codes.length === 0 ? 'for the common reasons' : `for the common reasons, and by ${list(codes, 'and')}`}.`;
    })
    .join('\n\n');
}

/** Returns the section about another kind of record, without the tried answers. */
export function kindSection(lifecycle: CommandedLifecycle): string {
  const { kind, commands: rows, issue } = lifecycle;
  const columns = [...kind.roles.staff, ...kind.roles.body];
  const yes = (roles: readonly string[]) => columns.map((role) => (roles.includes(role) ? 'yes' : ''));
  const own = Object.entries(rows).map(([name, row]) => [code(name), ...yes(row.roles)]);
  return `## Commands of ${kind.noun.plural}

${table(['', ...columns], [['issue', ...yes(issue.roles)], ...own])}

${sections(lifecycle, (name) => list(rows[name]?.roles ?? []))}`;
}

// Section "Common refusals".

/** The refusals that the sections of commands list. */
const OF_SECTIONS: readonly string[] = ['role-not-permitted', 'command-not-allowed', 'separation-of-duties'];

/** Returns the other responses of the route, which the command shares with others. */
function alike(answers: readonly Answered[]): string {
  const own = new Set(answers.filter(({ cell }) => !cell.request.always).map(codeOf));
  const always = new Set(answers.filter(({ cell }) => cell.request.always).map(codeOf));
  const codes = (['unauthenticated', ...ROUTES.command.problems] as ProblemCode[])
    .filter((each) => !own.has(each) || always.has(each))
    .filter((each) => !OF_SECTIONS.includes(each))
    .sort((a, b) => PROBLEMS[a].status - PROBLEMS[b].status);
  return table(
    ['status', 'code', 'when'],
    unique(codes).map((each) => [String(PROBLEMS[each].status), code(each), PROBLEMS[each].title]),
  );
}

// The page.

function visibilityTable(): string {
  const yes = (is: boolean) => (is ? 'yes' : '');
  const rows = ROLES.map((role) => {
    const viewer = { roles: [role], organisations: ['own'] };
    const bodies = access.visibleBodies(viewer);
    const records = bodies === null ? 'of every body' : bodies.length > 0 ? 'of their organisations' : 'none';
    return [
      role,
      records,
      yes(kinds.all.some((kind) => access.readsInternal(viewer, 'another', kind))),
      yes(kinds.all.some(({ roles }) => roles.staff.includes(role))),
      yes(access.READS_LOG.includes(role)),
      yes(access.SIGNS_LOG.includes(role)),
      yes(access.VERIFIES_LOG.includes(role)),
      yes(access.RUNS_SERVICE.includes(role)),
    ];
  });
  const heads = [
    'role',
    'records',
    'reads internal comments',
    'writes internal comments',
    'reads the log, refusals and accesses',
    'signs the log',
    'verifies the log',
    'rebuilds read models',
  ];
  return table(heads, rows);
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}
