import { visibleBodies } from '#state-machines/access';
import type { Viewer } from '#state-machines/access';
import type { Body } from '#state-machines/body-events';
import type { FormValues } from './form-values.ts';
import type { Field } from './forms/fields.ts';

type Bodies = ReadonlyMap<string, Body>;

const comparable = (name: string): string => name.trim().replaceAll(/\s+/g, ' ').toLowerCase();

/** The short name of the body that somebody typed by either of its names; what they typed where no body is called so. */
export function slugOf(typed: string, bodies: Bodies): string {
  const wanted = comparable(typed);
  if (bodies.has(wanted)) return wanted;
  const called = [...bodies.values()].filter(({ name }) => comparable(name) === wanted);
  return called.length === 1 && called[0] !== undefined ? called[0].slug : typed;
}

/** What to type for each body that the viewer may choose: its name, or its short name where it shares the name or has none. */
export function offeredBodies(viewer: Viewer, bodies: Bodies, seen: readonly string[]): readonly string[] {
  const slugs = visibleBodies(viewer) ?? [...new Set([...bodies.keys(), ...seen])];
  return slugs
    .map((slug) => nameToType(slug, bodies))
    .toSorted((one, other) => one.localeCompare(other, 'en-GB'));
}

/** The name by which a body is found again where it is typed. */
export function nameToType(slug: string, bodies: Bodies): string {
  const name = bodies.get(slug)?.name;
  return name !== undefined && slugOf(name, bodies) === slug ? name : slug;
}

/** The bodies that somebody typed with commas between, each as `slugOf` has it. */
export const slugsIn = (typed: string, bodies: Bodies): readonly string[] =>
  typed
    .split(/[,;\n]/)
    .filter((each) => each.trim() !== '')
    .map((each) => slugOf(each.trim(), bodies));

/** What a form brings, with the bodies in it by their short names. */
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

/** A text of several lines with each of them changed. */
export const eachLine = (text: string, change: (line: string) => string): string =>
  text.split(/\r?\n/).map(change).join('\n');
