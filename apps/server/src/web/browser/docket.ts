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
import { offerNames } from './name-fields.ts';

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
offerCopies();
offerNames();
keepFresh();

/** A redirect through the sign-in page loses the fragment of the link, so `at` names the entry, too. */
function goToEntry(): void {
  const entry = `event-${new URLSearchParams(location.search).get('at')}`;
  if (location.hash === '' && document.getElementById(entry) !== null) location.replace(`#${entry}`);
}

const LOOK_MS = 2_000;

/**
 * Refreshes the part of the page with `data-goes-on` while work is running. Skips it while it has the
 * keyboard focus.
 */
function keepFresh(): void {
  const part = document.querySelector<HTMLElement>('[data-goes-on]');
  if (part !== null) setTimeout(() => void showAnew(part), LOOK_MS);
}

async function showAnew(part: HTMLElement): Promise<void> {
  const isLeftAlone = document.visibilityState === 'visible' && !part.contains(document.activeElement);
  if (isLeftAlone) {
    const response = await fetch(location.href).catch(() => null);
    const page = new DOMParser().parseFromString((await response?.text()) ?? '', 'text/html');
    const fresh = response?.ok === true ? page.getElementById(part.id) : null;
    if (fresh !== null) {
      part.replaceWith(fresh);
      announceEnd(fresh);
    }
  }
  keepFresh();
}

/** Announces the result to screen readers, once. */
function announceEnd(fresh: HTMLElement): void {
  const status = document.querySelector(`[data-end-of="${fresh.id}"]`);
  const end = fresh.querySelector('[data-end]');
  if (status !== null && end !== null && fresh.dataset['goesOn'] === undefined)
    status.textContent = end.textContent;
}

/** Adds a copy button to fields with `data-copy`. */
function offerCopies(): void {
  // The clipboard needs a secure context (TLS or localhost).
  if (!isSecureContext) return;
  for (const field of document.querySelectorAll<HTMLTextAreaElement>('textarea[data-copy]')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'govuk-button govuk-button--secondary docket-not-on-paper';
    button.textContent = field.dataset['copy'] ?? '';
    const status = document.createElement('p');
    status.className = 'govuk-body';
    status.setAttribute('role', 'status');
    button.addEventListener('click', () => {
      void navigator.clipboard.writeText(field.value).then(() => {
        status.textContent = 'Copied';
      });
    });
    field.after(button, status);
  }
}
