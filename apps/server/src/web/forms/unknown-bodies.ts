import leven from 'leven';
import type { Body } from '#state-machines/body-events';
import { SLUG } from '#lifecycle/text-rules';
import { payloadOf } from './fields.ts';
import type { Field } from './fields.ts';
import type { FormError } from './form-errors.ts';
import type { FormValues } from '../form-values.ts';

/** A body that somebody typed and that is not known here, with those that may be meant. */
export interface UnknownBody {
  /** The field into which it was typed. */
  readonly field: string;
  /** A short name; or no name that a body can have, which is refused. */
  readonly slug: string;
  readonly nearest: readonly Body[];
}

/** The field of the boxes that say of each of them that it is meant. */
const CONFIRMED_FIELD = 'unknown';

/** So many are offered. */
const NEAREST_MAX = 3;

/** The bodies in a form that are not known; none where no body is, since then nobody can tell. */
export function unknownBodies(
  fields: readonly Field[],
  values: FormValues,
  known: ReadonlyMap<string, Body>,
): UnknownBody[] {
  if (known.size === 0) return [];
  return fields
    .filter(({ kind }) => kind === 'body' || kind === 'bodies')
    .flatMap((field) => {
      const typed = Object.values(payloadOf([field], values))
        .flat()
        .filter((each) => typeof each === 'string');
      return [...new Set(typed)]
        .filter((slug) => slug !== '' && !known.has(slug))
        .map((slug) => ({ field: field.name, slug, nearest: nearestTo(slug, [...known.values()]) }));
    });
}

/** Whose short name or name is the same but for a few letters, or for words before or behind it. */
export function nearestTo(typed: string, known: readonly Body[]): Body[] {
  const slug = typed.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
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

/** Whether a form asks if some of them are meant. */
export const canBeUsed = (unknown: readonly UnknownBody[]): boolean =>
  unknown.some(({ slug }) => SLUG.test(slug));

/** What is asked of them: whether each is meant. */
export const unknownField = (unknown: readonly UnknownBody[]): Field => ({
  kind: 'ticks',
  name: CONFIRMED_FIELD,
  label: 'Bodies that are not known here',
  missing: 'Confirm it',
  choices: unknown
    .filter(({ slug }) => SLUG.test(slug))
    .map(({ slug, nearest }) => ({
      value: slug,
      text: `Use “${slug}” all the same`,
      ...(nearest.length > 0 && { hint: didYouMean(nearest) }),
    })),
});

export const didYouMean = (nearest: readonly Pick<Body, 'name'>[]): string =>
  nearest.length === 0 ? '' : `Did you mean ${nearest.map(({ name }) => name).join(', or ')}?`;

/** What is wrong with them: nobody has said that they are meant, or no body can be called so. */
export const unconfirmed = (values: FormValues, unknown: readonly UnknownBody[]): FormError[] =>
  unknown
    .filter(({ slug }) => !SLUG.test(slug) || !values.getAll(CONFIRMED_FIELD).includes(slug))
    .map(({ field, slug, nearest }) =>
      SLUG.test(slug)
        ? { field: CONFIRMED_FIELD, message: `${slug} is not a known body. Use it all the same?` }
        : { field, message: `No body is called “${slug}”. ${didYouMean(nearest)}`.trim() },
    );
