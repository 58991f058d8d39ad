const LOOK_MS = 2_000;

/** Shows anew, while something goes on, the part of a page that tells of it; whoever is in it with the keyboard is not disturbed. */
export function keepFresh(): void {
  const part = document.querySelector<HTMLElement>('[data-goes-on]');
  if (part !== null) setTimeout(() => void showAnew(part), LOOK_MS);
}

async function showAnew(part: HTMLElement): Promise<void> {
  const isLeftAlone = document.visibilityState === 'visible' && !part.contains(document.activeElement);
  if (isLeftAlone) {
    const answer = await fetch(location.href).catch(() => null);
    const page = new DOMParser().parseFromString((await answer?.text()) ?? '', 'text/html');
    const fresh = answer?.ok === true ? page.getElementById(part.id) : null;
    if (fresh !== null) {
      part.replaceWith(fresh);
      tellEnd(fresh);
    }
  }
  keepFresh();
}

/** Says once how it ended, to whoever does not see it. */
function tellEnd(fresh: HTMLElement): void {
  const told = document.querySelector(`[data-end-of="${fresh.id}"]`);
  const end = fresh.querySelector('[data-end]');
  if (told !== null && end !== null && fresh.dataset['goesOn'] === undefined)
    told.textContent = end.textContent;
}
