import type { GuardDefinition, MachineConfig } from '#lifecycle/lifecycle-definition';
import { closureRegion } from '../../capabilities/closure.ts';
import { evidenceRegion } from '../../capabilities/evidence.ts';
import { RESPONSE_REGION } from '../../capabilities/response.ts';

/** The statuses, as the police inspectorate's register of recommendations spells them. */
export const STATUSES = [
  'awaiting-review',
  'being-progressed',
  'complete',
  'no-further-action-needed',
] as const;
export type Status = (typeof STATUSES)[number];

/** The statuses in which a record is open: work on it goes on. */
export const OPEN_STATUSES = ['awaiting-review', 'being-progressed'] as const satisfies readonly Status[];

export const guards = {
  open: { region: 'progress', in: OPEN_STATUSES },
  // An import records a closing that nobody requested; a command does not.
  'closure-requested': { region: 'closure', in: ['requested'] },
} as const satisfies Record<string, GuardDefinition>;

/** What closes a recommendation besides `RecommendationCompleted`. */
export const CLOSED_BY = [
  'NoFurtherActionDecided',
  'StatusRecorded.complete',
  'StatusRecorded.no-further-action-needed',
] as const;

/** Where evidence is submitted and decided on, and what ends that. */
export const EVIDENCE = { open: 'open', reopenedBy: ['RecommendationReopened'] } as const;

/**
 * The review of one recommendation: how far it has come, whether its closure was asked for, what evidence there is, and
 * whether a response is owed. What is written at a region holds from each of its states.
 */
export const machine = {
  id: 'inspection-recommendation',
  type: 'parallel',
  states: {
    progress: {
      initial: 'awaiting-review',
      // An import records what a register says, also what no live command would allow.
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
