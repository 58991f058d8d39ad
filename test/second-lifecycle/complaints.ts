import { foldBy, rowOf, together } from '#lifecycle/capability';
import { freeText, orNull, plainDate } from '#lifecycle/fields';
import type { FoldedEvent } from '#lifecycle/folded-event';
import { issueDefinition, issuePayload } from '#lifecycle/issue';
import type { RecordKind } from '#lifecycle/kind';
import { defineLifecycle } from '#lifecycle/lifecycle';
import { definitionsOf } from '#lifecycle/lifecycle-definition';
import { withCommands } from '#lifecycle/lifecycles';
import { queuesOfDates } from '#lifecycle/queue';
import { commandPayload, first, move } from '#lifecycle/shapes';
import type { PayloadOf } from '#lifecycle/shapes';
import { statechartOf } from '#lifecycle/statechart';
import type { SummaryCode } from '#lifecycle/summary';
import { comments } from '#state-machines/capabilities/comments';
import type { CommentFacts } from '#state-machines/capabilities/comments';
import { deadlines } from '#state-machines/capabilities/dated-work';
import type { DeadlineFacts } from '#state-machines/capabilities/deadline-facts';
import { thresholds } from '#state-machines/capabilities/deadlines';
import { recipient, title } from '#state-machines/capabilities/fields';
import { recipients } from '#state-machines/capabilities/recipients';
import type { RecipientFacts } from '#state-machines/capabilities/recipients';
import { isSamePerson } from '#state-machines/capabilities/persons';
import { response, RESPONSE } from '#state-machines/capabilities/response';

/** A complaint to a body, which must respond to it by a date. */
const complaint = {
  ...{ name: 'complaint', stream: 'complaint', path: 'complaints' },
  noun: { singular: 'complaint', plural: 'complaints' },
  roles: { staff: ['caseworker', 'adjudicator'], body: ['liaison'] },
} as const satisfies RecordKind;

interface Facts extends RecipientFacts, CommentFacts, DeadlineFacts {
  readonly maker: string | null;
}

const answers = response({ kind: complaint, roles: ['liaison'] });
const open = { region: 'handling', in: ['open'] } as const;
const machine = {
  id: complaint.name,
  type: 'parallel',
  states: {
    handling: { initial: 'open', states: { open: { on: { ComplaintClosed: 'closed' } }, closed: {} } },
    ...answers.regions,
  },
} as const;
const bodies = recipients({ kind: complaint, first: 'ComplaintMade' });
const remarks = comments({ kind: complaint, imported: {} });
const dated = deadlines<Facts>({
  ...{ kind: complaint, first: 'ComplaintMade', regions: machine.states, open, response: RESPONSE },
  roles: { decide: ['caseworker'], request: ['liaison'] },
});
const none: Facts = { ...bodies.initial, ...remarks.initial, ...dated.initial, maker: null };

const events = {
  ComplaintMade: first({ title, text: freeText('What happened.'), recipient: orNull(recipient) }),
  ComplaintClosed: move('handling', { outcome: freeText('What came of it.') }),
  ...bodies.events,
  ...remarks.events,
  ...dated.events,
  ...answers.events,
};

const statechart = statechartOf({
  ...{ name: complaint.name, version: 1, statusRegion: 'handling', thresholds },
  ...{ machine, guards: { open }, events: definitionsOf(events) },
});

const ownFacts = foldBy<Facts, typeof events>(events, {
  ComplaintMade: (_, { actor }) => ({ maker: actor.subject }),
});
const evolve = (facts: Facts, event: FoldedEvent): Facts =>
  ownFacts(dated.fold(remarks.fold(bodies.fold(facts, event), event), event), event);

type Listed = Pick<Facts, 'deadlines' | 'extensions'>;
const listed = ({ deadlines: due, extensions }: Listed): Listed => ({ deadlines: due, extensions });

const summary: SummaryCode<Listed> = {
  initial: listed(none),
  after: (before, event) => listed(dated.fold({ ...none, ...before }, event)),
  isClosed: ({ handling }) => handling === 'closed',
  body: bodies.bodyAfter,
  ...answers.summary,
  ...dated.summary,
  waits: {
    ...dated.summary.waits,
    response: {
      decidedBy: ['publish-response'],
      persons: (_, { response: is }) => (is === 'due' ? [] : null),
    },
  },
};

const DIGEST = '4f7f637d1f81655a675ff9d33b87cde05646e512c31cf6e10eb4df366b543678';
const lifecycle = defineLifecycle<Facts>(statechart, DIGEST, {
  shapes: events,
  facts: {
    ...{ initial: none, evolve },
    effectiveOnsOfEarlier: dated.effectiveOnsOfEarlier,
  },
  ...{ body: bodies.body, due: dated.due, notYet: dated.notYet, dates: dated.dates },
  beginning: { code: 'effective-date-before-complaint', what: 'the complaint' },
  fullness: { stillAccepted: 'the response' },
  summary,
  texts: {
    ...remarks.texts,
    at: {
      ...remarks.texts.at,
      ComplaintMade: { '/data/title': 'title', '/data/text': 'text' },
      ResponsePublished: { '/data/text': 'comment' },
    },
  },
});

const ClosePayload = commandPayload('CloseComplaintPayload', events.ComplaintClosed.members);

const own = {
  'close-complaint': rowOf<Facts, typeof events, PayloadOf<typeof ClosePayload>>({
    summary: 'Closes the complaint.',
    payload: ClosePayload,
    roles: ['adjudicator'],
    emits: ['ComplaintClosed'],
    people: [
      {
        code: 'not-the-maker',
        isMet: ({ facts }, { subject }) => !isSamePerson(facts.maker, subject),
        detail: () => 'Another person than the one who made the complaint closes it',
      },
    ],
    events: (_, { outcome }) => [{ type: 'ComplaintClosed', data: { outcome } }],
  }),
};

const MakePayload = issuePayload('MakeComplaintPayload', complaint.name, {
  ...{ title, text: events.ComplaintMade.members.text, recipient },
  dueOn: plainDate('The last day for the response.'),
});

const issue = issueDefinition<PayloadOf<typeof MakePayload>>({
  summary: 'Makes a complaint to a body.',
  payload: MakePayload,
  roles: ['caseworker'],
  emits: ['ComplaintMade', 'ResponseRequired', 'DeadlineSet'],
  bodies: (payload) => [payload.recipient],
  decide: ({ title: named, text, dueOn }, { today }) => ({
    ...{ refusal: null, effectiveOn: today },
    events: ({ body }) => [
      { type: 'ComplaintMade', data: { title: named, text, recipient: body } },
      { type: 'ResponseRequired', data: {} },
      { type: 'DeadlineSet', data: { deadlineId: 'd1', kind: 'response', dueOn } },
    ],
  }),
});

/** The entry in the list of lifecycles. */
export const complaints = withCommands(lifecycle, {
  ...{ kind: complaint, issue },
  commands: together(own, bodies.commands, remarks.commands, dated.commands, answers.commands),
  words: {
    ...answers.words,
    commands: together(
      { 'close-complaint': {} },
      bodies.words.commands,
      remarks.words.commands,
      dated.words.commands,
      answers.words.commands,
    ),
    sweepEvents: dated.words.sweepEvents,
    headlineMembers: ['deadlineId', 'position', 'late'],
  },
  notices: together(bodies.notices, remarks.notices, dated.notices, answers.notices, {
    ComplaintMade: { kind: 'made', title: 'Complaint made', to: ['body', { roles: ['adjudicator'] }] },
  }),
  queues: together(
    { respond: { title: 'Respond', group: 'decide', roles: ['liaison'], decides: true, waits: 'response' } },
    queuesOfDates(['caseworker', 'liaison']),
  ),
});
