import { labelOf, wordsOf } from '#lifecycle/fields';
import type { Field as Member, Members } from '#lifecycle/fields';
import type { Field } from './fields.ts';

/** What a form has otherwise than the shape says: where it depends on the record or on who looks; null where it is not asked for. */
export type Asks = Readonly<Record<string, Partial<Field> | null>>;

/** The fields of a form for the members of a payload, in their order. */
export const fieldsOf = (members: Members, asks: Asks = {}, within = ''): Field[] =>
  Object.entries(members).flatMap(([member, shape]) => {
    const name = `${within}${member}`;
    const ask = Object.hasOwn(asks, name) ? asks[name] : {};
    if (ask === null) return [];
    if (shape.kind === 'object') return fieldsOf(shape.members, asks, `${name}-`);
    return [{ ...fieldOf(name, member, shape), ...ask } as Field];
  });

function fieldOf(name: string, member: string, shape: Member): Field {
  const label = labelOf(member, shape);
  const isOptional = shape.optional === true && shape.neededIn === undefined;
  const { hint, missing } = shape;
  const verb = shape.kind === 'oneOf' ? 'Choose' : 'Enter';
  const article = /^[aeiou]/i.test(label) ? 'an' : 'a';
  return {
    name,
    label,
    missing: missing ?? `${verb} ${article} ${label.toLowerCase()}`,
    ...(hint !== undefined && { hint }),
    ...(isOptional && { isOptional }),
    ...kindOf(shape),
  };
}

type Kinds = Field extends infer Each
  ? Each extends Field
    ? Omit<Each, 'name' | 'label' | 'missing'>
    : never
  : never;

function kindOf(shape: Member): Kinds {
  switch (shape.kind) {
    case 'plainDate':
      return { kind: 'date', hint: shape.hint ?? 'For example, 27 3 2027' };
    case 'oneOf':
      return { kind: 'choice', choices: wordsOf(shape).map(([value, text]) => ({ value, text })) };
    case 'flag':
    case 'always':
      return { kind: 'yes' };
    case 'freeText':
      if (shape.limits?.isPerson === true) return { kind: 'person', you: '', known: [] };
      return shape.limits?.isLine === true || shape.limits?.isUrl === true
        ? { kind: 'line', width: 'full' }
        : { kind: 'text' };
    case 'list':
      return { kind: kindOfList(shape.of) };
    default:
      return shape.limits?.form?.names === 'bodies' ? { kind: 'body' } : { kind: 'line', width: 'half' };
  }
}

function kindOfList(of: Member): 'bodies' | 'evidence' | 'due-dates' | 'chosen' {
  if (of.limits?.form?.names === 'bodies') return 'bodies';
  const kinds = of.kind === 'object' ? Object.values(of.members).map(({ kind }) => kind) : [];
  // Files are known by their digests.
  if (kinds.includes('sha256')) return 'evidence';
  return kinds.length === 1 && kinds[0] === 'plainDate' ? 'due-dates' : 'chosen';
}
