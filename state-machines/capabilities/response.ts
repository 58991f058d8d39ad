import { isOfBody } from '#lifecycle/kind';
import type { RecordKind } from '#lifecycle/kind';
import { rowOf } from '#lifecycle/capability';
import type { FormTable } from '#lifecycle/command-form';
import type { Guard, Rule } from '#lifecycle/decide';
import {
  byEngine,
  flag,
  freeText,
  withLabel,
  withDescription,
  oneOfWords,
  optional,
  orNull,
  plainDate,
  commandMembers,
} from '#lifecycle/fields';
import type { RegionConfig } from '#lifecycle/lifecycle-definition';
import { commandPayload, move } from '#lifecycle/shapes';
import type { PayloadOf, StoredDataOf } from '#lifecycle/shapes';
import type { SummaryPart } from '#lifecycle/summary';
import type { Notices } from '#lifecycle/notices';
import type { Headline } from '#lifecycle/words';
import { claimOf, isClaimed } from './deadline-facts.ts';
import type { DeadlineFacts } from './deadline-facts.ts';
import { claim, text } from './fields.ts';

/** The region of the duty to respond, and its guards. */
export const RESPONSE = {
  due: { region: 'response', in: ['due'] },
  answered: { region: 'response', in: ['published'] },
  command: 'publish-response',
} as const;

export const RESPONSE_REGION = {
  initial: 'not-required',
  states: {
    'not-required': { on: { ResponseRequired: 'due' } },
    due: { on: { ResponsePublished: 'published' } },
    // An unconfirmed claim does not prevent the body from publishing the response.
    published: { on: { ResponsePublished: 'published' } },
  },
} as const satisfies RegionConfig;

const position = withLabel(
  oneOfWords(
    {
      'action-taken': 'Action was taken',
      'action-proposed': 'Action is proposed',
      'no-action': 'No action',
    },
    'The position of the body: action taken, action proposed or no action.',
  ),
  'Position of the body',
  { missing: 'Choose the position of the body' },
);
const publishedElsewhere = withLabel(
  freeText('The place of publication, if not Docket.'),
  'Where it was published',
  {
    missing: 'Enter where it was published',
    hint: 'If it was published elsewhere: an address, or the name of a document',
  },
);

const EVENTS = {
  ResponseRequired: move('response', {}),
  ResponsePublished: move('response', {
    position,
    text: withLabel(
      withDescription(text, 'The action taken or proposed, or why there is none.'),
      'Response',
      {
        missing: 'Enter the response',
        hint: 'The action taken or proposed, or why there is none',
      },
    ),
    publishedElsewhere: optional(publishedElsewhere),
    dueOn: byEngine(orNull(plainDate())),
    late: byEngine(flag()),
    claim,
  }),
};
const PublishResponsePayload = commandPayload(
  'PublishResponsePayload',
  commandMembers(EVENTS.ResponsePublished.members),
);
type PublishResponse = PayloadOf<typeof PublishResponsePayload>;

/** Refuses a second publication of the response. An unconfirmed claim does not count as one. */
const notPublished: Guard<DeadlineFacts> = {
  code: 'not-published',
  isMet: ({ value, facts }) => value['response'] !== 'published' || isClaimed(facts.deadlines, 'response'),
  detail: () => 'The response is already published',
};

const placeOfResponse = (records: RecordKind): Rule<DeadlineFacts, PublishResponse> => ({
  code: 'published-elsewhere',
  kind: 'invalid',
  pointer: '/publishedElsewhere',
  isMet: (_, { publishedElsewhere: elsewhere }, { role }) =>
    elsewhere !== undefined || isOfBody(records, role),
  detail: () => 'is required unless the body itself publishes the response here',
});

const HEADLINES: { readonly [Type in keyof typeof EVENTS]: Headline<StoredDataOf<typeof EVENTS>[Type]> } = {
  ResponseRequired: 'A response is required',
  ResponsePublished: ({ position = '', late }) => {
    const published = late ? 'Response published late' : 'Response published';
    return position === '' ? published : `${published}: ${position.replaceAll('-', ' ')}`;
  },
};

const NOTICES: Notices = {
  ResponseRequired: { kind: 'response-required', title: 'Response required', to: ['body'] },
  ResponsePublished: { kind: 'response-published', title: 'Response published', to: ['owner'] },
};

const forms = (records: RecordKind): FormTable<DeadlineFacts> => ({
  'publish-response': {
    form: ({ roles }) => {
      const isOptional = roles.every((role) => isOfBody(records, role));
      const hint = 'An address, or the name of a document.';
      return { fields: { publishedElsewhere: { isLine: true, isOptional, ...(!isOptional && { hint }) } } };
    },
  },
});

interface ResponseOptions {
  readonly kind: RecordKind;
  /** The roles that publish the response. */
  readonly roles: readonly string[];
}

/**
 * Returns the capability of a response that a body must publish by a date. `ResponseRequired` and a deadline of kind
 * `response` request it. Requires the deadlines capability.
 */
export function response({ kind, roles }: ResponseOptions) {
  return {
    events: EVENTS,
    regions: { response: RESPONSE_REGION },
    initial: {},
    fold: <Facts extends object>(facts: Facts): Facts => facts,
    commands: {
      'publish-response': rowOf<DeadlineFacts, typeof EVENTS, PublishResponse>({
        summary: 'Publishes the response that is due, also after closure; a late response is marked as late.',
        payload: PublishResponsePayload,
        roles,
        whenFull: true,
        emits: ['ResponsePublished'],
        state: [notPublished],
        rules: [placeOfResponse(kind)],
        events: ({ facts }, { effectiveOn, ...content }, { today }) => {
          const dueOn = facts.deadlines.find((each) => each.kind === 'response')?.dueOn ?? null;
          const on = effectiveOn ?? today;
          const late = dueOn !== null && on > dueOn;
          return [
            {
              type: 'ResponsePublished',
              data: { ...content, dueOn, late, ...claimOf(facts, 'response', on) },
            },
          ];
        },
      }),
    },
    notices: NOTICES,
    words: {
      commands: {
        'publish-response': {
          title: 'Publish the response',
          purpose:
            'Publish the response that is due. A late response is marked as late. A published response cannot be changed.',
        },
      },
      members: { publishedElsewhere: 'where it was published' },
      headlines: HEADLINES,
      forms: forms(kind),
    },
    summary: {
      answer: ({ response: is }) => (is === 'due' ? 'due' : is === 'published' ? 'given' : null),
    } satisfies SummaryPart<object>,
  };
}
