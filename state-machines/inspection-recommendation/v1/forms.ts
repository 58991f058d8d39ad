import { recommendation } from '../kind.ts';
import type {
  FormFields,
  Choice,
  CommandForm,
  FormSubject,
  FormTable,
  HistoryLine,
} from '#lifecycle/command-form';
import { wordsOf } from '#lifecycle/fields';
import { isSamePerson } from '../../capabilities/persons.ts';
import { correctable } from './corrections.ts';
import { successorChanges } from './decides.ts';
import type { Correction } from './events.ts';
import type { Facts } from './facts.ts';
import { CORRECTION_REQUESTED } from './headlines.ts';
import { longDate } from '../../capabilities/deadlines.ts';
import {
  choosingDeadline,
  isOwn,
  naming,
  namingChosen,
  THE_REQUEST,
} from '../../capabilities/request-fields.ts';
import { quoteOf } from '../../capabilities/deadline-words.ts';
import { waitingEvidence } from '../../capabilities/closure-words.ts';
import { closureCapability, evidenceCapability } from './closure-capability.ts';
import { deadlineCapability } from './deadline-capability.ts';
import type { CommandName } from './policy.ts';
import { pendingOn } from './record.ts';
import { asRecordEvents } from './record-event.ts';
import { commentCapability, responseCapability } from './parts.ts';
import { reasonCode } from './record-fields.ts';

type Subject = FormSubject<Facts>;

const proposed = ({ state, text }: Subject): Choice[] =>
  pendingOn(state).proposals.map(({ id, suggestedOn, source }) => ({
    value: id,
    text: suggestedOn === null ? 'An unknown date' : longDate(suggestedOn),
    hint: source === null ? id : quoteOf(text, source),
  }));

/** The members that can be corrected; a correction has exactly one of them. */
const CORRECTED: readonly (keyof Correction)[] = ['publishedOn', 'recipient', 'dueOn', 'confirms'];

/** Returns the form's fields of a correction, for the chosen event or for all events that can be corrected. */
function correctionChosen({ state, history, events, chosen }: Subject): FormFields {
  const known = correctable(asRecordEvents(events));
  const { corrections, claims } = pendingOn(state);
  const waiting = new Set(corrections.map(({ corrects }) => corrects));
  const items = history.filter(({ eventId }) => known.has(eventId) && !waiting.has(eventId));
  const named = items.find(({ eventId }) => eventId === chosen('eventId'));
  const shown = named === undefined ? items : [named];
  const members = new Set(shown.flatMap(({ eventId }) => known.get(eventId) ?? []));
  const isClaim = claims?.some(({ eventId }) => eventId === named?.eventId) ?? false;
  return {
    eventId: {
      choices: shown.map(({ eventId, headline, effectiveOn }) => ({
        value: eventId,
        text: headline,
        hint: longDate(effectiveOn),
      })),
      ...(isClaim && { label: 'Claim' }),
    },
    ...Object.fromEntries(
      CORRECTED.map((member) => [member, members.has(member) ? { isOptional: members.size > 1 } : null]),
    ),
    ...(isClaim && { reason: { label: 'Evidence that it is true' } }),
  };
}

/** Returns the corrections that the person may decide, by corrected event. */
function whichCorrection(subject: Subject): Choice[] {
  const entry = (id: string) => subject.history.find(({ eventId }) => eventId === id);
  return pendingOn(subject.state)
    .corrections.filter(
      (each) =>
        !isOwn(subject, each) &&
        !(each.confirms && isSamePerson(entry(each.corrects)?.actor ?? null, subject.person)),
    )
    .map(({ corrects, eventId }) => ({
      value: corrects,
      text: entry(eventId)?.headline.replace(CORRECTION_REQUESTED, '') ?? 'A correction',
    }));
}

const onCorrection = (otherCommand: CommandName, extraFields: FormFields = {}) => ({
  showsHistory: true as const,
  form(subject: Subject): CommandForm {
    const { corrections } = pendingOn(subject.state);
    const eventIds = corrections.map(({ eventId }) => eventId);
    return {
      about: [
        { ...THE_REQUEST, eventIds, none: 'No correction is waiting for a decision.' },
        {
          ...THE_REQUEST,
          heading: 'Correction',
          eventIds: corrections.map(({ corrects }) => corrects),
        },
      ],
      since: { eventIds, what: 'it was requested' },
      otherCommands: [otherCommand],
      fields: {
        eventId: { choices: whichCorrection(subject), isOptional: false },
        decides: namingChosen(
          'eventId',
          corrections.map(({ corrects, decides }) => [corrects, decides]),
        ),
        ...extraFields,
      },
    };
  },
});

/** The adaptations of command forms to the record and the person. */
export const forms: FormTable<Facts> = {
  'add-comment': {
    form: ({ roles }) => ({
      fields: recommendation.roles.staff.some((role) => roles.includes(role))
        ? {
            visibility: {
              // No choice is preselected, because published text cannot be withdrawn.
              choices: wordsOf(commentCapability.events.CommentAdded.members.visibility).map(
                ([value, text]) => ({
                  value,
                  text,
                  hint: { readBy: value === 'internal' ? 'internal' : 'public' },
                }),
              ),
              isOptional: false,
            },
          }
        : { text: { hint: { readBy: 'public' } }, visibility: { isChosen: true, value: 'public' } },
    }),
  },
  'correct-comment': {
    showsHistory: true,
    form: ({ history, person, chosen }) => {
      const own = history.filter((line) => isCommentOf(line, person));
      const { text = null } = own.find(({ eventId }) => eventId === chosen('eventId')) ?? {};
      return {
        first: {
          member: 'eventId',
          legend: 'Which comment do you want to correct?',
          none: 'You have no comments here that can be corrected.',
          eventIds: own.map(({ eventId }) => eventId),
        },
        fields: { eventId: { isChosen: true }, text: { value: text } },
      };
    },
  },
  ...evidenceCapability.words.forms,
  ...closureCapability.words.forms,
  'request-closure': {
    form: ({ state }) => ({
      fields: {
        outcome: { isOptional: false, value: 'complete' },
        reason: { isOptional: true },
        supersededBy: { isOptional: true },
        decides: naming(waitingEvidence(state)),
      },
    }),
  },
  'decide-no-further-action': closureCapability.words.decisionForm(['refuse-closure'], ({ state }) => {
    const { reason: requested } = state.facts.closure ?? {};
    const choices = wordsOf(reasonCode).filter(([value]) => value === requested);
    return { reason: { choices: choices.map(([value, text]) => ({ value, text })) } };
  }),
  supersede: {
    showsHistory: true,
    form(subject) {
      const { closure } = pendingOn(subject.state);
      const by = closure?.supersededBy;
      return {
        ...closureCapability.words.decisionForm(['refuse-closure']).form(subject),
        fields: {
          by: { choices: by === undefined ? [] : [{ value: by, text: by }] },
          decides: naming(closure && [...closure.decides, ...successorChanges(subject.state, subject.other)]),
        },
      };
    },
  },
  'assign-recipient': {
    form: ({ state, roles }) => ({
      fields: { reason: { isOptional: state.facts.recipient === null && !roles.includes('approver') } },
    }),
  },
  'assign-owner': {
    form: ({ state }) => ({ fields: { reason: { isOptional: state.facts.owner === null } } }),
  },
  ...deadlineCapability.words.forms,
  'confirm-deadline': {
    form: (subject) => {
      const { proposals } = pendingOn(subject.state);
      const proposal =
        proposals.length === 1
          ? proposals[0]
          : proposals.find(({ id }) => id === subject.chosen('deadlineId'));
      return {
        fields: {
          deadlineId: { choices: proposed(subject) },
          dueOn: { value: proposal?.suggestedOn ?? null },
        },
      };
    },
  },
  'dismiss-deadline': choosingDeadline(proposed),
  ...responseCapability.words.forms,
  'amend-text': {
    form: ({ title, text }) => ({
      hasText: true,
      fields: {
        title: { isOptional: false, value: title, isAmended: true },
        text: { rows: 15, value: text, isAmended: true },
      },
    }),
  },
  'request-correction': {
    showsHistory: true,
    form: (subject) => ({
      exactlyOne: { of: CORRECTED, rule: 'exactly-one-correction' },
      fields: correctionChosen(subject),
    }),
  },
  'approve-correction': onCorrection('refuse-correction', { effectiveOn: null }),
  'refuse-correction': onCorrection('approve-correction'),
};

/** Returns whether a history entry is a comment that the person added by a command and can read. */
export const isCommentOf = ({ type, role, actor, text }: HistoryLine, person: string): boolean =>
  type === 'CommentAdded' && role !== null && actor === person && typeof text === 'string';
