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

/** Changes of a record since its page was loaded. */
interface Changes {
  readonly version: number;
  readonly events: number;
}

/** The server counts up to this number. */
const COUNTED_MAX = 100;

/**
 * Shows a notice with a link when the record changes. Connects only while the page is visible, because
 * browsers allow six connections per site.
 */
function startLiveNotice(): void {
  const notice = document.querySelector<HTMLElement>('[data-changes]');
  if (notice === null) return;
  let source: EventSource | null = null;
  const follow = (): void => {
    source?.close();
    source = document.visibilityState === 'visible' ? listen(notice) : null;
  };
  document.addEventListener('visibilitychange', follow);
  window.addEventListener('pagehide', () => source?.close());
  follow();
}

function listen(notice: HTMLElement): EventSource {
  const source = new EventSource(notice.dataset['changes'] ?? '');
  source.addEventListener('message', ({ data }: MessageEvent<string>) => {
    showNotice(notice, changesIn(data));
  });
  return source;
}

const changesIn = (message: string): Changes => JSON.parse(message) as Changes;

function showNotice(notice: HTMLElement, { events }: Changes): void {
  if (events === 0) return;
  const count = events >= COUNTED_MAX ? `${COUNTED_MAX} or more` : String(events);
  const link = document.createElement('a');
  link.className = 'govuk-link';
  link.href = notice.dataset['show'] ?? '';
  link.textContent = events === 1 ? 'Show it' : 'Show them';
  notice.replaceChildren(
    `${count} ${events === 1 ? 'change' : 'changes'} since you opened this page. `,
    link,
  );
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
