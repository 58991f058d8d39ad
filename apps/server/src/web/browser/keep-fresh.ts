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
    if (fresh !== null) part.replaceWith(fresh);
  }
  keepFresh();
}
