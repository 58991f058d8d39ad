import { labelOf, wordsOf } from '#lifecycle/fields';
import type { Field as Member, Members } from '#lifecycle/fields';
import { isOfEvidence } from './evidence-items.ts';
import type { Field, FieldChoice } from './fields.ts';
import { withArticle } from '#lifecycle/words';

/** Overrides of the shape's fields, by record and viewer; null removes a field. */
type FieldOverrides = Readonly<Record<string, Partial<Field> | null>>;

/** Returns the form fields for the members of a payload, in order. */
export const fieldsOf = (members: Members, overrides: FieldOverrides = {}, within = ''): Field[] =>
  Object.entries(members).flatMap(([member, shape]) => {
    const name = `${within}${member}`;
    const override = Object.hasOwn(overrides, name) ? overrides[name] : {};
    if (override === null) return [];
    if (shape.kind === 'object') {
      const inner = fieldsOf(shape.members, overrides, `${name}-`);
      return shape.optional === true ? inner.map((field) => ({ ofOptional: name, ...field })) : inner;
    }
    return [{ ...fieldOf(name, member, shape), ...override } as Field];
  });

function fieldOf(name: string, member: string, shape: Member): Field {
  const label = labelOf(member, shape);
  const isOptional = shape.optional === true && shape.neededIn === undefined;
  const { hint, missing } = shape;
  const verb = shape.kind === 'oneOf' ? 'Choose' : 'Enter';
  return {
    name,
    label,
    missing: missing ?? `${verb} ${withArticle(label.toLowerCase())}`,
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
      return { kind: 'choice', choices: choicesOf(shape) };
    case 'flag':
      return { kind: 'yes', isNo: true };
    case 'always':
      return { kind: 'yes' };
    case 'count':
      return { kind: 'number' };
    case 'sha256':
      return { kind: 'line', width: 'full' };
    case 'freeText':
      if (shape.limits?.isPerson === true) return { kind: 'person', you: '', known: [] };
      return shape.limits?.isLine === true || shape.limits?.isUrl === true
        ? { kind: 'line', width: 'full' }
        : { kind: 'text' };
    case 'list':
      return kindOfList(shape.of);
    default:
      return shape.limits?.form?.names === 'bodies' ? { kind: 'body' } : { kind: 'line', width: 'half' };
  }
}

const choicesOf = (of: Parameters<typeof wordsOf>[0]): readonly FieldChoice[] =>
  wordsOf(of).map(([value, text]) => ({ value, text }));

function kindOfList(of: Member): Kinds {
  if (of.kind === 'oneOf') return { kind: 'ticks', choices: choicesOf(of) };
  if (of.kind !== 'object') return { kind: of.limits?.form?.names === 'bodies' ? 'bodies' : 'lines' };
  const fields = fieldsOf(of.members);
  // A list of digests is a list of files.
  const isOfFiles = 'sha256' in of.members && Object.keys(of.members).every(isOfEvidence);
  return isOfFiles ? { kind: 'files', fields } : { kind: 'rows', row: of.label ?? 'Entry', fields };
}
