import { EventShapes } from '#event-sourcing/upcasting';
import { all, commandRow } from '#lifecycle/decide';
import type { CommandTable } from '#lifecycle/decide';
import { freeText } from '#lifecycle/fields';
import { issueDefinition, issuePayload } from '#lifecycle/issue';
import type { RecordKind } from '#lifecycle/kind';
import { Lifecycles, withCommands } from '#lifecycle/lifecycles';
import type { CommandedLifecycle } from '#lifecycle/lifecycles';
import { defineLifecycle } from '#lifecycle/lifecycle';
import { definitionsOf } from '#lifecycle/lifecycle-definition';
import { commandPayload, first, move, note } from '#lifecycle/shapes';
import { NO_SUMMARY } from '#lifecycle/summary';
import type { PayloadOf } from '#lifecycle/shapes';
import { ownStatechart } from '#state-machines/definition';
import { recommendations } from '#state-machines/inspection-recommendation/versions';

/** What policy needs of a letter: who wrote it. */
interface LetterFacts {
  readonly author: string | null;
}

export const letter = {
  ...{ name: 'letter', stream: 'letter', path: 'letters' },
  noun: { singular: 'letter', plural: 'letters' },
  roles: { staff: ['inspector', 'approver'], body: [] },
} as const satisfies RecordKind;

const events = {
  LetterWritten: first({ text: freeText('What it says.') }),
  LetterSent: move('post', {}),
  LetterAnswered: move('post', { answer: freeText('What the answer says.') }),
  LetterFiled: note({ place: freeText('Where it is kept.') }),
};

/** A letter that is sent and answered: it is for no body, has no deadline, and no region `progress`. */
const statechart = ownStatechart({
  name: letter.name,
  version: 1,
  statusRegion: 'post',
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
  guards: {},
  events: definitionsOf(events),
  thresholds: {},
});

const lifecycle = defineLifecycle<LetterFacts>(
  statechart,
  '4b4b4800de8fc4608516be449fe94880ff0b693f35ba04f58e74303064673a69',
  {
    shapes: new EventShapes(events),
    facts: {
      initial: { author: null },
      evolve: (facts, { type, actor }) => (type === 'LetterWritten' ? { author: actor.subject } : facts),
    },
    beginning: { code: 'effective-date-before-letter', what: 'the letter' },
    fullness: { stillTaken: 'nothing' },
    summary: {
      ...NO_SUMMARY,
      isClosed: ({ post }) => post === 'answered',
      waits: { answer: { persons: (_, { post }) => (post === 'sent' ? [] : null) } },
    },
    texts: {
      at: {
        LetterWritten: { '/data/text': 'text' },
        LetterAnswered: { '/data/answer': 'comment' },
        LetterFiled: { '/data/place': 'internal' },
      },
    },
  },
);

const SendPayload = commandPayload('SendLetterPayload', {});
const AnswerPayload = commandPayload('AnswerLetterPayload', { answer: freeText('What the answer says.') });
const FilePayload = commandPayload('FileLetterPayload', { place: freeText('Where it is kept.') });

const commands: CommandTable<LetterFacts> = {
  'send-letter': commandRow<LetterFacts, PayloadOf<typeof SendPayload>>({
    summary: 'Sends the letter.',
    payload: SendPayload,
    roles: ['inspector'],
    emits: all('LetterSent'),
    people: [
      {
        code: 'the-author',
        holds: ({ facts }, { subject }) => facts.author === subject,
        detail: () => 'Only the person who wrote the letter sends it',
      },
    ],
    events: () => [{ type: 'LetterSent', data: {} }],
  }),
  'answer-letter': commandRow<LetterFacts, PayloadOf<typeof AnswerPayload>>({
    summary: 'Records the answer to the letter.',
    payload: AnswerPayload,
    roles: ['inspector', 'approver'],
    emits: all('LetterAnswered'),
    events: (_, { answer }) => [{ type: 'LetterAnswered', data: { answer } }],
  }),
  'file-letter': commandRow<LetterFacts, PayloadOf<typeof FilePayload>>({
    summary: 'Says where the letter is kept.',
    payload: FilePayload,
    roles: ['inspector', 'approver'],
    emits: all('LetterFiled'),
    events: (_, { place }) => [{ type: 'LetterFiled', data: { place } }],
  }),
};

const WritePayload = issuePayload('WriteLetterPayload', letter.name, { text: freeText('What it says.') });

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

export const letters = withCommands(lifecycle, { kind: letter, commands, issue });

/** Letters beside what this build has. */
export const commandedWithLetters = new Lifecycles<unknown, CommandedLifecycle>(...recommendations, letters);
