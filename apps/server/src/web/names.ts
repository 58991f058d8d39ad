import { setImmediate } from 'node:timers/promises';
import type { Body } from '#state-machines/body-events';
import type { PagesParts } from './page-context.ts';

/** Where names are offered that the viewer may see, as lists of texts, while one is typed. */
export const NAMES_OF_PEOPLE = '/names/people';
export const NAMES_OF_BODIES = '/names/bodies';

/** What those on a page are called, as far as that is known, and who else it names. */
interface PageNames {
  readonly bodies: ReadonlyMap<string, Body> | null;
  /** By subjects; null where somebody has no name. */
  readonly people: Map<string, string | null>;
  readonly rememberedName: (subject: string) => string | null | undefined;
  namesBodies: boolean;
  readonly unread: Set<string>;
}

/** Those of the page that is being rendered: no other page comes between, since a page is rendered at one go. */
let page: PageNames | null = null;

/** What a body is called where people read of it: its slug where it has no name. Asked while a page is rendered. */
export const bodyName = (slug: string): string => namedBodies().get(slug)?.name ?? slug;

/** The bodies that have a name, by their slugs, for whoever is to choose one. Asked while a page is rendered. */
export function namedBodies(): ReadonlyMap<string, Body> {
  if (page !== null) page.namesBodies = true;
  return page?.bodies ?? NO_BODIES;
}

/** What a person is called where people read of them: their subject where no name is known. Asked while a page is rendered. */
export function personName(subject: string): string {
  if (page === null) return subject;
  const name = page.people.has(subject) ? page.people.get(subject) : page.rememberedName(subject);
  if (name === undefined) page.unread.add(subject);
  else page.people.set(subject, name);
  return name ?? subject;
}

const NO_BODIES: ReadonlyMap<string, Body> = new Map();

/** Renders a page with the names of those on it: what is not remembered of them is read at once, and the page rendered again. */
export async function withNames(
  { bodies, people }: Pick<PagesParts, 'bodies' | 'people'>,
  render: () => string,
): Promise<string> {
  const names: PageNames = {
    bodies: bodies.remembered(),
    people: new Map(),
    rememberedName: (subject) => people.rememberedName(subject),
    namesBodies: false,
    unread: new Set(),
  };
  const html = rendered(names, render);
  const lacksBodies = names.namesBodies && names.bodies === null;
  if (!lacksBodies && names.unread.size === 0) return html;
  const [readBodies, readPeople] = await Promise.all([
    lacksBodies ? bodies.all() : names.bodies,
    people.readNames(names.unread),
  ]);
  // A page may be long: others have their turn before it is rendered again. Where what was read came in a turn of its own,
  // the first of the two ends that turn only.
  await setImmediate();
  await setImmediate();
  return rendered(
    { ...names, bodies: readBodies, people: new Map([...names.people, ...readPeople]) },
    render,
  );
}

function rendered(names: PageNames, render: () => string): string {
  page = names;
  try {
    return render();
  } finally {
    page = null;
  }
}
