import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bookDefinition } from '#test/support/book-lifecycle';
import { checkDefinition, InvalidLifecycleError } from './check-definition.ts';
import { statechartOf } from './statechart.ts';

type Json = Record<string, unknown>;

/** A door that can be opened, shut and locked, and a bell beside it that a passer-by can ring while it is shut. */
const door = (): Json => ({
  name: 'door',
  version: 1,
  statusRegion: 'leaf',
  machine: {
    id: 'door',
    type: 'parallel',
    states: {
      leaf: {
        initial: 'shut',
        on: { Forced: '.open' },
        states: {
          shut: { on: { Opened: 'open', Locked: { target: 'locked', guard: 'quiet' } } },
          open: { on: { Closed: 'shut' } },
          locked: { on: { Unlocked: 'shut' } },
        },
      },
      bell: {
        initial: 'still',
        on: { Opened: '.still' },
        states: { still: { on: { Rung: { target: 'ringing', guard: 'closed' } } }, ringing: {} },
      },
    },
  },
  guards: {
    closed: { region: 'leaf', in: ['shut', 'locked'] },
    quiet: { region: 'bell', in: ['still'] },
  },
  events: {
    Built: { kind: 'first', schemaVersion: 1 },
    Opened: { kind: 'move', owner: 'leaf', schemaVersion: 1 },
    Closed: { kind: 'move', owner: 'leaf', countsFor: ['leaf', 'bell'], schemaVersion: 1 },
    Locked: { kind: 'move', owner: 'leaf', schemaVersion: 1 },
    Unlocked: { kind: 'move', owner: 'leaf', schemaVersion: 2 },
    Forced: { kind: 'move', owner: 'leaf', schemaVersion: 1 },
    Rung: { kind: 'move', owner: 'bell', schemaVersion: 1 },
    Painted: { kind: 'note', schemaVersion: 1 },
  },
  paint: { coats: 2 },
});

const check = (definition: unknown): void => {
  checkDefinition(definition);
};

/** A marker that removes a member. */
const DROP = Symbol('drop');
type Changes = Readonly<Record<string, unknown>>;

/** Sets members by their paths, such as `machine/states/leaf`. */
function change(definition: Json, changes: Changes): Json {
  for (const [path, value] of Object.entries(changes)) {
    const names = path.split('/');
    const last = names.pop()!;
    const parent = names.reduce((object, name) => object[name] as Json, definition);
    if (value === DROP) Reflect.deleteProperty(parent, last);
    else parent[last] = value;
  }
  return definition;
}

function problemsOf(definition: Json): readonly string[] {
  try {
    check(definition);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidLifecycleError)) throw error;
    return error.problems;
  }
}

/** Returns the problems of the door after some changes, in the order reported. */
const problemsAfter = (changes: Changes): readonly string[] => problemsOf(change(door(), changes));

describe('a valid definition', () => {
  test('is accepted', () => {
    expect(problemsAfter({})).toEqual([]);
    expect(() => {
      check(bookDefinition);
    }).not.toThrow();
  });

  test('is accepted as it comes from a file', () => {
    expect(() => {
      check(JSON.parse(JSON.stringify(door())));
    }).not.toThrow();
  });
});

const endless: Json = {};
endless['itself'] = endless;

describe('the refusals and their places', () => {
  test.each<[string, Changes, string]>([
    ['no name', { name: DROP }, 'name: "undefined" must consist of lower-case letters, digits and dashes'],
    [
      'a name with a space',
      { name: 'a door' },
      'name: "a door" must consist of lower-case letters, digits and dashes',
    ],
    ['version 0', { version: 0 }, 'version: 0 is not a whole number from 1'],
    ['version 1.5', { version: 1.5 }, 'version: 1.5 is not a whole number from 1'],
    ['version "1"', { version: '1' }, 'version: 1 is not a whole number from 1'],
    ['no machine', { machine: DROP }, 'machine: must be an object'],
    ['no guards', { guards: DROP }, 'guards: must be an object'],
    ['a list of events', { events: [] }, 'events: must be an object'],
    [
      'a member of its own that is not data',
      { paint: { mix: () => 'red' } },
      'paint.mix: a function cannot be serialised; use data only',
    ],
    ['an unknown status region', { statusRegion: 'window' }, 'statusRegion: there is no region "window"'],
    [
      'a machine that is not parallel',
      { 'machine/type': 'compound' },
      'machine.type: must be "parallel", with at least one region',
    ],
  ])('%s', (_, changes, problem) => {
    expect(problemsAfter(changes)).toEqual([problem]);
  });

  test('a machine without regions', () => {
    expect(problemsAfter({ 'machine/states': {} })).toEqual([
      'machine.type: must be "parallel", with at least one region',
      'statusRegion: there is no region "leaf"',
    ]);
  });

  test.each<[string, Changes, string]>([
    ['context', { 'machine/context': {} }, 'machine.context'],
    ['invoke at the machine', { 'machine/invoke': { src: 'x' } }, 'machine.invoke'],
    ['on at the machine', { 'machine/on': { Opened: '.leaf' } }, 'machine.on'],
    ['output', { 'machine/output': {} }, 'machine.output'],
    ['invoke in a region', { 'machine/states/leaf/invoke': { src: 'x' } }, 'machine.states.leaf.invoke'],
    ['history', { 'machine/states/leaf/history': 'deep' }, 'machine.states.leaf.history'],
    [
      'a region that is parallel itself',
      { 'machine/states/leaf/type': 'parallel' },
      'machine.states.leaf.type',
    ],
    [
      'after',
      { 'machine/states/leaf/states/shut/after': { 1000: 'open' } },
      'machine.states.leaf.states.shut.after',
    ],
    [
      'always',
      { 'machine/states/leaf/states/shut/always': 'open' },
      'machine.states.leaf.states.shut.always',
    ],
    [
      'entry actions',
      { 'machine/states/leaf/states/shut/entry': ['log'] },
      'machine.states.leaf.states.shut.entry',
    ],
    [
      'a final state',
      { 'machine/states/leaf/states/shut/type': 'final' },
      'machine.states.leaf.states.shut.type',
    ],
    [
      'nesting',
      {
        'machine/states/leaf/states/shut/initial': 'a',
        'machine/states/leaf/states/shut/states': { a: {} },
      },
      'machine.states.leaf.states.shut.initial',
    ],
    [
      'an id of its own',
      { 'machine/states/leaf/states/shut/id': 'shut' },
      'machine.states.leaf.states.shut.id',
    ],
    [
      'actions on an arrow',
      { 'machine/states/leaf/states/shut/on/Locked/actions': 'log' },
      'machine.states.leaf.states.shut.on.Locked.actions',
    ],
    [
      'reentry on an arrow',
      { 'machine/states/leaf/states/shut/on/Locked/reenter': true },
      'machine.states.leaf.states.shut.on.Locked.reenter',
    ],
    ['a description', { 'machine/states/leaf/description': 'Of wood.' }, 'machine.states.leaf.description'],
    ['a member of a guard', { 'guards/quiet/why': 'No noise.' }, 'guards.quiet.why'],
    ['an owner of a note', { 'events/Painted/owner': 'leaf' }, 'events.Painted.owner'],
    ['a member of an event', { 'events/Opened/label': 'Open' }, 'events.Opened.label'],
  ])('%s', (_, changes, place) => {
    expect(problemsAfter(changes)[0]).toMatch(new RegExp(`^${place}: only .* are allowed here; remove it$`));
  });

  test.each<[string, Changes, string]>([
    [
      'a function',
      { 'machine/states/leaf/states/shut/on': () => 'x' },
      'machine.states.leaf.states.shut.on: a function',
    ],
    [
      'undefined',
      { 'machine/states/leaf/states/shut/on': undefined },
      'machine.states.leaf.states.shut.on: a undefined',
    ],
    ['a symbol', { 'guards/quiet/in': [Symbol('x')] }, 'guards.quiet.in.0: a symbol'],
    ['a bigint', { 'events/Painted/schemaVersion': 1n }, 'events.Painted.schemaVersion: a bigint'],
    ['infinity', { 'paint/coats': Infinity }, 'paint.coats: Infinity'],
    ['a date', { 'machine/id': new Date(0) }, 'machine.id: cannot be serialised'],
    [
      'a guard as a function',
      { 'guards/quiet': () => true },
      'guards.quiet: a function cannot be serialised',
    ],
    ['half a character', { 'machine/id': '\ud800' }, 'machine.id: contains a lone surrogate'],
    ['a name with half a character', { 'paint/\ud800': 1 }, 'paint: has a name with a lone surrogate'],
    ['a circular value', { 'machine/id': endless }, 'machine.id.'],
  ])('with a value that cannot be serialised: %s', (_, changes, problem) => {
    expect(problemsAfter(changes)).toContainEqual(expect.stringContaining(problem));
  });

  test.each<[string, Changes, string]>([
    [
      'a target that is not there',
      { 'machine/states/leaf/states/shut/on/Opened': 'ajar' },
      'machine.states.leaf.states.shut.on.Opened: there is no state "ajar" in region "leaf"',
    ],
    [
      'a target in another region',
      { 'machine/states/leaf/states/shut/on/Opened': 'ringing' },
      'machine.states.leaf.states.shut.on.Opened: there is no state "ringing" in region "leaf"',
    ],
    [
      'a target by its id',
      { 'machine/states/leaf/states/shut/on/Opened': '#door.leaf.open' },
      'machine.states.leaf.states.shut.on.Opened: there is no state "#door.leaf.open" in region "leaf"',
    ],
    [
      'a target from Object.prototype',
      { 'machine/states/leaf/states/shut/on/Opened': 'constructor' },
      'machine.states.leaf.states.shut.on.Opened: there is no state "constructor" in region "leaf"',
    ],
    [
      "a region's target without its dot",
      { 'machine/states/leaf/on/Forced': 'open' },
      'machine.states.leaf.on.Forced: write the target with a leading dot, ".open"',
    ],
    [
      'a target of no kind',
      { 'machine/states/leaf/states/shut/on/Opened': 7 },
      'machine.states.leaf.states.shut.on.Opened: must be a target, or an object with the names of a target and a guard',
    ],
    [
      'several arrows for one event',
      { 'machine/states/leaf/states/shut/on/Opened': ['open', 'locked'] },
      'machine.states.leaf.states.shut.on.Opened: must be a target, or an object with the names of a target and a guard',
    ],
    [
      'an arrow that goes nowhere',
      { 'machine/states/leaf/states/shut/on/Locked': { guard: 'quiet' } },
      'machine.states.leaf.states.shut.on.Locked: must be a target, or an object with the names of a target and a guard',
    ],
    [
      'a guard that is a combination',
      { 'machine/states/leaf/states/shut/on/Locked/guard': { type: 'quiet' } },
      'machine.states.leaf.states.shut.on.Locked: must be a target, or an object with the names of a target and a guard',
    ],
    [
      'an event at a region and at one of its states',
      { 'machine/states/leaf/on/Opened': '.open' },
      'machine.states.leaf.states.shut.on.Opened: is also at the region; keep only one of them',
    ],
    ['a machine without its id', { 'machine/id': DROP }, 'machine.id: must be a string'],
    [
      'no initial state',
      { 'machine/states/leaf/initial': DROP },
      'machine.states.leaf.initial: there is no state "undefined"',
    ],
    [
      'an initial state from Object.prototype',
      { 'machine/states/leaf/initial': 'toString' },
      'machine.states.leaf.initial: there is no state "toString"',
    ],
    [
      'a state that is nothing',
      { 'machine/states/leaf/states/open': null },
      'machine.states.leaf.states.open: must be a state; use {} for one without arrows',
    ],
    [
      'a region that is nothing',
      { 'machine/states/bell': 'ringing' },
      'machine.states.bell: must be a region, with an initial state and states',
    ],
    [
      'a state with a dot in its name',
      { 'machine/states/bell/states/a.b': {} },
      'machine.states.bell.states.a.b: "a.b" must consist of lower-case letters, digits and dashes',
    ],
    [
      'a wildcard',
      { 'events/Painted.*': { kind: 'note', schemaVersion: 1 } },
      'events.Painted.*: must be a name such as LetterSent or StateRecorded.open',
    ],
    [
      'an unknown guard',
      { 'machine/states/leaf/states/shut/on/Locked/guard': 'silent' },
      'machine.states.leaf.states.shut.on.Locked: there is no guard "silent"',
    ],
    [
      'a guard from Object.prototype',
      { 'machine/states/leaf/states/shut/on/Locked/guard': 'valueOf' },
      'machine.states.leaf.states.shut.on.Locked: there is no guard "valueOf"',
    ],
    [
      'a guard over a state that is not there',
      { 'guards/quiet/in': ['still', 'broken'] },
      'guards.quiet: there is no state "bell.broken"',
    ],
    [
      'a guard over a region that is not there',
      { 'guards/quiet/region': 'window' },
      'guards.quiet: there is no state "window.still"',
    ],
    [
      'a guard that can never hold',
      { 'guards/quiet/in': [] },
      'guards.quiet.in: must be a list of at least one state',
    ],
    [
      'an arrow for an event that is not declared',
      { 'machine/states/leaf/states/shut/on/Kicked': 'open' },
      'machine.states.leaf.states.shut.on.Kicked: "Kicked" is not declared as a move',
    ],
    [
      'an arrow for a note',
      { 'machine/states/leaf/states/shut/on/Painted': 'open' },
      'machine.states.leaf.states.shut.on.Painted: "Painted" is not declared as a move',
    ],
    [
      'an arrow for the first event',
      { 'machine/states/leaf/states/shut/on/Built': 'open' },
      'machine.states.leaf.states.shut.on.Built: "Built" is not declared as a move',
    ],
    [
      'an event of another kind',
      { 'events/Painted/kind': 'remark' },
      'events.Painted.kind: must be first, move or note',
    ],
    [
      'an event that is nothing',
      { 'events/Painted': null },
      'events.Painted.kind: must be first, move or note',
    ],
    [
      'two first events',
      { 'events/Painted/kind': 'first' },
      'events: exactly one must be of kind "first", not 2',
    ],
    ['no first event', { 'events/Built/kind': 'note' }, 'events: exactly one must be of kind "first", not 0'],
    [
      'a schema version of 0',
      { 'events/Painted/schemaVersion': 0 },
      'events.Painted.schemaVersion: must be a whole number from 1',
    ],
    [
      'a move without an owner',
      { 'events/Opened/owner': DROP },
      'events.Opened.owner: must be the name of the owning region',
    ],
    [
      'an owner that is not there',
      { 'events/Opened/owner': 'window' },
      'events.Opened.owner: there is no region "window"',
    ],
    [
      'an owner that never takes the move',
      { 'events/Closed/owner': 'bell' },
      'events.Closed: its owner "bell" has no arrow for it',
    ],
    [
      'a move that nothing takes',
      { 'events/Kicked': { kind: 'move', owner: 'leaf', schemaVersion: 1 } },
      'events.Kicked: its owner "leaf" has no arrow for it',
    ],
    [
      'a region counted for that is not there',
      { 'events/Closed/countsFor': ['leaf', 'window'] },
      'events.Closed.countsFor: there is no region "window"',
    ],
    [
      'two targets of one move in a region',
      { 'machine/states/leaf/states/locked/on/Opened': 'shut' },
      'events.Opened: has several targets in "leaf": open, shut',
    ],
    [
      'a guard on a region that follows',
      { 'machine/states/bell/on/Opened': { target: '.still', guard: 'quiet' } },
      'machine.states.bell.on.Opened: a following region cannot have a guard; the owner decides',
    ],
    [
      'a state that no event leads to',
      { 'machine/states/bell/states/broken': {} },
      'machine.states.bell.states.broken: no event leads to this state',
    ],
    [
      'a state that leads to itself alone',
      {
        'machine/states/bell/states/broken': { on: { Broken: 'broken' } },
        'events/Broken': { kind: 'move', owner: 'bell', schemaVersion: 1 },
      },
      'machine.states.bell.states.broken: no event leads to this state',
    ],
    [
      'a state behind a guard that never holds where it is asked',
      {
        'machine/states/leaf/states/open/on/Rammed': { target: 'broken', guard: 'closed' },
        'machine/states/leaf/states/broken': {},
        'events/Rammed': { kind: 'move', owner: 'leaf', schemaVersion: 1 },
      },
      'machine.states.leaf.states.broken: no event leads to this state',
    ],
  ])('%s', (_, changes, problem) => {
    expect(problemsAfter(changes)).toContainEqual(expect.stringContaining(problem));
  });

  test('more regions than xstate compares in a moment', () => {
    const more = Object.fromEntries(
      Array.from({ length: 15 }, (_, number) => [`r${number}`, { initial: 's', states: { s: {} } }]),
    );
    const { machine, ...rest } = door() as { machine: { states: object } };
    const problems = problemsOf({
      ...rest,
      machine: { ...machine, states: { ...machine.states, ...more } },
    });
    expect(problems).toContain('machine.states: has more than 16 regions');
  });

  test('more combinations of states than can be walked', () => {
    const names = Array.from({ length: 7 }, (_, index) => `state-${index}`);
    const changes: Record<string, unknown> = {};
    for (let region = 0; region < 6; region++) {
      const type = (state: string) => `To.${region}-${state}`;
      changes[`machine/states/region-${region}`] = {
        initial: names[0],
        on: Object.fromEntries(names.map((state) => [type(state), `.${state}`])),
        states: Object.fromEntries(names.map((state) => [state, {}])),
      };
      for (const state of names) {
        changes[`events/${type(state)}`] = { kind: 'move', owner: `region-${region}`, schemaVersion: 1 };
      }
    }
    const problems = problemsAfter(changes);
    expect(problems).toEqual(['machine: the regions can reach more than 2000 combinations of states']);
  });

  test('reports all errors at once, and the message names the lifecycle', () => {
    const broken = change(door(), {
      'machine/states/leaf/states/shut/after': {},
      'machine/context': {},
      version: -1,
    });
    expect(() => {
      check(broken);
    }).toThrow(
      /^Lifecycle door v-1 is not valid:\n {2}- version: .*\n {2}- machine\.context.*\n {2}- .*shut\.after/,
    );
  });
});

describe('any definition', () => {
  test('of JSON is accepted or refused by name, never by another error', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...Object.keys(door())), (value, member) => {
        for (const definition of [value, { ...door(), [member]: value }]) {
          try {
            check(definition);
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidLifecycleError);
          }
        }
      }),
    );
  });

  const odd = { toString: 0 };

  test.each([
    ['a name', { name: [odd] }, 'name: '],
    ['a version', { version: odd }, 'version: '],
    ['the region of the status, as a list', { statusRegion: ['leaf'] }, 'statusRegion: '],
    ['the region of a guard', { guards: { quiet: { region: odd, in: ['still'] } } }, 'guards.quiet.region: '],
    ['a state of a guard', { guards: { quiet: { region: 'bell', in: [odd] } } }, 'guards.quiet.in: '],
    [
      'a region that an event counts for',
      { events: { Built: { kind: 'move', owner: 'leaf', countsFor: [odd], schemaVersion: 1 } } },
      'events.Built.countsFor: ',
    ],
  ])('with %s that is not text is refused by its place', (_, change, place) => {
    expect(() => {
      check({ ...door(), ...change });
    }).toThrow(
      expect.objectContaining({ problems: expect.arrayContaining([expect.stringMatching(`^${place}`)]) }),
    );
  });

  const book = (): Json => JSON.parse(JSON.stringify(bookDefinition)) as Json;

  /** Yields the path of every member of the definition's machine, guards and events. */
  function* placesIn(value: Json, path: string[] = []): Generator<string[]> {
    for (const [member, child] of Object.entries(value)) {
      yield [...path, member];
      if (typeof child === 'object' && child !== null) yield* placesIn(child as Json, [...path, member]);
    }
  }
  const { machine, guards, events } = book();
  const places = [...placesIn({ machine, guards, events })];
  const names = [...new Set(places.flat())].filter((name) => !/^\d+$/.test(name));
  const replacement = fc.oneof(
    fc.constantFrom(...names),
    fc.constantFrom(...names).map((name) => `.${name}`),
    fc.constantFrom(...names).map((target) => ({ target, guard: 'lent' })),
    fc.constantFrom<unknown>('', null, 0, [], {}, true),
  );
  const mutation = fc.record({
    path: fc.constantFrom(...places),
    how: fc.oneof(
      fc.constant({ drop: true as const }),
      fc.record({ replace: replacement }),
      fc.record({ rename: fc.constantFrom('renamed', 'Renamed', ...names) }),
      fc.record({
        add: fc.constantFrom('after', 'entry', 'context', 'always', 'invoke', 'on', 'type', ...names),
        as: replacement,
      }),
    ),
  });
  type Mutation = typeof mutation extends fc.Arbitrary<infer Value> ? Value : never;

  function mutate(definition: Json, { path, how }: Mutation): Json {
    const parent = path.slice(0, -1).reduce((object, name) => object[name] as Json, definition);
    const last = path.at(-1)!;
    const value = parent[last];
    if ('replace' in how) parent[last] = how.replace;
    else if ('add' in how) {
      if (typeof value === 'object' && value !== null) (value as Json)[how.add] = how.as;
    } else {
      Reflect.deleteProperty(parent, last);
      if ('rename' in how) parent[how.rename] = value;
    }
    return definition;
  }

  test('a nearly valid one is refused with a place, or xstate runs it', () => {
    let refused = 0;
    let accepted = 0;
    fc.assert(
      fc.property(mutation, (change) => {
        const definition = mutate(book(), change);
        try {
          const lifecycle = statechartOf(definition);
          // The event that starts the record may have been renamed by the change.
          const declared = Object.entries(definition['events'] as Record<string, Json>);
          const [first = ''] = declared.find(([, { kind }]) => kind === 'first') ?? [];
          expect(lifecycle.valueAfter(null, first)).toEqual(lifecycle.initial);
          accepted += 1;
        } catch (error) {
          if (!(error instanceof InvalidLifecycleError)) throw error;
          refused += 1;
          expect(error.problems.every((problem) => /^[a-z]\w*(\.[\w.*-]+)*: \S/i.test(problem))).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
    expect(refused).toBeGreaterThan(250);
    expect(accepted).toBeGreaterThan(5);
  });
});
