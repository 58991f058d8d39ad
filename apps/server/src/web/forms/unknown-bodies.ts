import leven from 'leven';
import type { Body } from '#state-machines/body-events';
import { SLUG } from '#lifecycle/text-rules';
import type { Field } from './fields.ts';
import type { FormError } from './form-errors.ts';
import type { FormValues } from '../form-values.ts';

/** A body that somebody typed and that has no name here, with those that may be meant. */
export interface UnknownBody {
  readonly slug: string;
  readonly nearest: readonly Body[];
}

/** The field of the boxes that say of each of them that it is meant. */
const CONFIRMED_FIELD = 'unknown';

/** So many are offered. */
const NEAREST_MAX = 3;

/** The bodies that are not known; none where no body is, since then nobody can tell. */
export function unknownBodies(slugs: readonly string[], known: ReadonlyMap<string, Body>): UnknownBody[] {
  if (known.size === 0) return [];
  const unknown = new Set(slugs.filter((slug) => SLUG.test(slug) && !known.has(slug)));
  return [...unknown].map((slug) => ({ slug, nearest: nearestTo(slug, [...known.values()]) }));
}

/** Whose short name or name is the same but for a few letters, or for words before or behind it. */
function nearestTo(slug: string, known: readonly Body[]): Body[] {
  const most = Math.max(2, Math.floor(slug.length / 4));
  return known
    .map((body) => ({ body, distance: distanceOf(slug, body) }))
    .filter(({ distance }) => distance <= most)
    .sort((one, other) => one.distance - other.distance)
    .slice(0, NEAREST_MAX)
    .map(({ body }) => body);
}

function distanceOf(slug: string, { slug: known, name }: Body): number {
  const words = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  const isPart = [known, words].some((each) => `-${each}-`.includes(`-${slug}-`));
  return isPart || `-${slug}-`.includes(`-${known}-`) ? 0 : Math.min(leven(slug, known), leven(slug, words));
}

/** What is asked of them: whether each is meant. */
export const unknownField = (unknown: readonly UnknownBody[]): Field => ({
  kind: 'ticks',
  name: CONFIRMED_FIELD,
  label: 'Bodies that are not known here',
  missing: 'Confirm it',
  choices: unknown.map(({ slug, nearest }) => ({
    value: slug,
    text: `Use “${slug}” all the same`,
    ...(nearest.length > 0 && { hint: `Did you mean ${nearest.map(told).join(', or ')}?` }),
  })),
});

const told = ({ slug, name }: Body): string => `${name}: ${slug}`;

/** Those of which nobody has said that they are meant. */
export const unconfirmed = (values: FormValues, unknown: readonly UnknownBody[]): FormError[] =>
  unknown
    .filter(({ slug }) => !values.getAll(CONFIRMED_FIELD).includes(slug))
    .map(({ slug }) => ({
      field: CONFIRMED_FIELD,
      message: `${slug} is not a known body. Use it all the same?`,
    }));
