import { queuesOfDates, queuesOfOwners } from '#lifecycle/queue';
import type { Queues } from '#lifecycle/queue';
import { closureCapability, evidenceCapability } from './v1/closure-capability.ts';

const ALL = ['inspector', 'approver', 'force-lead', 'commissioner'];

/** The work queues of recommendations, in display order. */
export const queues = {
  'evidence-to-decide': evidenceCapability.queues['evidence-to-decide'],
  'extensions-to-decide': {
    ...{ title: 'Extensions to decide', group: 'decide', roles: ['inspector'], decides: true },
    ...{ waits: 'extension', by: 'others' },
  },
  'corrections-to-decide': {
    title: 'Corrections to decide',
    ...{ group: 'decide', roles: ['inspector', 'approver'], decides: true, ofClosed: true },
    ...{ waits: 'correction', by: 'others' },
  },
  'claims-to-confirm': {
    title: 'Claims to confirm',
    ...{ group: 'decide', roles: ['inspector'], decides: true, ofClosed: true },
    ...{ waits: 'claim', by: 'others' },
  },
  'proposals-to-confirm': {
    ...{ title: 'Dates from the text to confirm', group: 'decide', roles: ['inspector'], decides: true },
    ...{ waits: 'proposal', by: 'others' },
  },
  'without-recipient': {
    ...{ title: 'Without a body', group: 'look-after', roles: ['inspector'], decides: true },
    body: 'none',
  },
  ...queuesOfOwners(['inspector', 'force-lead'], ['inspector']),
  ...closureCapability.queues,
  'evidence-rejected': evidenceCapability.queues['evidence-rejected'],
  'extensions-waiting': {
    ...{ title: 'Extensions waiting for a decision', group: 'look-after', roles: ['force-lead'] },
    waits: 'extension',
  },
  'responses-due': {
    ...{ title: 'Responses due', group: 'look-after', roles: ['commissioner'], ofClosed: true },
    answer: 'due',
  },
  ...queuesOfDates(ALL),
  escalated: {
    ...{ title: 'Long overdue', group: 'by-date', roles: ['auditor'], ofClosed: true },
    date: 'long-over',
  },
  'closed-30': {
    ...{ title: 'Closed in the last 30 days', group: 'look-after', roles: ['auditor'], ofClosed: true },
    closedWithinDays: 30,
  },
} as const satisfies Queues;
