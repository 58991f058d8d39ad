/** The names of a service's read models in responses. They are written out, so that a missing one is noticed. */
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
