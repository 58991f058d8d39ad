import { beforeAll, describe, expect, it } from '@jest/globals';
import { getShortestPaths } from 'xstate/graph';
import type { StateValue } from '#event-sourcing/envelope';
import { arrowsOf } from '#lifecycle/lifecycle-definition';
import type { Arrow } from '#lifecycle/lifecycle-definition';
import { inspectionRecommendation } from '#state-machines/inspection-recommendation/v1/lifecycle';
import { STATUSES } from '#state-machines/inspection-recommendation/v1/machine';
import type { Status } from '#state-machines/inspection-recommendation/v1/machine';
import type { CommandName } from '#state-machines/inspection-recommendation/v1/policy';
import { DOCUMENTED, NOTHING_STANDS, PLAIN } from '../support/documented-commands.ts';
import { eventually } from '../support/service-child.ts';
import { startService } from '../support/service.ts';
import type { Answer, Client, RunningService } from '../support/service.ts';

const { definition, machine, initial } = inspectionRecommendation;
const ARROWS = [...arrowsOf(definition)];
const textOf = ({ region, from, event, target }: Arrow): string =>
  `${region}: ${from} --${event}--> ${target}`;

const NAMED = {
  record: '',
  successor: 'successor',
  predecessor: '',
  issued: '',
  comment: '',
  closed: '',
  request: '',
  standing: NOTHING_STANDS,
};

/** The commands that change the state, each with its event. */
const MOVES = (Object.keys(DOCUMENTED) as CommandName[])
  .filter((name) => DOCUMENTED[name].moves !== undefined)
  .map((command) => {
    const [event] = DOCUMENTED[command].records({ value: initial, facts: PLAIN }, NAMED);
    return { command, event: event!.type };
  });

/** The request that a closing command needs. */
const REQUESTS: Readonly<Partial<Record<CommandName, object>>> = {
  'approve-closure': {},
  'decide-no-further-action': { outcome: 'no-further-action', reason: 'merged' },
  supersede: { outcome: 'superseded', supersededBy: NAMED.successor },
};

const isPossible = (command: CommandName, value: StateValue): boolean =>
  DOCUMENTED[command].when({ value, facts: PLAIN }, DOCUMENTED[command].roles[0]!) &&
  (REQUESTS[command] === undefined || value['closure'] === 'requested');
const isInitial = (value: StateValue): boolean =>
  Object.entries(initial).every(([region, state]) => value[region] === state);

/** A shortest path to each value that commands reach. The issue determines whether a response is due. */
const PATHS = getShortestPaths(machine, {
  events: (snapshot: { value: unknown }) => {
    const value = snapshot.value as StateValue;
    const moves = MOVES.filter(({ command }) => isPossible(command, value)).map(({ event }) => ({
      type: event,
    }));
    return isInitial(value) ? [{ type: 'ResponseRequired' }, ...moves] : moves;
  },
}).map(({ state, steps }) => ({
  value: state.value as StateValue,
  events: steps
    .map(({ event }) => (event as { readonly type: string }).type)
    .filter((type) => type !== 'xstate.init'),
}));

/** A command after a transition, and the path to the source of the transition. */
interface Walk {
  readonly command: CommandName;
  readonly arrow: string;
  readonly events: readonly string[];
}

/** Returns the shortest path for every transition and every command that can follow it. */
function walks(): Walk[] {
  return MOVES.flatMap(({ command, event }) =>
    ARROWS.filter((arrow) => arrow.event === event).flatMap((arrow) => {
      const [path] = PATHS.filter(
        ({ value }) => value[arrow.region] === arrow.from && isPossible(command, value),
      ).sort((a, b) => a.events.length - b.events.length);
      return path === undefined ? [] : [{ command, arrow: textOf(arrow), events: path.events }];
    }),
  );
}

let service: RunningService;
let people: Readonly<Record<string, Client>>;
/** The expected state of every record. */
const model = new Map<string, StateValue>();

beforeAll(async () => {
  service = await startService();
  // Users of the body can act on its records only as such.
  const roles: string[] = ['inspector', 'approver', 'force-lead', 'commissioner'];
  const bodiesOf = (role: string) => (role === 'inspector' || role === 'approver' ? [] : ['wiltshire']);
  people = Object.fromEntries(
    roles.map((role) => [role, service.as(role, { organisations: bodiesOf(role) })]),
  );
  await issue({ id: NAMED.successor });
});

const inspector = (): Client => people['inspector']!;

async function issue(more: object): Promise<{ readonly id: string; readonly position: string }> {
  const { json } = await inspector().issue(more);
  const id = json.recommendations[0]!.id;
  model.set(id, initial);
  return { id, position: json.position };
}

/** Returns the value after an event, and updates the model as the chart does. */
function move(id: string, event: string): StateValue {
  const next = inspectionRecommendation.valueAfter(model.get(id)!, event);
  if (next === null) throw new Error(`${event} is not taken in ${JSON.stringify(model.get(id))}`);
  model.set(id, next);
  return next;
}

/** Sends a permitted command, and compares the response and the record with the model. */
async function send(id: string, command: CommandName, later: readonly CommandName[]): Promise<Answer> {
  const { roles, body } = DOCUMENTED[command];
  const closing = later.find((each) => REQUESTS[each] !== undefined);
  const answer = await people[roles[0]!]!.command(id, command, {
    ...body({ ...NAMED, record: id }),
    ...(command === 'request-closure' && closing !== undefined && REQUESTS[closing]),
  });
  const { event } = MOVES.find((each) => each.command === command)!;
  const state = move(id, event);
  expect(answer).toMatchObject({
    status: 200,
    json: { state, status: state['progress'], events: [{ type: event }] },
  });
  await recordAgrees(id);
  return answer;
}

async function recordAgrees(id: string): Promise<void> {
  const state = model.get(id)!;
  const record = await inspector().get(`/api/recommendations/${id}`);
  expect(record).toMatchObject({ status: 200, json: { state, status: state['progress'] } });
}

async function statisticsAgree(position: string): Promise<void> {
  const counts = Object.fromEntries(STATUSES.map((status) => [status, 0]));
  for (const value of model.values()) counts[value['progress']!]! += 1;
  // On a busy machine the service may not have folded the event in time, and asks for another try.
  const { json } = await eventually(
    () => inspector().get(`/api/statistics?minPosition=${position}`),
    ({ status }) => status !== 503,
  );
  expect(json).toMatchObject({ total: model.size, byStatus: counts });
}

/** Returns the transitions of the stored events. */
async function arrowsUsed(): Promise<Set<string>> {
  const used = new Set<string>();
  for (const id of model.keys()) {
    const { items } = (await inspector().get(`/api/recommendations/${id}/events`)).json;
    for (const [index, { type }] of items.entries()) {
      const before = items[index - 1]?.state;
      for (const arrow of ARROWS) {
        if (arrow.event === type && before?.[arrow.region] === arrow.from) used.add(textOf(arrow));
      }
    }
  }
  return used;
}

describe('every arrow that a command can use', () => {
  it.each(walks())('$command uses $arrow', async ({ command, events }) => {
    const [first, ...others] = events;
    const responseRequired = first === 'ResponseRequired';
    const { id } = await issue({ responseRequired });
    if (responseRequired) move(id, 'ResponseRequired');
    await recordAgrees(id);
    const before = (responseRequired ? others : events).map(
      (event) => MOVES.find((each) => each.event === event)!.command,
    );
    const all = [...before, command];
    for (const [index, each] of before.entries()) await send(id, each, all.slice(index));
    const { json } = await send(id, command, []);
    await statisticsAgree(json.position);
  });

  it('was used, but for a closing that no one requested, and the response after a claim', async () => {
    const caused = new Set(['ResponseRequired', ...MOVES.map(({ event }) => event)]);
    const used = await arrowsUsed();
    const missed = ARROWS.filter(({ event }) => caused.has(event)).map(textOf);
    expect(missed.filter((arrow) => !used.has(arrow))).toEqual([
      'closure: none --RecommendationCompleted--> none',
      'closure: none --NoFurtherActionDecided--> none',
      'response: published --ResponsePublished--> published',
    ]);
  });
});

/** Returns the event that an imported status becomes, independently of the product. */
function importedAs(before: Status, read: Status): string {
  const isOpen = before === 'awaiting-review' || before === 'being-progressed';
  if (read === before) return `StatusRecorded.${read}`;
  if (!isOpen) return read === 'being-progressed' ? 'RecommendationReopened' : `StatusRecorded.${read}`;
  return {
    'being-progressed': 'ProgressStarted',
    'awaiting-review': 'ReturnedToReview',
    complete: 'RecommendationCompleted',
    'no-further-action-needed': 'NoFurtherActionDecided',
  }[read];
}

/** Returns a register record with a status on each day of June. */
const registerFile = (reference: string, statuses: readonly Status[]): string =>
  `A plan (${reference})\n\nEvery force should have one.\n\n` +
  statuses.map((status, day) => `[on]${day + 4}th June 2016 [status]${status}[/status][/on]`).join('\n');

const PAIRS = STATUSES.flatMap((first) => STATUSES.map((second) => ({ first, second })));

describe('every arrow that an import can use', () => {
  it.each(PAIRS)('a register that says $first and then $second', async ({ first, second }) => {
    const id = `I-${STATUSES.indexOf(first)}${STATUSES.indexOf(second)}`;
    const file = registerFile(id, ['awaiting-review', first, second]);
    const { json } = await inspector().import(file, '?recipient=wiltshire');
    expect(json).toMatchObject({ id, outcome: 'created' });
    model.set(id, initial);
    const expected = [importedAs('awaiting-review', first), importedAs(first, second)];
    for (const event of expected) move(id, event);
    await recordAgrees(id);
    await statisticsAgree(json.position);
    const { items } = (await inspector().get(`/api/recommendations/${id}/events`)).json;
    expect(items.map(({ type }) => type)).toEqual([
      'RecommendationIssued',
      ...expected,
      'RegisterRecordImported',
    ]);
  });

  it.each(['complete', 'no-further-action-needed'] as const)(
    'but no register that says %s while another closure waits here',
    async (status) => {
      const id = `L-9-${status}`;
      await inspector().import(registerFile(id, ['awaiting-review']), '?recipient=wiltshire');
      model.set(id, initial);
      await send(id, 'request-closure', []);
      const answer = await inspector().post('/api/imports', registerFile(id, ['awaiting-review', status]), {
        'content-type': 'text/plain',
      });
      expect(answer).toMatchObject({
        status: 200,
        json: { outcome: 'unchanged', differences: [{ what: 'status' }] },
      });
      await recordAgrees(id);
    },
  );
});

const BY_ITS_NAME = 'an import says it by the name of the change, as the record was open, or is opened again';
const NOTHING_PENDING =
  'an import records a status as such only where it was the same, or closed: a closure is pending in neither';

const AFTER_A_CLAIM =
  'a body publishes its response after a claim, which only a deadline that is on record as passed makes one';

/** The transitions that nothing here uses. The chart has them because it must replay all histories of a register. */
const TAKEN_BY_NOTHING: Readonly<Record<string, string>> = {
  'progress: awaiting-review --StatusRecorded.being-progressed--> being-progressed': BY_ITS_NAME,
  'progress: awaiting-review --StatusRecorded.complete--> complete': BY_ITS_NAME,
  'progress: awaiting-review --StatusRecorded.no-further-action-needed--> no-further-action-needed':
    BY_ITS_NAME,
  'progress: being-progressed --StatusRecorded.awaiting-review--> awaiting-review': BY_ITS_NAME,
  'progress: being-progressed --StatusRecorded.complete--> complete': BY_ITS_NAME,
  'progress: being-progressed --StatusRecorded.no-further-action-needed--> no-further-action-needed':
    BY_ITS_NAME,
  'progress: complete --StatusRecorded.being-progressed--> being-progressed': BY_ITS_NAME,
  'progress: no-further-action-needed --StatusRecorded.being-progressed--> being-progressed': BY_ITS_NAME,
  'closure: requested --StatusRecorded.complete--> none': NOTHING_PENDING,
  'closure: requested --StatusRecorded.no-further-action-needed--> none': NOTHING_PENDING,
  'response: published --ResponsePublished--> published': AFTER_A_CLAIM,
};

describe('the chart', () => {
  it('has no arrow that neither uses, but for those that are named here with the reason', async () => {
    const used = await arrowsUsed();
    const missed = ARROWS.map(textOf).filter((arrow) => !used.has(arrow));
    expect(missed.sort()).toEqual(Object.keys(TAKEN_BY_NOTHING).sort());
  });
});
