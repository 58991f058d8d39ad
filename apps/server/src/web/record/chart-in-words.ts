import type { RecordChart, TravelledRegion } from '#lifecycle/travelled-chart';
import { STATUS_WORDS, wordsFor } from '../words.ts';

export const REGION_WORDS = {
  progress: 'Progress',
  closure: 'Closure',
  evidence: 'Evidence',
  response: 'Response',
} as const;

/** States that have one name in every region. */
const STATE_WORDS = {
  ...STATUS_WORDS,
  none: 'None',
  requested: 'Requested',
  submitted: 'Submitted',
  accepted: 'Accepted',
  rejected: 'Rejected',
  'not-required': 'Not required',
  due: 'Due',
  published: 'Published',
} as const;

const MOVE_WORDS = {
  ProgressStarted: 'Progress started',
  ReturnedToReview: 'Returned to review',
  RecommendationCompleted: 'Completed',
  NoFurtherActionDecided: 'No further action decided',
  RecommendationReopened: 'Reopened',
  'StatusRecorded.awaiting-review': 'Recorded as awaiting review',
  'StatusRecorded.being-progressed': 'Recorded as being progressed',
  'StatusRecorded.complete': 'Recorded as complete',
  'StatusRecorded.no-further-action-needed': 'Recorded as no further action needed',
  ClosureRequested: 'Closure requested',
  ClosureWithdrawn: 'Request withdrawn',
  ClosureRefused: 'Closure refused',
  EvidenceSubmitted: 'Evidence submitted',
  EvidenceAccepted: 'Evidence accepted',
  EvidenceRejected: 'Evidence rejected',
  ResponseRequired: 'Response required',
  ResponsePublished: 'Response published',
} as const;

/** A state of whatever region. */
export const stateWords = (state: string): string => wordsFor(STATE_WORDS, state);

/** Moves that only an import records; what no live record can do hides what it can. */
const isOfImports = (event: string): boolean => event.startsWith('StatusRecorded.');

/** A record's chart with the words that people have for what is in it, and without arrows that only imports take, unless it took them. */
export const chartInWords = (chart: RecordChart): RecordChart => ({
  ...chart,
  status: stateWords(chart.status),
  regions: chart.regions.map(regionInWords),
});

const regionInWords = (region: TravelledRegion): TravelledRegion => ({
  ...region,
  region: wordsFor(REGION_WORDS, region.region),
  initial: stateWords(region.initial),
  states: region.states.map(stateWords),
  current: stateWords(region.current),
  path: region.path.map((stay) => ({
    ...stay,
    state: stateWords(stay.state),
    event: wordsFor(MOVE_WORDS, stay.event),
  })),
  days: Object.fromEntries(Object.entries(region.days).map(([state, days]) => [stateWords(state), days])),
  arrows: arrowsShown(region).map((arrow) => ({
    ...arrow,
    event: wordsFor(MOVE_WORDS, arrow.event),
    guard: null,
    from: stateWords(arrow.from),
    to: stateWords(arrow.to),
  })),
  next: region.next.map((move) => ({
    ...move,
    event: wordsFor(MOVE_WORDS, move.event),
    to: stateWords(move.to),
  })),
});

/** An arrow that leads from every state is one, and is shown as a whole once it was taken from any. */
function arrowsShown({ arrows }: TravelledRegion): TravelledRegion['arrows'] {
  const taken = new Set(arrows.filter((arrow) => arrow.taken > 0).map(({ event }) => event));
  return arrows.filter(({ event }) => !isOfImports(event) || taken.has(event));
}
