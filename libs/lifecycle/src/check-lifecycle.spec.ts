import { describe, expect, test } from '@jest/globals';
import type { StateValue } from '#event-sourcing/envelope';
import { letters } from '#test/second-lifecycle/letters';
import { loans } from '#test/second-lifecycle/loans';
import { book } from '#test/support/book-lifecycle';
import { NO_ANSWERS } from './answers.ts';
import type { LifecycleAnswers } from './answers.ts';
import type { CheckedLifecycle } from './check-lifecycle.ts';
import { all } from './decide.ts';
import type { CommandDefinition } from './decide.ts';
import { identifier, oneOf, optional } from './fields.ts';
import { issuePayload } from './issue.ts';
import type { LifecycleCode } from './lifecycle-definition.ts';
import { Lifecycles } from './lifecycles.ts';
import type { CommandedLifecycle } from './lifecycles.ts';
import type { Queue } from './queue.ts';
import { NO_SUMMARY } from './summary.ts';

const base: CommandedLifecycle = letters;
const types = base.code.shapes;
const { LetterFiled: _filed, ...withoutFiled } = types;
const send = base.commands['send-letter']!;

const code = (change: Partial<LifecycleCode>) => ({ code: { ...base.code, ...change } });
const summary = (change: object) => code({ summary: { ...NO_SUMMARY, ...change } });
const { summary: _summary, ...withoutSummary } = base.code;
type View = NonNullable<CheckedLifecycle['view']>;
const plainView: View = { show: (head) => head, stateOn: ({ value }) => value };
const view = (change: Partial<View>, answers: Partial<LifecycleAnswers> = {}) => ({
  ...{ view: { ...plainView, ...change }, answers: { ...NO_ANSWERS, ...answers } },
});
const row = (change: Partial<CommandDefinition<unknown>>) => ({
  commands: { ...base.commands, 'send-letter': { ...send, ...change } },
});
const issue = (change: Partial<CommandedLifecycle['issue']>) => ({ issue: { ...base.issue, ...change } });
const queue = (change: Partial<Queue>) => ({
  queues: { late: { title: 'Late', group: 'decide', roles: [], ...change } as const },
});
const words = (values: CommandedLifecycle['words']) => ({ words: values });
const kind = (change: Partial<CommandedLifecycle['kind']>) => ({ kind: { ...base.kind, ...change } });

const COMMANDS = 'send-letter, answer-letter, file-letter';
const TYPES = 'LetterWritten, LetterSent, LetterAnswered, LetterFiled';

describe('a lifecycle that names missing members', () => {
  test.each<[string, Partial<CommandedLifecycle> & Pick<CheckedLifecycle, 'view'>, string]>([
    [
      'an event without a shape',
      code({ shapes: withoutFiled }),
      'shapes: the event "LetterFiled" of the definition is missing; declare its members',
    ],
    [
      'another version of a shape',
      code({
        shapes: { ...types, LetterSent: { ...types['LetterSent']!, schemaVersion: 2 } },
      }),
      'shapes.LetterSent: has schemaVersion 2, but the definition has 1; they must be equal',
    ],
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
      'a text of an event',
      code({ texts: { at: { LetterWritten: { '/data/txt': 'text' } } } }),
      'texts.at.LetterWritten: there is no member of the event "/data/txt"; use "/data/text", or remove it',
    ],
    [
      'a text that is none',
      code({
        shapes: {
          ...types,
          LetterSent: { ...types['LetterSent']!, members: { pages: { kind: 'count' } } },
        },
        texts: { at: { LetterSent: { '/data/pages': 'text' } } },
      }),
      'texts.at.LetterSent: /data/pages is not a text but of kind count; remove it',
    ],
    [
      'what is due without dates',
      code({ due: () => [] }),
      'due: no sweep would find due events without dates; add `dates`',
    ],
    [
      'dates that nothing records',
      code({ dates: loans.code.dates! }),
      'dates: near and passed dates would never be recorded; add `due`',
    ],
    [
      'dates that do not begin with the record',
      code({ dates: { ...loans.code.dates!, first: 'LetterWriten' }, due: () => [] }),
      'dates.first: there is no first event "LetterWriten"; use "LetterWritten", or remove it',
    ],
    [
      'no summary',
      { code: withoutSummary },
      'summary: is missing, so lists would not show its records; use `NO_SUMMARY` if intended',
    ],
    [
      'an end in no state',
      summary({ isClosed: ({ post }: StateValue) => post === 'anwsered' }),
      'summary.isClosed: is false in every state, so no record would close; compare with existing states (post: draft, sent, answered), or use that of NO_SUMMARY',
    ],
    [
      'an end in every state',
      summary({ isClosed: ({ post }: StateValue) => post !== 'drfat' }),
      'summary.isClosed: is true in every state, so every record would be closed; compare with existing states (post: draft, sent, answered)',
    ],
    [
      'an answer in no state',
      summary({ answer: ({ post }: StateValue) => (post === 'anwsered' ? 'given' : null) }),
      'summary.answer: is null in every state; compare with existing states (post: draft, sent, answered), or remove it',
    ],
    [
      'no body in the first event',
      {
        ...code({ body: () => null, summary: { ...NO_SUMMARY, body: (before) => before } }),
        ...issue({ bodies: () => [] }),
      },
      'summary.body: returns no body for "LetterWritten", although the issue has one; read the body from "LetterWritten"',
    ],
    [
      'what no view shows',
      { answers: { ...NO_ANSWERS, currentData: { stamp: identifier() } } },
      'view: is missing, but answers declare stamp; add the view',
    ],
    [
      'what its view does not show',
      view({}, { currentData: { stamp: identifier(), seal: optional(identifier()) } }),
      'view.show: does not return "stamp", which answers declare; add the view of its capability, or remove it from answers.currentData',
    ],
    [
      'what its view computes otherwise',
      view({ stateOn: ({ value }) => ({ ...value, stmap: 'new' }) }, { state: { stamp: oneOf(['new']) } }),
      'view.stateOn: there is no member of answers.state "stmap"; use "stamp", or remove it',
    ],
    [
      'a view of other facts',
      view({
        show() {
          throw new TypeError('no dates');
        },
      }),
      'view: cannot show a new record (TypeError: no dates); use a view for these facts',
    ],
    [
      'dates in lists alone',
      summary({ dates: () => [] }),
      'dates: is missing; `dates` and `summary.dates` need each other',
    ],
    [
      'an event that changes no summary',
      summary({ asides: new Set(['Sent']) }),
      `summary.asides: there is no event "Sent"; use one of ${TYPES}, or remove it`,
    ],
    [
      'a member that no summary needs',
      summary({ unused: ['plaice'] }),
      'summary.unused: there is no member of events "plaice"; use "place", or remove it',
    ],
    [
      'what waits, under a name that is none',
      summary({ waits: { 'the answer': { persons: () => null } } }),
      'summary.waits.the answer: must consist of lower-case letters, digits and dashes',
    ],
    [
      'a body that lists do not know',
      { ...code({ body: () => null, summary: NO_SUMMARY }) },
      'summary.body: must return the body of a record, because lists use it for access',
    ],
    [
      'a kind of another name',
      kind({ name: 'brief' }),
      'kind.name: "brief" differs from the name of the definition; use "letter"',
    ],
    [
      'roles of a body',
      kind({ roles: { staff: ['inspector', 'approver'], body: ['force-lead'] } }),
      'kind.roles.body: no one can act as force-lead: the code has no `body`, so records have none; add it, or remove these roles',
    ],
    [
      'an issue to bodies',
      issue({ bodies: () => [] }),
      'issue.bodies: the code has no `body`, so records have none; add it, or remove these roles',
    ],
    [
      'a command whose name is none',
      { commands: { ...base.commands, sendLetter: send } },
      'commands.sendLetter: must consist of lower-case letters, digits and dashes',
    ],
    ['a guard', row({ when: 'draft' }), 'commands.send-letter.when: there is no guard "draft"; remove it'],
    [
      'an event of a command',
      row({ emits: all('LetterSend') }),
      'commands.send-letter.emits: there is no event after the first "LetterSend"; use "LetterSent", or remove it',
    ],
    [
      'the first event of a command',
      row({ emits: all('LetterWritten') }),
      'commands.send-letter.emits: there is no event after the first "LetterWritten"; use one of LetterSent, LetterAnswered, LetterFiled, or remove it',
    ],
    [
      'no event of a command',
      row({ emits: all() }),
      'commands.send-letter.emits: is empty; add the event that records the command',
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
      'an issue without the first event',
      issue({ emits: ['LetterSent'] }),
      'issue.emits: add "LetterWritten", the first event of a record',
    ],
    [
      'a role of the issue',
      issue({ roles: ['clerk'] }),
      'issue.roles: there is no role of letters "clerk"; use one of inspector, approver, or remove it',
    ],
    [
      'an issue of another kind',
      issue({ payload: issuePayload('WriteBriefPayload', 'brief', {}) }),
      'issue.payload: is for "brief"; use issuePayload(…, "letter", …)',
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
      'a member of the form that begins a record',
      words({ datesInText: { text: 'text', publishedOn: 'ids' } }),
      'words.datesInText.publishedOn: there is no member of the issue "ids"; use "id", or remove it',
    ],
    [
      'a likely command',
      words({ likeliest: () => ['sendletter'] }),
      'words.likeliest: there is no command "sendletter"; use "send-letter", or remove it',
    ],
  ])('given %s, then the list cannot be created, and the error names the place', (_, change, problem) => {
    const makeLifecycles = () => new Lifecycles<unknown, CommandedLifecycle>(book, { ...base, ...change });
    expect(makeLifecycles).toThrow(`Lifecycle letter v1 is not valid:\n  - ${problem}`);
  });

  test('given several mistakes, then the error names each', () => {
    const wrong = { ...base, ...row({ when: 'open' }), ...words({ states: { post: 'Post' } }) };
    expect(() => new Lifecycles<unknown, CommandedLifecycle>(wrong)).toThrow(
      /is not valid:\n {2}- commands\.send-letter\.when: .*\n {2}- words\.states: .*$/,
    );
  });
});
