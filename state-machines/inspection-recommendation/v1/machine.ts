import type { GuardDefinition, MachineConfig } from '#lifecycle/lifecycle-definition';
import { closureRegion } from '../../capabilities/closure.ts';
import { evidenceRegion } from '../../capabilities/evidence.ts';
import { RESPONSE_REGION } from '../../capabilities/response.ts';

/** The statuses in the spelling of the police inspectorate's register of recommendations. */
export const STATUSES = [
  'awaiting-review',
  'being-progressed',
  'complete',
  'no-further-action-needed',
] as const;
export type Status = (typeof STATUSES)[number];

/** The statuses of open records. */
export const OPEN_STATUSES = ['awaiting-review', 'being-progressed'] as const satisfies readonly Status[];

export const guards = {
  open: { region: 'progress', in: OPEN_STATUSES },
  // Only commands are checked: an import may record a closing without a request.
  'closure-requested': { region: 'closure', in: ['requested'] },
} as const satisfies Record<string, GuardDefinition>;

/** The events that close a recommendation, besides `RecommendationCompleted`. */
export const CLOSED_BY = [
  'NoFurtherActionDecided',
  'StatusRecorded.complete',
  'StatusRecorded.no-further-action-needed',
] as const;

/** The guard of the states in which evidence is submitted and decided, and the events that reopen a record. */
export const EVIDENCE = { open: 'open', reopenedBy: ['RecommendationReopened'] } as const;

/**
 * The review of a recommendation: its progress, requests for closure, evidence, and the duty to respond. Arrows at a
 * region apply in each of its states.
 */
export const machine = {
  id: 'inspection-recommendation',
  type: 'parallel',
  states: {
    progress: {
      initial: 'awaiting-review',
      // An import records the statuses of a register, including moves that no command allows.
      on: {
        'StatusRecorded.awaiting-review': '.awaiting-review',
        'StatusRecorded.being-progressed': '.being-progressed',
        'StatusRecorded.complete': '.complete',
        'StatusRecorded.no-further-action-needed': '.no-further-action-needed',
      },
      states: {
        'awaiting-review': {
          on: {
            ProgressStarted: 'being-progressed',
            RecommendationCompleted: 'complete',
            NoFurtherActionDecided: 'no-further-action-needed',
          },
        },
        'being-progressed': {
          on: {
            ReturnedToReview: 'awaiting-review',
            RecommendationCompleted: 'complete',
            NoFurtherActionDecided: 'no-further-action-needed',
          },
        },
        complete: { on: { RecommendationReopened: 'being-progressed' } },
        'no-further-action-needed': { on: { RecommendationReopened: 'being-progressed' } },
      },
    },
    closure: closureRegion('open', ['RecommendationCompleted', ...CLOSED_BY]),
    evidence: evidenceRegion(EVIDENCE),
    response: RESPONSE_REGION,
  },
} as const satisfies MachineConfig;
