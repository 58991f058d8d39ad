import type { Notices } from '#lifecycle/notices';
import type { Queues } from '#lifecycle/queue';

/** The notifications for evidence and decisions on it. */
export const EVIDENCE_NOTICES: Notices = {
  EvidenceSubmitted: {
    kind: 'evidence-submitted',
    title: 'Evidence submitted',
    ...{ opens: 'evidence', to: ['owner'] },
  },
  EvidenceAccepted: {
    kind: 'evidence-accepted',
    title: 'Evidence accepted',
    ...{ answers: 'evidence', to: ['owner', 'body'] },
  },
  EvidenceRejected: {
    kind: 'evidence-rejected',
    title: 'Evidence rejected',
    ...{ answers: 'evidence', to: ['owner', 'body'], comesBack: true },
  },
};

/** Returns the queues for the roles that submit evidence and those that decide on it. */
export const queuesFor = ({ submit, decide }: Readonly<Record<'submit' | 'decide', readonly string[]>>) =>
  ({
    'evidence-to-decide': {
      ...{ title: 'Evidence to decide on', group: 'decide', roles: decide, decides: true },
      ...{ state: { evidence: 'submitted' }, waits: 'evidence', by: 'others' },
    },
    'evidence-rejected': {
      title: 'Rejected evidence',
      group: 'look-after',
      roles: submit.filter((role) => !decide.includes(role)),
      state: { evidence: 'rejected' },
    },
  }) as const satisfies Queues;
