import {
  Button,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  Radios,
  ServiceNavigation,
  SkipLink,
  createAll,
} from 'govuk-frontend';
import { offerCopies } from './copy-button.ts';
import { startLiveNotice } from './live-notice.ts';
import { keepFresh } from './keep-fresh.ts';
import { offerNames } from './name-fields.ts';
import { hashFiles } from './file-digests.ts';
import { startReplay } from './replay.ts';

for (const component of [
  Button,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  Radios,
  ServiceNavigation,
  SkipLink,
] as const)
  createAll(component);
goToEntry();
startLiveNotice();
hashFiles();
offerCopies();
offerNames();
keepFresh();
startReplay();

/** A redirect through the sign-in page loses the fragment of the link, so `at` names the entry, too. */
function goToEntry(): void {
  const entry = `event-${new URLSearchParams(location.search).get('at')}`;
  if (location.hash === '' && document.getElementById(entry) !== null) location.replace(`#${entry}`);
}
