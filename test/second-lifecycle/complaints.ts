import { EventShapes } from '#event-sourcing/upcasting';
import { combined, rowOf } from '#lifecycle/capability';
import { all } from '#lifecycle/decide';
import { freeText, labelled, sent } from '#lifecycle/fields';
import { issueDefinition, issuePayload } from '#lifecycle/issue';
import type { RecordKind } from '#lifecycle/kind';
import { defineLifecycle } from '#lifecycle/lifecycle';
import { definitionsOf } from '#lifecycle/lifecycle-definition';
import { withCommands } from '#lifecycle/lifecycles';
import { NO_SUMMARY } from '#lifecycle/summary';
import { commandPayload, first, move } from '#lifecycle/shapes';
import type { PayloadOf } from '#lifecycle/shapes';
import { comments } from '#state-machines/capabilities/comments';
import { recipient } from '#state-machines/capabilities/fields';
import { owner } from '#state-machines/capabilities/owner';
import { recipients } from '#state-machines/capabilities/recipients';
import { redaction } from '#state-machines/capabilities/redaction';
import { sharedView } from '#state-machines/capabilities/shared-view';
import { ownStatechart } from '#state-machines/definition';

// 1. The kind of record: where it is stored and found, what it is called, who acts on it.
export const complaint = {
  ...{ name: 'complaint', stream: 'complaint', path: 'complaints' },
  noun: { singular: 'complaint', plural: 'complaints' },
  roles: { staff: ['inspector', 'approver'], body: ['force-lead'] },
} as const satisfies RecordKind;

// 2. What it shares with other kinds.
const addressing = recipients({ kind: complaint, first: 'ComplaintReceived' });
const shared = combined(
  redaction(),
  addressing,
  owner({ kind: complaint, roles: ['inspector', 'force-lead'], when: 'open' }),
  comments({ kind: complaint, imported: {} }),
);

// 3. Events: what happens to a record, and what each event holds.
const text = labelled(freeText('What the complaint says.'), 'Complaint', { missing: 'Enter the complaint' });
const answer = labelled(freeText('What the body answers.'), 'Answer', { missing: 'Enter the answer' });
const events = {
  ComplaintReceived: first({ text, recipient }),
  ComplaintAnswered: move('work', { answer }),
  ComplaintReopened: move('work', {}),
  ...shared.events,
};

// 4. The statechart: which event leads from which state to which.
const statechart = ownStatechart({
  ...{ name: complaint.name, version: 1, statusRegion: 'work', thresholds: {} },
  machine: {
    id: complaint.name,
    type: 'parallel',
    states: {
      work: {
        initial: 'open',
        states: {
          open: { on: { ComplaintAnswered: 'answered' } },
          answered: { on: { ComplaintReopened: 'open' } },
        },
      },
    },
  },
  guards: { open: { region: 'work', in: ['open'] } },
  events: definitionsOf(events),
});

// 5. Facts: what rules need of the history besides the state.
type Facts = typeof shared.initial & { readonly answeredBy: string | null };

const DIGEST = '668f6c83618ee09ba8c179c78a5ae89ab2a93b708502d30dbdf0eca6ab53aa38';
const lifecycle = defineLifecycle<Facts>(statechart, DIGEST, {
  shapes: new EventShapes(events),
  facts: {
    initial: { ...shared.initial, answeredBy: null },
    evolve(before, event) {
      const facts = shared.fold(before, event);
      return event.type === 'ComplaintAnswered' ? { ...facts, answeredBy: event.actor.subject } : facts;
    },
    effectiveOnsOfEarlier: (facts, event) => shared.effectiveOnsOfEarlier(facts, event),
  },
  body: addressing.body,
  beginning: { code: 'effective-date-before-receipt', what: 'the receipt' },
  fullness: { stillTaken: 'what redacts' },
  // What lists show of it.
  summary: {
    ...NO_SUMMARY,
    isClosed: ({ work }) => work === 'answered',
    body: addressing.bodyAfter,
  },
  texts: { ...shared.texts, at: { ...shared.texts.at, ComplaintReceived: { '/data/text': 'text' } } },
});

// 6. Commands: who may do what, and which events record it.
const AnswerPayload = commandPayload('AnswerComplaintPayload', sent(events.ComplaintAnswered.members));
const ReopenPayload = commandPayload('ReopenComplaintPayload', {});

const commands = {
  'answer-complaint': rowOf<Facts, typeof events, PayloadOf<typeof AnswerPayload>>({
    summary: 'Answers the complaint.',
    payload: AnswerPayload,
    roles: ['force-lead', 'inspector'],
    emits: all('ComplaintAnswered'),
    events: (_, { answer: given }) => [{ type: 'ComplaintAnswered', data: { answer: given } }],
  }),
  'reopen-complaint': rowOf<Facts, typeof events, PayloadOf<typeof ReopenPayload>>({
    summary: 'Opens an answered complaint again.',
    payload: ReopenPayload,
    roles: ['inspector'],
    emits: all('ComplaintReopened'),
    people: [
      {
        code: 'not-who-answered',
        holds: ({ facts }, { subject }) => facts.answeredBy !== subject,
        detail: () => 'You answered the complaint; another person reopens it',
      },
    ],
    events: () => [{ type: 'ComplaintReopened', data: {} }],
  }),
  ...shared.commands,
};

// 7. How a record begins.
const ReceivePayload = issuePayload('ReceiveComplaintPayload', complaint.name, { text, recipient });

const issue = issueDefinition<PayloadOf<typeof ReceivePayload>>({
  summary: 'Records a complaint that was received.',
  payload: ReceivePayload,
  roles: ['inspector'],
  emits: ['ComplaintReceived'],
  bodies: (payload) => [payload.recipient],
  decide: (payload, { today }) => ({
    ...{ refusal: null, effectiveOn: today },
    events: () => [{ type: 'ComplaintReceived', data: { text: payload.text, recipient: payload.recipient } }],
  }),
});

// 8. Words for pages; what is left out follows from the names.
const words = {
  commands: {
    ...shared.words.commands,
    'answer-complaint': { title: 'Answer the complaint', purpose: 'Say what was done about it.' },
  },
};

/** What goes into the list of lifecycles. */
export const complaints = withCommands(
  { ...lifecycle, view: sharedView },
  { kind: complaint, commands, issue, words },
);
