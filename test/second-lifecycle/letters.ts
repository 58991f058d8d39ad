import { foldBy, rowOf } from '#lifecycle/capability';
import { freeText } from '#lifecycle/fields';
import { issueDefinition, issuePayload } from '#lifecycle/issue';
import type { RecordKind } from '#lifecycle/kind';
import { defineLifecycle } from '#lifecycle/lifecycle';
import { definitionsOf } from '#lifecycle/lifecycle-definition';
import { withCommands } from '#lifecycle/lifecycles';
import { commandPayload, first, move, note } from '#lifecycle/shapes';
import type { PayloadOf } from '#lifecycle/shapes';
import { statechartOf } from '#lifecycle/statechart';
import { NO_SUMMARY } from '#lifecycle/summary';
import { isSamePerson } from '#state-machines/capabilities/persons';

// 1. The kind of record: its names, and its roles.
const letter = {
  ...{ name: 'letter', stream: 'letter', path: 'letters' },
  noun: { singular: 'letter', plural: 'letters' },
  roles: { staff: ['inspector', 'approver'], body: [] },
} as const satisfies RecordKind;

// 2. Events and their members.
const events = {
  LetterWritten: first({ text: freeText('What it says.') }),
  LetterSent: move('post', {}),
  LetterAnswered: move('post', { answer: freeText('The text of the answer.') }),
  LetterFiled: note({ place: freeText('Where it is kept.') }),
};

// 3. The statechart: the transitions of each state.
const statechart = statechartOf({
  ...{ name: letter.name, version: 1, statusRegion: 'post', guards: {}, thresholds: {} },
  machine: {
    id: 'letter',
    type: 'parallel',
    states: {
      post: {
        initial: 'draft',
        states: {
          draft: { on: { LetterSent: 'sent' } },
          sent: { on: { LetterAnswered: 'answered' } },
          answered: {},
        },
      },
    },
  },
  events: definitionsOf(events),
});

// 4. Facts: what rules need from the history in addition to the state.
interface Facts {
  readonly author: string | null;
}

const DIGEST = 'e5bfb59f81073799d38add4c442e29ff2d82aaf85ebc0164118044a7d0f5657b';
const lifecycle = defineLifecycle<Facts>(statechart, DIGEST, {
  shapes: events,
  facts: {
    initial: { author: null },
    evolve: foldBy<Facts, typeof events>(events, {
      LetterWritten: (_, { actor }) => ({ author: actor.subject }),
    }),
  },
  beginning: { code: 'effective-date-before-letter', what: 'the letter' },
  fullness: { stillAccepted: 'nothing' },
  // The columns of lists.
  summary: {
    ...NO_SUMMARY,
    isClosed: ({ post }) => post === 'answered',
    waits: { answer: { persons: (_, { post }) => (post === 'sent' ? [] : null) } },
  },
  // The searchable texts.
  texts: {
    at: {
      LetterWritten: { '/data/text': 'text' },
      LetterAnswered: { '/data/answer': 'comment' },
      LetterFiled: { '/data/place': 'internal' },
    },
  },
});

// 5. Commands and their permissions.
const SendPayload = commandPayload('SendLetterPayload', {});
const AnswerPayload = commandPayload('AnswerLetterPayload', events.LetterAnswered.members);
const FilePayload = commandPayload('FileLetterPayload', events.LetterFiled.members);

const commands = {
  'send-letter': rowOf<Facts, typeof events, PayloadOf<typeof SendPayload>>({
    summary: 'Sends the letter.',
    payload: SendPayload,
    roles: ['inspector'],
    emits: ['LetterSent'],
    people: [
      {
        code: 'the-author',
        isMet: ({ facts }, { subject }) => isSamePerson(facts.author, subject),
        detail: () => 'Only the person who wrote the letter can send it',
      },
    ],
    events: () => [{ type: 'LetterSent', data: {} }],
  }),
  'answer-letter': rowOf<Facts, typeof events, PayloadOf<typeof AnswerPayload>>({
    summary: 'Records the answer to the letter.',
    payload: AnswerPayload,
    roles: ['inspector', 'approver'],
    emits: ['LetterAnswered'],
    events: (_, { answer }) => [{ type: 'LetterAnswered', data: { answer } }],
  }),
  'file-letter': rowOf<Facts, typeof events, PayloadOf<typeof FilePayload>>({
    summary: 'Records where the letter is kept.',
    payload: FilePayload,
    roles: ['inspector', 'approver'],
    emits: ['LetterFiled'],
    events: (_, { place }) => [{ type: 'LetterFiled', data: { place } }],
  }),
};

// 6. The start of a record.
const WritePayload = issuePayload('WriteLetterPayload', letter.name, events.LetterWritten.members);

const issue = issueDefinition<PayloadOf<typeof WritePayload>>({
  summary: 'Writes a letter.',
  payload: WritePayload,
  roles: ['inspector'],
  emits: ['LetterWritten'],
  decide: ({ text }, { today }) => ({
    refusal: null,
    effectiveOn: today,
    events: () => [{ type: 'LetterWritten', data: { text } }],
  }),
});

/** The entry in the list of lifecycles. */
export const letters = withCommands(lifecycle, {
  ...{ kind: letter, commands, issue },
  // 7. The work queues.
  queues: {
    answer: {
      title: 'Answer',
      group: 'decide',
      roles: ['inspector', 'approver'],
      decides: true,
      waits: 'answer',
    },
  },
});
