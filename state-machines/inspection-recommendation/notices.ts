import type { Notices } from '#lifecycle/notices';
import { closing, evidencing } from './v1/closing.ts';
import { dating } from './v1/dating.ts';
import type { EventType } from './v1/events.ts';
import { addressing, commenting, owning, responding } from './v1/parts.ts';

const own: Partial<Record<EventType, Notices[string]>> = {
  RecommendationIssued: {
    kind: 'issued',
    title: 'Recommendation to your body',
    to: ['body'],
  },
  RecommendationReopened: {
    kind: 'reopened',
    title: 'Reopened',
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
export const notices: Notices = {
  ...own,
  ...closing.notices,
  ...evidencing.notices,
  ...dating.notices,
  ...responding.notices,
  ...addressing.notices,
  ...owning.notices,
  ...commenting.notices,
};
