import { describe, expect, test } from '@jest/globals';
import { letters } from '#test/second-lifecycle/letters';
import { loans } from '#test/second-lifecycle/loans';
import { book } from '#test/support/book-lifecycle';
import { checkLifecycles } from './check-lifecycle.ts';
import type { CommandDefinition } from './decide.ts';
import type { LifecycleCode } from './lifecycle-definition.ts';
import { Lifecycles } from './lifecycles.ts';
import type { CommandedLifecycle } from './lifecycles.ts';
import type { Queue } from './queue.ts';
import { NO_SUMMARY } from './summary.ts';

const base: CommandedLifecycle = letters;
const send = base.commands['send-letter']!;

const code = (change: Partial<LifecycleCode>) => ({ code: { ...base.code, ...change } });
const row = (change: Partial<CommandDefinition<unknown>>) => ({
  commands: { ...base.commands, 'send-letter': { ...send, ...change } },
});
const issue = (change: Partial<CommandedLifecycle['issue']>) => ({ issue: { ...base.issue, ...change } });
const queue = (change: Partial<Queue>) => ({
  queues: { late: { title: 'Late', group: 'decide', roles: [], ...change } as const },
});
const words = (values: CommandedLifecycle['words']) => ({ words: values });
/** Returns a change of the machine: other states of its only region. */
const states = (changed: object) => {
  const { definition } = base;
  const { post } = definition.machine.states;
  const machine = {
    ...definition.machine,
    states: { post: { ...post!, states: { ...post!.states, ...changed } } },
  };
  return { definition: { ...definition, machine } };
};
const kind = (change: Partial<CommandedLifecycle['kind']>) => ({ kind: { ...base.kind, ...change } });

const check = (lifecycle: CommandedLifecycle) => () => {
  checkLifecycles(new Lifecycles<unknown>(book, lifecycle));
};

const COMMANDS = 'send-letter, answer-letter, file-letter';
const TYPES = 'LetterWritten, LetterSent, LetterAnswered, LetterFiled';

describe('a lifecycle that names missing members', () => {
  test.each<[string, Partial<CommandedLifecycle>, string]>([
    [
      'an aside',
      code({ asides: new Set(['LetterFilled']) }),
      'asides: there is no event "LetterFilled"; use "LetterFiled", or remove it',
    ],
    [
      'an event with texts',
      code({ texts: { at: { LetterSend: {} } } }),
      'texts.at: there is no event "LetterSend"; use "LetterSent", or remove it',
    ],
    [
      'a text that is no member',
      code({ texts: { at: { LetterSent: { '/data/titel': 'title' } } } }),
      'texts.at.LetterSent: there is no free text "/data/titel"; remove it',
    ],
    [
      'what is due without dates',
      code({ due: () => [] }),
      'dates: `due` and `dates` need each other; add the missing one',
    ],
    [
      'dates that nothing records',
      code({ dates: loans.code.dates! }),
      'dates: `due` and `dates` need each other; add the missing one',
    ],
    [
      'dates that do not begin with the record',
      code({ dates: { ...loans.code.dates!, first: 'LetterWriten' }, due: () => [] }),
      'dates.first: there is no first event "LetterWriten"; use "LetterWritten", or remove it',
    ],
    [
      'a body that lists do not know',
      { ...code({ body: () => null, summary: NO_SUMMARY }) },
      'summary.body: must return the body of a record, because lists use it for access',
    ],
    [
      'roles of a body',
      kind({ roles: { staff: ['inspector', 'approver'], body: ['force-lead'] } }),
      'kind.roles.body: no one can act as force-lead: the code has no `body`, so records have none; add it, or remove these roles',
    ],
    ['a guard', row({ when: 'draft' }), 'commands.send-letter.when: there is no guard "draft"; remove it'],
    [
      'an event of a command',
      row({ emits: ['LetterSend'] }),
      'commands.send-letter.emits: there is no event after the first "LetterSend"; use "LetterSent", or remove it',
    ],
    [
      'the first event of a command',
      row({ emits: ['LetterWritten'] }),
      'commands.send-letter.emits: there is no event after the first "LetterWritten"; use one of LetterSent, LetterAnswered, LetterFiled, or remove it',
    ],
    [
      'a role to notify',
      { notices: { LetterSent: { kind: 'sent', title: 'Sent', to: [{ roles: ['aprover'] }] } } },
      'notices.LetterSent.to: there is no role of letters "aprover"; use "approver", or remove it',
    ],
    [
      'an event on other records',
      row({ emitsElsewhere: ['Returnd'] }),
      'commands.send-letter.emitsElsewhere: there is no event "Returnd"; use "Returned", or remove it',
    ],
    [
      'a role of a command',
      row({ roles: ['approvers'] }),
      'commands.send-letter.roles: there is no role of letters "approvers"; use "approver", or remove it',
    ],
    [
      'no role of a command',
      row({ roles: [] }),
      'commands.send-letter.roles: is empty; add a role, because no one could use it',
    ],
    [
      'an event of the issue',
      issue({ emits: ['LetterWritten', 'LetterStamped'] }),
      `issue.emits: there is no event "LetterStamped"; use one of ${TYPES}, or remove it`,
    ],
    [
      'a role of the issue',
      issue({ roles: ['clerk'] }),
      'issue.roles: there is no role of letters "clerk"; use one of inspector, approver, or remove it',
    ],
    [
      'what waits in a queue',
      queue({ waits: 'answers' }),
      'queues.late.waits: there is no wait "answers"; use "answer", or remove it',
    ],
    [
      'the region of a queue',
      queue({ state: { poste: 'sent' } }),
      'queues.late.state: there is no region "poste"; use "post", or remove it',
    ],
    [
      'the state of a queue',
      queue({ state: { post: 'send' } }),
      'queues.late.state.post: there is no state "send"; use "sent", or remove it',
    ],
    [
      'a word for a state',
      words({ states: { send: 'Sent' } }),
      'words.states: there is no state "send"; use "sent", or remove it',
    ],
    [
      'a word for a region',
      words({ regions: { progress: 'Progress' } }),
      'words.regions: there is no region "progress"; use one of post, or remove it',
    ],
    [
      'a word for an event',
      words({ moves: { LetterAnswerd: 'Answered' } }),
      'words.moves: there is no event "LetterAnswerd"; use "LetterAnswered", or remove it',
    ],
    [
      'an event of the sweep',
      words({ sweepEvents: ['Due'] }),
      `words.sweepEvents: there is no event "Due"; use one of ${TYPES}, or remove it`,
    ],
    [
      'a word for a command',
      words({ commands: { 'sent-letter': { title: 'Send' } } }),
      'words.commands: there is no command "sent-letter"; use "send-letter", or remove it',
    ],
    [
      'the form of a command',
      words({ forms: { post: { form: () => ({}) } } }),
      `words.forms: there is no command "post"; use one of ${COMMANDS}, or remove it`,
    ],
    [
      'a word for a member',
      words({ members: { plaice: 'the place' } }),
      'words.members: there is no member of payloads "plaice"; use "place", or remove it',
    ],
    [
      'the member that a rule is about',
      words({ ruleMembers: { 'too-far': 'plaice' } }),
      'words.ruleMembers.too-far: there is no member of payloads "plaice"; use "place", or remove it',
    ],
    [
      'a state with a dot in its name',
      states({ 'a.b': {} }),
      'definition: "a.b" must consist of lower-case letters, digits and dashes',
    ],
    [
      'two targets of one move in a region',
      states({ answered: { on: { LetterSent: 'draft' } } }),
      'events.LetterSent: in "post" it has several targets: sent, draft',
    ],
    [
      'a guard on a region that follows',
      {
        definition: {
          ...states({ draft: { on: { LetterSent: { target: 'sent', guard: 'quiet' } } } }).definition,
          events: {
            ...base.definition.events,
            LetterSent: { kind: 'move', owner: 'desk', schemaVersion: 1 },
          },
        },
      },
      'machine.states.post.states.draft.on.LetterSent: a following region cannot have a guard; the owner decides',
    ],
  ])('given %s, then the error names the place', (_, change, problem) => {
    expect(check({ ...base, ...change })).toThrow(`Lifecycle letter v1 is not valid:\n  - ${problem}`);
  });

  test('given the lifecycle of the guide, then it is valid', () => {
    expect(check(base)).not.toThrow();
  });

  test('given several mistakes, then the error names each', () => {
    const wrong = { ...base, ...row({ when: 'open' }), ...words({ states: { post: 'Post' } }) };
    expect(check(wrong)).toThrow(
      /is not valid:\n {2}- commands\.send-letter\.when: .*\n {2}- words\.states: .*$/,
    );
  });
});
