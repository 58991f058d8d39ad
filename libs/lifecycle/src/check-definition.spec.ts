import { describe, expect, test } from '@jest/globals';
import { checkDefinition, InvalidLifecycleError } from './check-definition.ts';
import type { LifecycleDefinition } from './lifecycle-definition.ts';

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

const check = (definition: Json): void => {
  checkDefinition(definition as unknown as LifecycleDefinition);
};

type Changes = Readonly<Record<string, unknown>>;

/** Sets members by their paths, such as `machine/states/leaf`. */
function change(definition: Json, changes: Changes): Json {
  for (const [path, value] of Object.entries(changes)) {
    const names = path.split('/');
    const last = names.pop()!;
    const parent = names.reduce((object, name) => object[name] as Json, definition);
    parent[last] = value;
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

test('a valid definition is accepted', () => {
  expect(problemsAfter({})).toEqual([]);
});

describe('the refusals and their places', () => {
  test.each<[string, Changes, string]>([
    [
      'a name with a space',
      { name: 'a door' },
      'name.a door: must consist of lower-case letters, digits and dashes',
    ],
    ['an unknown status region', { statusRegion: 'window' }, 'statusRegion: there is no region "window"'],
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
      'an event at a region and at one of its states',
      { 'machine/states/leaf/on/Opened': '.open' },
      'machine.states.leaf.states.shut.on.Opened: is also at the region; keep only one of them',
    ],
    [
      'an initial state from Object.prototype',
      { 'machine/states/leaf/initial': 'toString' },
      'machine.states.leaf.initial: there is no state "toString"',
    ],
    [
      'a state with a dot in its name',
      { 'machine/states/bell/states/a.b': {} },
      'machine.states.bell.states.a.b: must consist of lower-case letters, digits and dashes',
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
      'two first events',
      { 'events/Painted/kind': 'first' },
      'events: exactly one must be of kind "first", not 2',
    ],
    ['no first event', { 'events/Built/kind': 'note' }, 'events: exactly one must be of kind "first", not 0'],
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
  ])('%s', (_, changes, problem) => {
    expect(problemsAfter(changes)).toEqual(expect.arrayContaining([problem]));
  });

  test('several mistakes are all listed, after the name of the lifecycle', () => {
    const wrong = change(door(), { statusRegion: 'window', 'guards/quiet/in': ['loud'] });
    expect(() => {
      check(wrong);
    }).toThrow(
      'Lifecycle door v1 is not valid:\n  - statusRegion: there is no region "window"\n  - guards.quiet: there is no state "bell.loud"',
    );
  });
});
