import { combineCapabilities, foldBy, rowOf, summaryOf } from '#lifecycle/capability';
import type { Capability } from '#lifecycle/capability';
import { all } from '#lifecycle/decide';
import { freeText, identifier, withLabel, plainDate } from '#lifecycle/fields';
import { issueDefinition, issuePayload } from '#lifecycle/issue';
import type { RecordKind } from '#lifecycle/kind';
import { defineLifecycle } from '#lifecycle/lifecycle';
import { definitionsOf } from '#lifecycle/lifecycle-definition';
import { withCommands } from '#lifecycle/lifecycles';
import { commandPayload, first, move } from '#lifecycle/shapes';
import type { PayloadOf } from '#lifecycle/shapes';
import { isSamePerson } from '#state-machines/capabilities/persons';
import { comments } from '#state-machines/capabilities/comments';
import { deadlines } from '#state-machines/capabilities/dated-work';
import { owner } from '#state-machines/capabilities/owner';
import { redaction } from '#state-machines/capabilities/redaction';
import { sharedView } from '#state-machines/capabilities/shared-view';
import { ownStatechart } from '#state-machines/definition';

/**
 * A locker with the property of a detained person. If its seal is broken, another person than the reporter must replace
 * it.
 */
const locker = {
  ...{ name: 'locker', stream: 'locker', path: 'lockers' },
  noun: { singular: 'locker', plural: 'lockers' },
  verb: 'Register',
  roles: { staff: ['detention-officer', 'custody-sergeant'], body: [] },
} as const satisfies RecordKind;

const regions = {
  use: {
    initial: 'in-use',
    states: {
      'in-use': { on: { LockerEmptied: { target: 'emptied', guard: 'seal-whole' } } },
      emptied: {},
    },
  },
  seal: {
    initial: 'whole',
    states: {
      whole: { on: { SealReportedBroken: 'broken' } },
      broken: { on: { SealReplaced: 'whole' } },
    },
  },
};
const open = { region: 'use', in: ['in-use'] };

const sealNumber = withLabel(identifier('The number on the seal.', { max: 30 }), 'Seal', {
  missing: 'Enter the number on the seal',
});
const seen = withLabel(freeText('What was seen.'), 'What you saw', { missing: 'Enter what you saw' });

interface SealFacts {
  readonly number: string | null;
  /** The person who last reported a broken seal; null if none did. */
  readonly reporter: string | null;
}

const sealEvents = {
  SealReportedBroken: move('seal', { seen }),
  SealReplaced: move('seal', { number: sealNumber }),
};
const ReportPayload = commandPayload('ReportSealPayload', sealEvents.SealReportedBroken.members);
const ReplacePayload = commandPayload('ReplaceSealPayload', sealEvents.SealReplaced.members);

/** The capability of the seal, which only this lifecycle has. */
const sealing = {
  events: sealEvents,
  initial: { number: null, reporter: null },
  fold: foldBy<SealFacts, typeof sealEvents>(sealEvents, {
    SealReportedBroken: (_, { actor }) => ({ reporter: actor.subject }),
    SealReplaced: (_, { data }) => ({ number: data.number }),
  }),
  commands: {
    'report-seal': rowOf<SealFacts, typeof sealEvents, PayloadOf<typeof ReportPayload>>({
      summary: 'Reports that the seal is broken.',
      payload: ReportPayload,
      roles: ['detention-officer', 'custody-sergeant'],
      when: 'open',
      emits: all('SealReportedBroken'),
      events: (_, { seen: said }) => [{ type: 'SealReportedBroken', data: { seen: said } }],
    }),
    'replace-seal': rowOf<SealFacts, typeof sealEvents, PayloadOf<typeof ReplacePayload>>({
      summary: 'Replaces the broken seal.',
      payload: ReplacePayload,
      roles: ['detention-officer', 'custody-sergeant'],
      emits: all('SealReplaced'),
      people: [
        {
          code: 'not-the-reporter',
          isMet: ({ facts }, { subject }) => !isSamePerson(facts.reporter, subject),
          detail: () => 'You reported the seal; another person replaces it',
        },
      ],
      rules: [
        {
          code: 'seal-not-new',
          pointer: '/number',
          isMet: ({ facts }, { number }) => facts.number !== number,
          detail: (_, { number }) => `${number} is the broken seal. Enter the number of the new one`,
        },
      ],
      events: (_, { number }) => [{ type: 'SealReplaced', data: { number } }],
    }),
  },
  summary: {
    keeps: ['reporter'],
    kept: ({ reporter }) => ({ reporter }),
    from: ({ reporter = null }) => ({ reporter: reporter as string | null }),
    waits: {
      seal: {
        decidedBy: ['replace-seal'],
        persons: ({ reporter }, { seal }) => (seal === 'broken' ? [reporter] : null),
      },
    },
  },
  texts: { at: { SealReportedBroken: { '/data/seen': 'comment' } } },
  words: { headlines: { SealReplaced: 'Seal replaced' } },
  notices: {
    SealReportedBroken: { kind: 'seal-broken', title: 'Seals to replace', opens: 'seal', to: ['owner'] },
    SealReplaced: { kind: 'seal-replaced', title: 'Seals that were replaced', answers: 'seal' },
  },
} satisfies Capability<SealFacts>;

const dating = deadlines({
  ...{ kind: locker, first: 'LockerRegistered', regions, open },
  roles: { decide: ['detention-officer'], request: ['detention-officer'] },
});
const shared = combineCapabilities(
  redaction({ kind: locker }),
  dating,
  owner({ kind: locker, roles: ['detention-officer'], when: 'open' }),
  comments({ kind: locker, imported: {} }),
  sealing,
);

const place = withLabel(freeText('Where it is.', { isLine: true }), 'Place', { missing: 'Enter the place' });
const contents = withLabel(freeText('What is in it.'), 'Contents', { missing: 'Enter what is in it' });
const events = {
  LockerRegistered: first({ place, contents }),
  LockerEmptied: move('use', {}),
  ...shared.events,
};

const statechart = ownStatechart({
  ...{ name: locker.name, version: 1, statusRegion: 'use', thresholds: {} },
  machine: { id: locker.name, type: 'parallel', states: regions },
  guards: { ...shared.guards, 'seal-whole': { region: 'seal', in: ['whole'] } },
  events: definitionsOf(events),
});

type Facts = typeof shared.initial;

const DIGEST = '796346c9751f3d381fd8a28ea5fb3632d4b41a37ed76254bf87af4884424bf62';
const lifecycle = defineLifecycle<Facts>(statechart, DIGEST, {
  shapes: events,
  facts: {
    initial: shared.initial,
    evolve: (facts, event) => shared.fold(facts, event),
    effectiveOnsOfEarlier: (facts, event) => shared.effectiveOnsOfEarlier(facts, event),
  },
  notYet: dating.notYet,
  due: dating.due,
  dates: dating.dates,
  beginning: { code: 'effective-date-before-registration', what: 'the registration' },
  fullness: { stillAccepted: 'what redacts or withdraws' },
  summary: summaryOf(shared, { isClosed: ({ use }) => use === 'emptied' }),
  texts: {
    ...shared.texts,
    at: { ...shared.texts.at, LockerRegistered: { '/data/place': 'title', '/data/contents': 'text' } },
  },
});

const EmptyPayload = commandPayload('EmptyLockerPayload', {});
const commands = {
  'empty-locker': rowOf<Facts, typeof events, PayloadOf<typeof EmptyPayload>>({
    summary: 'Empties the locker, under a whole seal.',
    payload: EmptyPayload,
    roles: ['detention-officer'],
    emits: all('LockerEmptied'),
    events: () => [{ type: 'LockerEmptied', data: {} }],
  }),
  ...shared.commands,
};

const nextCheck = withLabel(plainDate('By when it is checked.'), 'Next check', { missing: 'Enter the date' });
const RegisterPayload = issuePayload('RegisterLockerPayload', locker.name, { place, contents, nextCheck });

const issue = issueDefinition<PayloadOf<typeof RegisterPayload>>({
  summary: 'Registers a locker.',
  payload: RegisterPayload,
  roles: ['detention-officer'],
  emits: ['LockerRegistered', 'DeadlineSet'],
  decide({ place: where, contents: what, nextCheck: dueOn }, { today }) {
    const detail = `${dueOn} has passed; use ${today} or a later date`;
    const refusal = { code: 'due-in-past', detail, errors: [{ pointer: '/nextCheck', detail }] };
    return {
      refusal: dueOn < today ? refusal : null,
      effectiveOn: today,
      events: () => [
        { type: 'LockerRegistered', data: { place: where, contents: what } },
        { type: 'DeadlineSet', data: { deadlineId: 'd1', kind: 'action', dueOn } },
      ],
    };
  },
});

/** The entry in the list of lifecycles. */
export const lockers = withCommands(
  { ...lifecycle, view: dating.view(sharedView) },
  { kind: locker, commands, issue, words: shared.words, answers: dating.answers, notices: shared.notices },
);
