/** What the server says of a record's changes since the page was made. */
interface Changes {
  readonly version: number;
  readonly events: number;
}

/** The server stops counting there. */
const COUNTED_MAX = 100;

/**
 * Says that a record has changed since its page was opened, with a link that shows it; moves nothing. Only a page that is looked at
 * holds a connection: browsers allow a site six of them.
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
    tell(notice, changesIn(data));
  });
  return source;
}

const changesIn = (message: string): Changes => JSON.parse(message) as Changes;

function tell(notice: HTMLElement, { events }: Changes): void {
  if (events === 0) return;
  const count = events >= COUNTED_MAX ? `${COUNTED_MAX} or more` : String(events);
  const link = document.createElement('a');
  link.className = 'govuk-link';
  link.href = notice.dataset['show'] ?? '';
  link.textContent = events === 1 ? 'Show it' : 'Show them';
  notice.replaceChildren(`${count} ${events === 1 ? 'event' : 'events'} since you opened this page. `, link);
}
