/** The names of a service's read models in responses: written out, so that a lost one is noticed. */
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
