const LOOK_MS = 2_000;

/**
 * Refreshes the part of the page with `data-goes-on` while work is running. Skips it while it has the
 * keyboard focus.
 */
export function keepFresh(): void {
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
