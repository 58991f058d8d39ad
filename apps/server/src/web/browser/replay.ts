/** How long each event is shown while the history plays, and the delay after a slider moves. */
const STEP_MS = 1_500;
const REST_MS = 120;

const DAY_MS = 86_400_000;
const LONG_DATE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

/**
 * Starts the sliders and the play button of the history. The address always names the point that is shown.
 */
export function startReplay(): void {
  const sliders = [...document.querySelectorAll<HTMLInputElement>('input[data-replay]')];
  let rest: ReturnType<typeof setTimeout> | undefined;
  for (const slider of sliders) {
    slider.parentElement?.removeAttribute('hidden');
    slider.addEventListener('input', () => {
      const address = fillIn(slider);
      clearTimeout(rest);
      rest = setTimeout(() => void show(address), REST_MS);
    });
  }
  const events = sliders.find(({ dataset }) => dataset['replay'] === 'version');
  const button = document.querySelector<HTMLButtonElement>('[data-play]');
  if (events !== undefined && button !== null) offerPlay(button, events);
}

/** Copies the slider's value into the form, and returns the address that the form would open. */
function fillIn(slider: HTMLInputElement): string {
  const { form, value, max } = slider;
  if (form === null) return location.href;
  const day = 'days' in slider.dataset ? new Date(Number(value) * DAY_MS) : null;
  slider.setAttribute('aria-valuetext', day === null ? `Event ${value} of ${max}` : LONG_DATE.format(day));
  const field = form.elements.namedItem(slider.dataset['replay'] ?? '');
  if (field instanceof HTMLInputElement) {
    field.value = day === null ? value : day.toISOString().slice(0, 10);
  }
  const address = new URL(form.action);
  for (const [name, entry] of new FormData(form))
    if (typeof entry === 'string' && entry !== '') address.searchParams.append(name, entry);
  return address.href;
}

let wanted: string | null = null;
let isLoading = false;

/** Shows a point. While one is loading, only the last requested one is kept. */
async function show(address: string): Promise<void> {
  wanted = address;
  if (isLoading) return;
  isLoading = true;
  try {
    while (wanted !== null) {
      const next: string = wanted;
      wanted = null;
      await load(next);
    }
  } finally {
    isLoading = false;
  }
}

async function load(address: string): Promise<void> {
  const response = await fetch(address, { headers: { accept: 'text/html' } }).catch(() => null);
  const isShown = response !== null && !response.redirected && (response.ok || response.status === 404);
  if (!isShown) {
    location.assign(address);
    return;
  }
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
  history.replaceState(null, '', address);
  document.title = fresh.title;
  if (response.status === 404) notThen();
  else replaceBy(fresh);
}

const partsOf = (page: Document): HTMLElement[] => [...page.querySelectorAll<HTMLElement>('[data-swap]')];

function replaceBy(fresh: Document): void {
  const parts = new Map(partsOf(fresh).map((part) => [part.dataset['swap'], part]));
  for (const part of partsOf(document))
    part.replaceChildren(...(parts.get(part.dataset['swap'])?.childNodes ?? []));
  // The user has moved on in the meantime.
  if (wanted !== null) return;
  for (const field of fresh.querySelectorAll<HTMLInputElement>('.docket-replay input[id]')) {
    const own = document.getElementById(field.id);
    if (!(own instanceof HTMLInputElement) || own === document.activeElement) continue;
    own.value = field.value;
    const text = field.getAttribute('aria-valuetext');
    if (text !== null) own.setAttribute('aria-valuetext', text);
  }
}

/** Shows that the record did not exist at this point, or was not known. */
function notThen(): void {
  const text = document.createElement('p');
  text.className = 'govuk-body-l';
  text.textContent = 'The record did not exist then, or was not recorded yet.';
  for (const part of partsOf(document)) {
    if (part.dataset['swap'] === 'body') part.replaceChildren(text);
    else if (part.dataset['swap'] === 'head') part.querySelector('#state')?.remove();
  }
}

/** Plays the history event by event. Hidden if the user prefers reduced motion. */
function offerPlay(button: HTMLButtonElement, slider: HTMLInputElement): void {
  const isStill = matchMedia('(prefers-reduced-motion: reduce)');
  // The current run; 0 if none is running.
  let run = 0;
  let runs = 0;
  const set = (to: number): void => {
    run = to;
    button.textContent = to === 0 ? 'Play' : 'Pause';
  };
  const offer = (): void => {
    button.hidden = isStill.matches;
    if (isStill.matches) set(0);
  };
  const play = async (own: number): Promise<void> => {
    if (slider.value === slider.max) slider.value = slider.min;
    else slider.stepUp();
    while (own === run) {
      await show(fillIn(slider));
      if (slider.value === slider.max) set(0);
      await new Promise((done) => setTimeout(done, STEP_MS));
      if (own === run) slider.stepUp();
    }
  };
  button.addEventListener('click', () => {
    if (run !== 0) set(0);
    else {
      runs += 1;
      set(runs);
      void play(runs);
    }
  });
  isStill.addEventListener('change', offer);
  offer();
}
