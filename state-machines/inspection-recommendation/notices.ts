import { together } from '#lifecycle/capability';
import type { Notices } from '#lifecycle/notices';
import { closureCapability, evidenceCapability } from './v1/closure-capability.ts';
import { deadlineCapability } from './v1/deadline-capability.ts';
import type { EventType } from './v1/events.ts';
import { recipientCapability, commentCapability, ownerCapability, responseCapability } from './v1/parts.ts';

const own: Partial<Record<EventType, Notices[string]>> = {
  RecommendationIssued: {
    kind: 'issued',
    title: 'Recommendation issued to your body',
    to: ['body'],
  },
  RecommendationReopened: {
    kind: 'reopened',
    title: 'Recommendation reopened',
    to: ['owner', 'body'],
  },
  TextAmended: {
    kind: 'text-amended',
    title: 'Title or text amended',
    to: ['owner', 'body'],
  },
  CorrectionRequested: {
    kind: 'correction-requested',
    title: 'Correction requested',
    ...{ about: 'eventId', opens: 'correction', to: ['owner'] },
  },
  CorrectionApproved: {
    kind: 'correction-approved',
    title: 'Correction approved',
    ...{ about: 'eventId', answers: 'correction', to: ['owner', 'body'] },
  },
  CorrectionRefused: {
    kind: 'correction-refused',
    title: 'Correction refused',
    ...{ about: 'eventId', answers: 'correction', to: ['owner'], comesBack: true },
  },
};

/** The notifications for events of recommendations. */
export const notices: Notices = together(
  own,
  closureCapability.notices,
  evidenceCapability.notices,
  deadlineCapability.notices,
  responseCapability.notices,
  recipientCapability.notices,
  ownerCapability.notices,
  commentCapability.notices,
);
