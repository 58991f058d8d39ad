/** The read models that a service has, as its answers name them: written out, so that one which is lost is missed. */
export const PROJECTION_NAMES = [
  'audit-trail',
  'calendar-links',
  'deadlines',
  'history',
  'people',
  'redactions',
  'register',
  'tree',
];
