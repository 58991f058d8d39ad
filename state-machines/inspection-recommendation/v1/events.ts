import type { Pointer } from '#event-sourcing/envelope';
import type { PointerInto } from '#event-sourcing/typed-event';
import type { Upcasters } from '#event-sourcing/upcasting';
import type { EventDefinition } from '#lifecycle/lifecycle-definition';
import type { EventData } from './event-members.ts';

// Closing, reopening and a recorded status count as moves of these when dates are compared.
const COUNTS_WIDELY = ['progress', 'closure', 'evidence'];

const first = <const Sensitive extends readonly Pointer[]>(...sensitive: Sensitive) => ({
  kind: 'first' as const,
  schemaVersion: 1,
  sensitive,
});
const note = <const Sensitive extends readonly Pointer[]>(...sensitive: Sensitive) => ({
  kind: 'note' as const,
  schemaVersion: 1,
  sensitive,
});
const move = <const Sensitive extends readonly Pointer[]>(
  owner: string,
  sensitive: Sensitive,
  countsFor = [owner],
) => ({ kind: 'move' as const, owner, countsFor, schemaVersion: 1, sensitive });

/** Every event type of the lifecycle, its kind, its owning region, and which of its members are free text. */
export const events = {
  RecommendationIssued: first('/data/title', '/data/text', '/data/report/name'),

  ProgressStarted: move('progress', []),
  ReturnedToReview: move('progress', ['/data/reason']),
  RecommendationCompleted: move('progress', ['/data/statement'], COUNTS_WIDELY),
  NoFurtherActionDecided: move('progress', ['/data/statement'], COUNTS_WIDELY),
  RecommendationReopened: move('progress', ['/data/reason'], COUNTS_WIDELY),
  'StatusRecorded.awaiting-review': move('progress', [], COUNTS_WIDELY),
  'StatusRecorded.being-progressed': move('progress', [], COUNTS_WIDELY),
  'StatusRecorded.complete': move('progress', [], COUNTS_WIDELY),
  'StatusRecorded.no-further-action-needed': move('progress', [], COUNTS_WIDELY),

  ClosureRequested: move('closure', ['/data/statement']),
  ClosureWithdrawn: move('closure', []),
  ClosureRefused: move('closure', ['/data/reason']),

  EvidenceSubmitted: move('evidence', ['/data/items/*/name', '/data/items/*/url', '/data/note']),
  EvidenceAccepted: move('evidence', ['/data/note']),
  EvidenceRejected: move('evidence', ['/data/reason']),

  ResponseRequired: move('response', []),
  ResponsePublished: move('response', ['/data/text', '/data/publishedElsewhere']),

  CommentAdded: note('/data/text', '/data/reason'),
  CommentRedacted: note('/data/reason'),
  OwnerAssigned: note('/data/owner', '/data/reason'),
  RecipientAssigned: note('/data/reason'),
  TextAmended: note('/data/title', '/data/text', '/data/reason'),
  DeadlineSet: note('/data/note'),
  DeadlineProposed: note(),
  DeadlineDismissed: note('/data/reason'),
  DeadlineExtended: note('/data/reason'),
  ExtensionRequested: note('/data/reason'),
  ExtensionRefused: note('/data/reason'),
  ExtensionWithdrawn: note(),
  DeadlineWithdrawn: note('/data/reason'),
  DeadlineApproaching: note(),
  DeadlinePassed: note(),
  DeadlineEscalated: note(),
  CorrectionRequested: note('/data/reason'),
  CorrectionApproved: note(),
  CorrectionRefused: note('/data/reason'),
  SupersedesRecorded: note(),
  UnknownStatusRecorded: note('/data/status'),
  RegisterRecordImported: note('/data/source', '/data/sourceSha256'),
} as const satisfies {
  readonly [Type in keyof EventData]: EventDefinition & {
    readonly sensitive: readonly PointerInto<EventData[Type]>[];
  };
};

export type EventType = keyof typeof events;

/**
 * How events of shapes that were released once, and are no more recorded, become events of today's: by type and by the `schemaVersion`
 * that they have. What is here is read for ever. There is none yet: every type still has the shape in which it was first released.
 */
export const upcasters: Upcasters = {};
