import type { Notices } from '#lifecycle/notices';
import { closing, evidencing } from './v1/closing.ts';
import { dating } from './v1/dating.ts';
import type { EventType } from './v1/events.ts';
import { addressing, commenting, owning, responding } from './v1/parts.ts';

const own: Partial<Record<EventType, Notices[string]>> = {
  RecommendationIssued: {
    kind: 'issued',
    title: 'Recommendations to your body',
    to: ['body'],
  },
  RecommendationReopened: {
    kind: 'reopened',
    title: 'Records that were opened again',
    to: ['owner', 'body'],
  },
  TextAmended: {
    kind: 'text-amended',
    title: 'Texts and titles that were amended',
    to: ['owner', 'body'],
  },
  CorrectionRequested: {
    kind: 'correction-requested',
    title: 'Requests for a correction',
    ...{ asks: 'correction', to: ['owner'] },
  },
  CorrectionApproved: {
    kind: 'correction-approved',
    title: 'Corrections that were approved',
    ...{ answers: 'correction', to: ['owner', 'body'] },
  },
  CorrectionRefused: {
    kind: 'correction-refused',
    title: 'Corrections that were refused',
    ...{ answers: 'correction', to: ['owner'], comesBack: true },
  },
};

/** Whom events of recommendations are news for. */
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
