import type { Body } from '#state-machines/body-events';
import { seesPerson } from '#state-machines/access';
import type { Viewer } from '#state-machines/access';
import { nearestOf } from '#lifecycle/nearest';
import { namesOfPeople } from '#use-cases/people/find-people';
import type { KnownPeople } from '#use-cases/people/find-people';
import { listCurrent } from '#use-cases/register/lists';
import { nearestTo } from '../forms/unknown-bodies.ts';

const SUGGESTIONS_MAX = 3;

/** An unknown name in a list's filters. */
export interface UnknownName {
  readonly filter: 'recipient' | 'owner';
  readonly typed: string;
  /** Similar names. */
  readonly near: readonly string[];
}

interface NamesQuery {
  readonly viewer: Viewer;
  readonly params: URLSearchParams;
  readonly bodies: ReadonlyMap<string, Body>;
  readonly now: number;
}

/**
 * Returns unknown names in the filters of an empty list, with similar ones, because the list itself does not
 * reveal a typing error.
 * People that the viewer cannot see count as unknown.
 */
export async function unknownNames(
  access: KnownPeople,
  options: NamesQuery,
): Promise<readonly UnknownName[]> {
  const { viewer, params, bodies, now } = options;
  const hasRecords = async (filter: UnknownName['filter'], value: string): Promise<boolean> =>
    (await listCurrent(access, viewer, { [filter]: [value], limit: 1 }, now)).items.length > 0;
  const unknown: UnknownName[] = [];
  for (const typed of bodies.size === 0 ? [] : params.getAll('recipient')) {
    if (bodies.has(typed) || (await hasRecords('recipient', typed))) continue;
    const near = nearestTo(typed, [...bodies.values()]).map(({ name }) => name);
    unknown.push({ filter: 'recipient', typed, near });
  }
  for (const typed of params.getAll('owner')) {
    if (await isPersonSeen(access, viewer, typed)) continue;
    const names = await namesOfPeople(access, viewer);
    const isName = names.some((name) => name.toLowerCase() === typed.toLowerCase());
    if (isName || (await hasRecords('owner', typed))) continue;
    const near = nearestOf(typed, names, (name) => [name, ...name.split(/\s+/u)]);
    unknown.push({ filter: 'owner', typed, near: near.slice(0, SUGGESTIONS_MAX) });
  }
  return unknown;
}

async function isPersonSeen({ people }: KnownPeople, viewer: Viewer, subject: string): Promise<boolean> {
  if (subject === viewer.subject) return true;
  return (await people.isKnown(subject)) && seesPerson(viewer, (await people.find(subject)).rights);
}
