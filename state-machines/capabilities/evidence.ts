import { eventData, foldBy, readerOf, rowOf } from '#lifecycle/capability';
import type { CommandForm, FormSubject, FormTable } from '#lifecycle/command-form';
import type { Guard, Rule } from '#lifecycle/decide';
import {
  byEngine,
  count,
  freeText,
  identifier,
  withLabel,
  list,
  withDescription,
  namedObject,
  object,
  optional,
  commandMembers,
  sha256,
} from '#lifecycle/fields';
import type { Form } from '#lifecycle/fields';
import type { FoldedEvent } from '#lifecycle/folded-event';
import type { RecordKind } from '#lifecycle/kind';
import { oneOfRoles, upperFirst } from '#lifecycle/words';
import type { LifecycleState, RegionConfig } from '#lifecycle/lifecycle-definition';
import type { ReadEvent } from '#lifecycle/lifecycles';
import { commandPayload, move, writing } from '#lifecycle/shapes';
import type { PayloadOf, StoredDataOf } from '#lifecycle/shapes';
import type { SummaryPart } from '#lifecycle/summary';
import type { Headline } from '#lifecycle/words';
import { isSamePerson, personOf, requestFrom } from './persons.ts';
import { groundsOf } from '../record-view.ts';
import type { RecordView, SeenSubmission, ShownRecord, ShownWait, Submitted } from '../record-view.ts';
import { naming } from './request-fields.ts';
import { EVIDENCE_NOTICES, queuesFor } from './evidence-words.ts';
import { decidedByName } from './deadline-words.ts';
import type { AuthorFacts } from './authors.ts';
import {
  changesSince,
  decidedEvents,
  decidesRules,
  idsOf,
  listIds,
  missingFrom,
  forRefusal,
  notAnAuthor,
} from './decides.ts';
import type { Naming, DecisionEvents, ReliesOn } from './decides.ts';
import { added, decided, decides, why } from './fields.ts';
import type { Request } from './persons.ts';
import { judgingOf } from './recipients.ts';
import type { RecipientFacts } from './recipients.ts';

type Submission = Pick<Request, 'eventId' | 'version' | 'on'>;

/** The facts that the evidence commands need. */
export interface EvidenceFacts extends Partial<AuthorFacts> {
  /** The submissions since the last decision on evidence. */
  readonly submissions: readonly Request[];
  /** The submissions since the record was last opened, decided or not. */
  readonly submitted: readonly Submission[];
}

/** The state of a record that may not have evidence. */
type Perhaps = LifecycleState<Partial<EvidenceFacts>>;

// A media type: type and subtype each begin with a letter or a digit (RFC 6838, 4.2).
const MEDIA_TYPE: Form = {
  matches: /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/i,
  message: 'must be a media type, such as application/pdf',
};
const item = {
  name: freeText('The name of the file.', { max: 500, isLine: true }),
  // The bytes are stored elsewhere; only their digest is recorded.
  sha256: withLabel(sha256('The SHA-256 of the file, in lower-case hexadecimal digits.'), 'SHA-256'),
  size: optional(count('The size of the file, in bytes.')),
  mediaType: optional(identifier('The media type (RFC 6838).', { form: MEDIA_TYPE, max: 127 })),
  url: optional(withLabel(freeText('The location of the file.', { max: 2_000, isUrl: true }), 'Address')),
};
const ofItems = (name: string) =>
  withLabel(
    list(namedObject(name, item), 'The evidence; files are not uploaded.', { min: 1, max: 100 }),
    'Files',
    {
      missing: 'Enter the name and the SHA-256 of a file',
      hint: 'Docket records the name, size and SHA-256 digest of each file, not the file itself. Keep the files where they are. Programs such as sha256sum print the digest.',
    },
  );

export const EVIDENCE_EVENTS = {
  EvidenceSubmitted: writing(
    'evidence',
    move('evidence', { items: ofItems('EvidenceData'), note: optional(added) }),
  ),
  EvidenceAccepted: move('evidence', { note: optional(added), decides: byEngine(decided) }),
  EvidenceRejected: move('evidence', { reason: why('Reason for rejection'), decides: byEngine(decided) }),
};
type Events = typeof EVIDENCE_EVENTS;

const SubmitEvidencePayload = commandPayload('SubmitEvidencePayload', {
  ...commandMembers(EVIDENCE_EVENTS.EvidenceSubmitted.members),
  // A sent item must have a name, which a redaction can erase.
  items: ofItems('EvidenceItemPayload'),
});
const AcceptEvidencePayload = commandPayload('AcceptEvidencePayload', {
  ...commandMembers(EVIDENCE_EVENTS.EvidenceAccepted.members),
  decides,
});
const RejectEvidencePayload = commandPayload('DecideWithReasonPayload', {
  ...commandMembers(EVIDENCE_EVENTS.EvidenceRejected.members),
  decides,
});

/** Returns the ids of the pending submissions; empty if the lifecycle has no evidence. */
export const undecidedEvidence = ({ facts: { submissions = [] } }: Perhaps): readonly string[] =>
  idsOf(submissions);

export const isEvidenceDecision = (type: string): boolean =>
  type === 'EvidenceAccepted' || type === 'EvidenceRejected';

const notASubmitter: Guard<EvidenceFacts> = {
  code: 'not-a-submitter',
  isMet: ({ facts }, { subject }) =>
    !facts.submissions.some(({ requester }) => isSamePerson(requester, subject)),
  detail: () => 'You submitted some of this evidence; a second person must decide',
};

const skippedEvidence = (
  { facts: { submissions = [] } }: Perhaps,
  { decides: named }: Naming,
): readonly string[] => {
  if (named === undefined) return [];
  const known = new Set(named);
  const last = submissions.findLastIndex(({ eventId }) => known.has(eventId));
  return submissions
    .slice(0, Math.max(last, 0))
    .flatMap(({ eventId }) => (known.has(eventId) ? [] : eventId));
};

const notSubmitted = ({ facts: { submitted = [] } }: Perhaps, { decides: named = [] }: Naming) =>
  missingFrom(idsOf(submitted), named);

/**
 * The rules for a request for closure. Without `decides`, all evidence must be decided; with it, only later submissions
 * may be omitted.
 */
export const evidenceConsidered: readonly Rule<Partial<EvidenceFacts>, Naming>[] = [
  {
    code: 'evidence-decided',
    kind: 'state',
    isMet: ({ value }, payload) => value['evidence'] !== 'submitted' || payload.decides !== undefined,
    detail: () =>
      'Evidence is waiting for a decision. Accept or reject it first. Programs can instead list every submission considered in "decides"',
  },
  {
    code: 'evidence-considered',
    kind: 'state',
    isMet: (state, payload) => notSubmitted(state, payload).length === 0,
    detail: (state, payload) =>
      `"decides" lists ids that are not submissions of evidence since the record was last opened: ${listIds(notSubmitted(state, payload))}`,
  },
  {
    code: 'decides-outdated',
    kind: 'state',
    hasOwnCode: true,
    isMet: (state, payload) => skippedEvidence(state, payload).length === 0,
    detail: (state, payload) =>
      `Only submissions after the last one considered can be left out; add to "decides": ${listIds(skippedEvidence(state, payload))}`,
    members: (state, payload) => ({ events: skippedEvidence(state, payload) }),
  },
];

interface EvidenceOptions {
  readonly kind: RecordKind;
  /** The definition's guard for the states in which evidence is submitted and decided. */
  readonly open: string;
  /** The events that reopen a record, which then has no evidence. */
  readonly reopenedBy: readonly string[];
  /** The roles that submit evidence and those that decide on it. People never decide on their own evidence. */
  readonly roles: { readonly submit: readonly string[]; readonly decide: readonly string[] };
  /** Returns whether an acceptance relies on a change. It must list such changes since the first submission. */
  readonly reliesOn: ReliesOn;
}

export const evidenceRegion = ({ open: guard, reopenedBy }: Pick<EvidenceOptions, 'open' | 'reopenedBy'>) =>
  ({
    initial: 'none',
    on: {
      EvidenceSubmitted: { target: '.submitted', guard },
      ...Object.fromEntries(reopenedBy.map((type) => [type, '.none'])),
    },
    states: {
      none: {},
      submitted: {
        on: {
          EvidenceAccepted: { target: 'accepted', guard },
          EvidenceRejected: { target: 'rejected', guard },
        },
      },
      accepted: {},
      rejected: {},
    },
  }) satisfies RegionConfig;

/** Returns the capability of evidence that work was done: one person submits it, another accepts or rejects it. */
export function evidence<Facts extends EvidenceFacts = EvidenceFacts>(options: EvidenceOptions) {
  const { kind, roles, reliesOn } = options;
  const acceptance = (state: LifecycleState<Facts>): DecisionEvents => {
    const since = Math.min(...state.facts.submissions.map(({ version }) => version));
    const changes = changesSince(state, since, reliesOn);
    return { needed: undecidedEvidence(state), changes, others: [], reliesOn };
  };
  const pending = (
    state: LifecycleState<Facts>,
  ): { readonly evidence?: { readonly decides: readonly string[] } } =>
    state.value['evidence'] === 'submitted'
      ? { evidence: { decides: decidedEvents(acceptance(state), {}) } }
      : {};
  return {
    events: EVIDENCE_EVENTS,
    regions: { evidence: evidenceRegion(options) },
    initial: { submissions: [], submitted: [] } satisfies EvidenceFacts as EvidenceFacts,
    fold: foldFor(options.reopenedBy),
    commands: evidenceCommands(options, acceptance),
    pending,
    summary: SUMMARY,
    queues: queuesFor(roles),
    notices: EVIDENCE_NOTICES,
    answers: { currentData: { pending: object(PENDING) } },
    words: {
      commands: {
        'submit-evidence': {
          purpose: `Show that the ${kind.noun.singular} was acted on. ${upperFirst(oneOfRoles(roles.decide))} accepts or rejects the evidence.`,
        },
        'accept-evidence': {
          title: 'Accept the evidence',
          purpose: 'Confirm that the evidence is sufficient. You cannot accept your own evidence.',
        },
        'reject-evidence': {
          title: 'Reject the evidence',
          purpose: 'Explain why the evidence is not sufficient. More evidence can be submitted.',
        },
      },
      headlines: HEADLINES,
      forms: {
        'accept-evidence': decisionForm('reject-evidence', pending),
        'reject-evidence': decisionForm('accept-evidence', pending),
      } satisfies FormTable<Facts>,
    },
  };
}

function foldFor(reopenedBy: readonly string[]) {
  const reopening = new Set(reopenedBy);
  const fold = foldBy<EvidenceFacts, Events>(EVIDENCE_EVENTS, {
    EvidenceSubmitted({ submissions, submitted }, event) {
      const { eventId, version, effectiveOn: on } = event;
      return {
        submissions: [...submissions, requestFrom(event)],
        submitted: [...submitted, { eventId, version, on }],
      };
    },
    EvidenceAccepted: noneUndecided,
    EvidenceRejected: noneUndecided,
  });
  return <Facts extends EvidenceFacts>(facts: Facts, event: FoldedEvent): Facts =>
    reopening.has(event.type) ? { ...facts, submissions: [], submitted: [] } : fold(facts, event);
}

const noneUndecided = ({ submissions }: EvidenceFacts) =>
  submissions.length === 0 ? null : { submissions: [] };

function evidenceCommands<Facts extends EvidenceFacts>(
  { kind, roles }: EvidenceOptions,
  acceptance: (state: LifecycleState<Facts>) => DecisionEvents,
) {
  const judged = judgingOf(kind);
  const rejection = (state: LifecycleState<Facts>): DecisionEvents => forRefusal(acceptance(state));
  return {
    'submit-evidence': rowOf<Facts, Events, PayloadOf<typeof SubmitEvidencePayload>>({
      summary: 'Submits evidence: the SHA-256 of each item; files are not uploaded.',
      payload: SubmitEvidencePayload,
      roles: roles.submit,
      emits: ['EvidenceSubmitted'],
      events: (_, payload) => [{ type: 'EvidenceSubmitted', data: eventData(payload) }],
    }),
    'accept-evidence': judged(
      rowOf<Facts, Events, PayloadOf<typeof AcceptEvidencePayload>>({
        summary: 'Accepts the submitted evidence; a person cannot accept their own evidence.',
        payload: AcceptEvidencePayload,
        roles: roles.decide,
        whenFull: true,
        emits: ['EvidenceAccepted'],
        people: [notASubmitter, notAnAuthor((state) => [acceptance(state)])],
        rules: decidesRules(acceptance),
        events: (state, payload) => [
          {
            type: 'EvidenceAccepted',
            data: { ...eventData(payload), decides: decidedEvents(acceptance(state), payload) },
          },
        ],
      }),
    ),
    'reject-evidence': judged(
      rowOf<Facts, Events, PayloadOf<typeof RejectEvidencePayload>>({
        summary: 'Rejects the submitted evidence, with a reason.',
        payload: RejectEvidencePayload,
        roles: roles.decide,
        whenFull: true,
        emits: ['EvidenceRejected'],
        people: [notASubmitter],
        rules: decidesRules(rejection),
        events: (state, payload) => [
          {
            type: 'EvidenceRejected',
            data: { ...eventData(payload), decides: decidedEvents(rejection(state), payload) },
          },
        ],
      }),
    ),
  };
}

const decisionForm = <Facts>(
  otherCommand: string,
  pending: (state: LifecycleState<Facts>) => { readonly evidence?: { readonly decides: readonly string[] } },
) => ({
  showsHistory: true as const,
  form({ state }: FormSubject<Facts>): CommandForm {
    const known = pending(state).evidence?.decides;
    const eventIds = known ?? [];
    return {
      about: [{ heading: 'The evidence', eventIds, none: 'No evidence is waiting for a decision.' }],
      since: { eventIds, what: 'it was submitted' },
      otherCommands: [otherCommand],
      fields: { decides: naming(known) },
    };
  },
});

const HEADLINES: { readonly [Type in keyof Events]: Headline<StoredDataOf<Events>[Type]> } = {
  EvidenceSubmitted: ({ items = [] }) =>
    `Evidence submitted: ${items.length === 1 ? '1 item' : `${items.length} items`}`,
  EvidenceAccepted: 'Evidence accepted',
  EvidenceRejected: 'Evidence rejected',
};

/** The members of API responses for pending evidence. */
const PENDING = {
  evidence: withLabel(
    optional(
      withDescription(
        object({ decides: withLabel(decidedByName('accept-evidence or reject-evidence'), 'submission') }),
        'The evidence that is waiting for a decision; absent if there is none.',
      ),
    ),
    'Pending evidence',
  ),
};

/** Returns the last submission of each person, for rules that depend only on the submitters. */
export function oneEach(submissions: readonly Request[]): readonly Request[] {
  if (submissions.length < 2) return submissions;
  const persons = new Map(submissions.map((each) => [each.requester && personOf(each.requester), each]));
  return persons.size === submissions.length ? submissions : [...persons.values()];
}

const submitters = (submissions: readonly Request[]): (string | null)[] =>
  oneEach(submissions).map(({ requester }) => requester);

const SUMMARY = {
  waits: {
    evidence: {
      decidedBy: ['accept-evidence', 'reject-evidence'],
      persons: ({ submissions, bodyActors = [] }, value) =>
        value['evidence'] === 'submitted' ? [...submitters(submissions), ...bodyActors] : null,
    },
  },
} satisfies SummaryPart<Pick<EvidenceFacts, 'submissions'> & Partial<RecipientFacts>>;

const read = readerOf(EVIDENCE_EVENTS);

/** The pending evidence in a view. */
interface Waiting {
  readonly evidence?: { readonly decides: readonly string[] };
}

/** Returns the pending evidence as a task on the record's page. */
export function evidenceWaits({ pending, state }: ShownRecord): readonly ShownWait[] {
  const what = 'Evidence is waiting for a decision';
  if ((pending as Waiting | undefined)?.evidence !== undefined)
    return [{ name: 'evidence', what, command: 'accept-evidence' }];
  if (state['evidence'] !== 'rejected') return [];
  return [{ what: 'The evidence was rejected', command: 'submit-evidence', does: 'Submit more evidence' }];
}

/** The members of a view that return submissions. */
export const SUBMISSIONS = {
  submissions: (events) =>
    events
      .filter(({ type }) => type === 'EvidenceSubmitted')
      .map((event) => ({ event, decision: decisionOn(event, events) })),
  submission: (submitted) => ({
    ...{ ...submitted, ...submittedIn(submitted), ...groundIn(submitted) },
    isAccepted: submitted.decision?.type === 'EvidenceAccepted',
  }),
} satisfies Pick<RecordView, 'submissions' | 'submission'>;

const decisionOn = ({ eventId }: ReadEvent, events: readonly ReadEvent[]): ReadEvent | null =>
  events.findLast((event) => {
    const decision = isEvidenceDecision(event.type) ? read(event) : null;
    return decision !== null && 'decides' in decision.data && decision.data.decides.includes(eventId);
  }) ?? null;

function submittedIn({ event }: Submitted): Pick<SeenSubmission, 'items' | 'note'> {
  const submission = read(event);
  if (submission?.type !== 'EvidenceSubmitted') return { items: [] };
  const { items, note = null } = submission.data;
  return { items, ...(Object.hasOwn(event.commitments, '/data/note') && { note }) };
}

function groundIn({ decision }: Submitted): Pick<SeenSubmission, 'ground'> {
  if (decision === null) return {};
  const { reason = null, note = null } = groundsOf(decision);
  const { commitments } = decision;
  const isThere = Object.hasOwn(commitments, '/data/reason') || Object.hasOwn(commitments, '/data/note');
  return isThere ? { ground: reason ?? note } : {};
}
