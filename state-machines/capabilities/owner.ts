import { eventData, foldBy, rowOf } from '#lifecycle/capability';
import { withDescription, optional } from '#lifecycle/fields';
import type { FoldedEvent } from '#lifecycle/folded-event';
import type { Noun, RecordKind } from '#lifecycle/kind';
import type { Notices } from '#lifecycle/notices';
import { withFormLabels, commandPayload, note } from '#lifecycle/shapes';
import type { PayloadOf } from '#lifecycle/shapes';
import type { TextsCode } from '#lifecycle/summary';
import { owner as ownerField, reason } from './fields.ts';
import { REDACTIONS } from './redaction.ts';

/** The facts that the owner commands need. */
export interface OwnerFacts {
  /** The owner; null if there is none, or the name was erased. */
  readonly owner: string | null;
  /** The event that assigned the owner. */
  readonly ownerEvent: string | null;
  /** The effective date of the assignment. */
  readonly ownerOn: string | null;
}

const eventsFor = (noun: Noun) => ({
  OwnerAssigned: note({
    owner: ownerField(noun),
    reason: optional(withDescription(reason, 'The reason; required if the record already had an owner.')),
  }),
});

/** The payload of `assign-owner` for all kinds of records. */
const AssignOwnerPayload = commandPayload(
  'AssignOwnerPayload',
  eventsFor({ singular: 'record', plural: 'records' }).OwnerAssigned.members,
);

interface OwnerOptions {
  readonly kind: RecordKind;
  /** The roles that assign the owner. */
  readonly roles: readonly string[];
  /** The definition's guard for the states in which an owner is assigned. */
  readonly when: string;
}

/** Returns the capability of owners: people who are responsible for the work on a record. */
export function owner({ kind, roles, when }: OwnerOptions) {
  const { noun } = kind;
  const events = eventsFor(noun);
  const initial: OwnerFacts = { owner: null, ownerEvent: null, ownerOn: null };
  return {
    events,
    initial,
    fold: foldBy<OwnerFacts, typeof events & typeof REDACTIONS>(
      { ...events, ...REDACTIONS },
      {
        OwnerAssigned: (_, { data, eventId, effectiveOn }) => ({
          owner: data.owner ?? null,
          ownerEvent: eventId,
          ownerOn: effectiveOn,
        }),
        // An erased owner is folded as null.
        CommentRedacted: ({ ownerEvent }, { data }) =>
          data.eventId === ownerEvent && data.erased.includes('/data/owner') ? { owner: null } : null,
      },
    ),
    effectiveOnsOfEarlier: ({ ownerOn }: OwnerFacts, { type }: Pick<FoldedEvent, 'type'>) =>
      type === 'OwnerAssigned' && ownerOn !== null ? [ownerOn] : [],
    commands: {
      'assign-owner': rowOf<OwnerFacts, typeof events, PayloadOf<typeof AssignOwnerPayload>>({
        summary: 'Assigns the person responsible for the work; a change of owner requires a reason.',
        payload: withFormLabels(AssignOwnerPayload, events.OwnerAssigned.members),
        roles,
        emits: ['OwnerAssigned'],
        when,
        rules: [
          {
            code: 'reason-for-a-new-owner',
            kind: 'invalid',
            pointer: '/reason',
            isMet: ({ facts }, payload) => facts.ownerOn === null || payload.reason !== undefined,
            detail: () => 'is required if the record already has an owner',
          },
        ],
        events: (_, payload) => [{ type: 'OwnerAssigned', data: eventData(payload) }],
      }),
    },
    words: {
      commands: {
        'assign-owner': {
          title: 'Assign an owner',
          purpose: 'Assign the person responsible for the work. A change of owner requires a reason.',
        },
      },
    },
    notices: {
      OwnerAssigned: { kind: 'owner-assigned', title: 'Owner changed', to: ['owner'] },
    } satisfies Notices as Notices,
    texts: { at: { OwnerAssigned: { '/data/owner': 'owner' } } } satisfies TextsCode,
  };
}
