import { setImmediate } from 'node:timers/promises';
import type { Body } from '#state-machines/body-events';
import type { PagesParts } from './page-context.ts';

/** Endpoints that return the names visible to the viewer, for completion. */
export const NAMES_OF_PEOPLE = '/names/people';
export const NAMES_OF_BODIES = '/names/bodies';

/** Names known on a page, and those that it still needs. */
interface PageNames {
  readonly bodies: ReadonlyMap<string, Body> | null;
  /** By subject; null if a person has no name. */
  readonly people: Map<string, string | null>;
  readonly rememberedName: (subject: string) => string | null | undefined;
  namesBodies: boolean;
  readonly unread: Set<string>;
}

/** The page being rendered. Rendering is synchronous, so pages cannot overlap. */
let page: PageNames | null = null;

/** Returns a body's name, or its slug. Only valid during rendering. */
export const bodyName = (slug: string): string => namedBodies().get(slug)?.name ?? slug;

/** Returns the named bodies by slug. Only valid during rendering. */
export function namedBodies(): ReadonlyMap<string, Body> {
  if (page !== null) page.namesBodies = true;
  return page?.bodies ?? NO_BODIES;
}

/** Returns a person's name, or their subject. Only valid during rendering. */
export function personName(subject: string): string {
  if (page === null) return subject;
  const name = page.people.has(subject) ? page.people.get(subject) : page.rememberedName(subject);
  if (name === undefined) page.unread.add(subject);
  else page.people.set(subject, name);
  return name ?? subject;
}

const NO_BODIES: ReadonlyMap<string, Body> = new Map();

/** Renders a page. If names are missing from the cache, reads them and renders the page again. */
export async function withNames(
  { bodies, people }: Pick<PagesParts, 'bodies' | 'people'>,
  render: () => string,
): Promise<string> {
  const names: PageNames = {
    bodies: bodies.cached(),
    people: new Map(),
    rememberedName: (subject) => people.rememberedName(subject),
    namesBodies: false,
    unread: new Set(),
  };
  const html = renderWith(names, render);
  const lacksBodies = names.namesBodies && names.bodies === null;
  if (!lacksBodies && names.unread.size === 0) return html;
  const [readBodies, readPeople] = await Promise.all([
    lacksBodies ? bodies.all() : names.bodies,
    people.readNames(names.unread),
  ]);
  // Yields twice, because the first may only end a turn that the read began.
  await setImmediate();
  await setImmediate();
  return renderWith(
    { ...names, bodies: readBodies, people: new Map([...names.people, ...readPeople]) },
    render,
  );
}

function renderWith(names: PageNames, render: () => string): string {
  page = names;
  try {
    return render();
  } finally {
    page = null;
  }
}
