import { definitionsOf } from '#lifecycle/lifecycle-definition';
import { ownStatechart } from '../../definition.ts';
import { recommendation } from '../kind.ts';
import type { DocketDefinition } from '../../definition.ts';
import { thresholds } from '../../capabilities/deadlines.ts';
import { events } from './events.ts';
import type { EventType } from './events.ts';
import { guards, machine } from './machine.ts';

/** The review lifecycle of an inspection recommendation, version 1, as data. */
export const definition = {
  name: recommendation.name,
  version: 1,
  machine,
  guards,
  events: definitionsOf(events),
  statusRegion: 'progress',
  thresholds,
} as const satisfies DocketDefinition;

export const statechart = ownStatechart(definition);

/** The definitions of the first builds listed the members of each event that could contain free text. */
const SENSITIVE: Readonly<Record<string, readonly string[]>> = {
  RecommendationIssued: ['title', 'text', 'report/name'],
  ReturnedToReview: ['reason'],
  RecommendationCompleted: ['statement'],
  NoFurtherActionDecided: ['statement'],
  RecommendationReopened: ['reason'],
  ClosureRequested: ['statement'],
  ClosureRefused: ['reason'],
  EvidenceSubmitted: ['items/*/name', 'items/*/url', 'note'],
  EvidenceAccepted: ['note'],
  EvidenceRejected: ['reason'],
  ResponsePublished: ['text', 'publishedElsewhere'],
  CommentAdded: ['text', 'reason'],
  CommentRedacted: ['reason'],
  OwnerAssigned: ['owner', 'reason'],
  RecipientAssigned: ['reason'],
  TextAmended: ['title', 'text', 'reason'],
  DeadlineSet: ['note'],
  DeadlineDismissed: ['reason'],
  DeadlineExtended: ['reason'],
  ExtensionRequested: ['reason'],
  ExtensionRefused: ['reason'],
  DeadlineWithdrawn: ['reason'],
  CorrectionRequested: ['reason'],
  CorrectionRefused: ['reason'],
  UnknownStatusRecorded: ['status'],
  RegisterRecordImported: ['source', 'sourceSha256'],
};

const withSensitive: DocketDefinition = {
  ...definition,
  events: Object.fromEntries(
    Object.entries(definition.events).map(([type, event]) => {
      const sensitive = (SENSITIVE[type] ?? []).map((member) => `/data/${member}`);
      return [type, { ...event, sensitive }];
    }),
  ),
};

/** The definition before it contained guards for commands. */
const withoutGuardsOfCommands: DocketDefinition = { ...withSensitive, guards: { open: guards.open } };

/** Earlier definitions of version 1, to which old events refer by digest. */
export const earlier = [
  {
    digest: '0879e5d99158dcc5bc4833c806af1149a54661f2e97c0d3601474f116beacfcb',
    statechart: ownStatechart({
      ...withoutGuardsOfCommands,
      machine: machineBeforeClaims(),
      events: eventsWithout('CorrectionRequested', 'CorrectionApproved', 'CorrectionRefused'),
    }),
  },
  {
    digest: 'cee1e22b7b66bc161c81a1171e8367fbc9aee204e8347e35a17bbe3349347e1f',
    statechart: ownStatechart(withoutGuardsOfCommands),
  },
  {
    digest: 'bcdd1e9c1db9ce9ae25f6d8f27bce0ab95db2cfefda9f7693e91d2f7fb5c3946',
    statechart: ownStatechart(withSensitive),
  },
] as const;

/** Returns the machine that allowed only one published response. */
function machineBeforeClaims(): DocketDefinition['machine'] {
  const { response } = machine.states;
  const states = { ...response.states, published: {} };
  return { ...machine, states: { ...machine.states, response: { ...response, states } } };
}

function eventsWithout(...types: readonly EventType[]): DocketDefinition['events'] {
  const added: ReadonlySet<string> = new Set(types);
  return Object.fromEntries(Object.entries(withSensitive.events).filter(([type]) => !added.has(type)));
}
