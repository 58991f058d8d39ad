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

/** Whoever had to sign in first comes without the part of their link that names the entry. */
function goToEntry(): void {
  const entry = `event-${new URLSearchParams(location.search).get('at')}`;
  if (location.hash === '' && document.getElementById(entry) !== null) location.replace(`#${entry}`);
}
