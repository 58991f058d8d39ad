/** The read models that a service has, as its answers name them: written out, so that one which is lost is missed. */
export const PROJECTION_NAMES = [
  'accesses',
  'calendar-links',
  'deadlines',
  'history',
  'people',
  'redactions',
  'refusals',
  'register',
  'thresholds',
  'tree',
];
