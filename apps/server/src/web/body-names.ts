import { visibleBodies } from '#state-machines/access';
import type { Viewer } from '#state-machines/access';
import type { Body } from '#state-machines/body-events';
import type { FormValues } from './form-values.ts';
import type { Field } from './forms/fields.ts';

type Bodies = ReadonlyMap<string, Body>;

const comparable = (name: string): string => name.trim().replaceAll(/\s+/g, ' ').toLowerCase();

/** Returns the slug of the body with this name or slug; the input if no body matches. */
export function slugOf(typed: string, bodies: Bodies): string {
  const wanted = comparable(typed);
  if (bodies.has(wanted)) return wanted;
  const called = [...bodies.values()].filter(({ name }) => comparable(name) === wanted);
  return called.length === 1 && called[0] !== undefined ? called[0].slug : typed;
}

/** Returns the names that the viewer can enter for bodies: the slug if the name is missing or not unique. */
export function offeredBodies(viewer: Viewer, bodies: Bodies, seen: readonly string[]): readonly string[] {
  const slugs = visibleBodies(viewer) ?? [...new Set([...bodies.keys(), ...seen])];
  return slugs
    .map((slug) => nameToType(slug, bodies))
    .toSorted((one, other) => one.localeCompare(other, 'en-GB'));
}

/** Returns the name that resolves to this body when it is entered. */
export function nameToType(slug: string, bodies: Bodies): string {
  const name = bodies.get(slug)?.name;
  return name !== undefined && slugOf(name, bodies) === slug ? name : slug;
}

/** Splits a list at commas, and resolves each name with `slugOf`. */
export const slugsIn = (typed: string, bodies: Bodies): readonly string[] =>
  typed
    .split(/[,;\n]/)
    .filter((each) => each.trim() !== '')
    .map((each) => slugOf(each.trim(), bodies));

/** Replaces the names of bodies in a form with their slugs. */
export function withSlugs(values: FormValues, fields: readonly Field[], bodies: Bodies): FormValues {
  for (const { name, kind } of fields) {
    const typed = values.get(name);
    if (typed === null) continue;
    if (kind === 'body') values.set(name, slugOf(typed, bodies));
    if (kind === 'bodies')
      values.set(
        name,
        eachLine(typed, (line) => slugOf(line, bodies)),
      );
  }
  return values;
}

export const eachLine = (text: string, change: (line: string) => string): string =>
  text.split(/\r?\n/).map(change).join('\n');
