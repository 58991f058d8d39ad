import {
  Button,
  CharacterCount,
  ErrorSummary,
  NotificationBanner,
  ServiceNavigation,
  SkipLink,
  createAll,
} from 'govuk-frontend';
import { startLiveNotice } from './live-notice.ts';

for (const component of [
  Button,
  CharacterCount,
  ErrorSummary,
  NotificationBanner,
  ServiceNavigation,
  SkipLink,
] as const)
  createAll(component);
startLiveNotice();
