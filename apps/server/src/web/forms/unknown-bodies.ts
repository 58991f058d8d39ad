import leven from 'leven';
import type { Body } from '#state-machines/body-events';
import { SLUG } from '#lifecycle/text-rules';
import { payloadOf } from './fields.ts';
import type { Field } from './fields.ts';
import type { FormError } from './form-errors.ts';
import type { FormValues } from '../form-values.ts';

/** A body that was entered and is unknown, with similar ones. */
export interface UnknownBody {
  readonly field: string;
  /** A slug, or an invalid one that is refused. */
  readonly slug: string;
  readonly nearest: readonly Body[];
}

/** The checkboxes that confirm unknown bodies. */
const CONFIRMED_FIELD = 'unknown';

const NEAREST_MAX = 3;

/** Returns the unknown bodies of a form; none if no bodies are named at all. */
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

/** Returns bodies whose slug or name differs by a few letters or contains the input. */
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

/** Returns whether any of them can be confirmed. */
export const canBeUsed = (unknown: readonly UnknownBody[]): boolean =>
  unknown.some(({ slug }) => SLUG.test(slug));

export const unknownField = (unknown: readonly UnknownBody[]): Field => ({
  kind: 'ticks',
  name: CONFIRMED_FIELD,
  label: 'Unknown bodies',
  missing: 'Confirm the body',
  choices: unknown
    .filter(({ slug }) => SLUG.test(slug))
    .map(({ slug, nearest }) => ({
      value: slug,
      text: `Use “${slug}” anyway`,
      ...(nearest.length > 0 && { hint: didYouMean(nearest) }),
    })),
});

const didYouMean = (nearest: readonly Pick<Body, 'name'>[]): string =>
  nearest.length === 0 ? '' : `Did you mean ${nearest.map(({ name }) => name).join(', or ')}?`;

/** Returns errors for bodies that are not confirmed or invalid. */
export const unconfirmedErrors = (values: FormValues, unknown: readonly UnknownBody[]): FormError[] =>
  unknown
    .filter(({ slug }) => !SLUG.test(slug) || !values.getAll(CONFIRMED_FIELD).includes(slug))
    .map(({ field, slug, nearest }) =>
      SLUG.test(slug)
        ? { field: CONFIRMED_FIELD, message: `${slug} is not a known body. Do you want to use it anyway?` }
        : { field, message: `No body is called “${slug}”. ${didYouMean(nearest)}`.trim() },
    );
