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
export function startLiveNotice(): void {
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
