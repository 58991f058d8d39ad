import type { JsonValue, Pointer } from '#event-sourcing/envelope';
import { freeText, labelOf, wordsOf } from '#lifecycle/fields';
import type { Field, Members } from '#lifecycle/fields';
import type { ReadEvent } from '#lifecycle/lifecycles';
import { lineFieldsOf } from '#state-machines/any-kind';
import { lifecycles } from '#state-machines/lifecycles';
import { memberValue } from '#state-machines/record-view';
import type { Element } from './components/macro-options.ts';
import { Link } from './components/button.tsx';
import { longDate, longInstant } from './dates.ts';
import { bodyName, personName } from './names.ts';
import { REDACTED } from './words.ts';

/** A member of an event; null if it was erased or withheld. */
export interface EventMember {
  readonly name: string;
  readonly field: Field;
  readonly value: JsonValue;
}

/** Returns the shape of an event type's member. */
export const fieldOf = (lifecycle: string, type: string, member: string): Field =>
  lifecycles.current(lifecycle).code.shapes[type]?.members[member] ??
  lineFieldsOf(lifecycle)[member] ??
  freeText();

export function eventMembers(event: ReadEvent): readonly EventMember[] {
  const members = lifecycles.find(event.lifecycle)?.code.shapes[event.type]?.members ?? {};
  return Object.entries(members).flatMap(([name, field]) => {
    const value = memberValue(event, name);
    return value === undefined ? [] : [{ name, field, value }];
  });
}

/** The shapes of event members of all kinds, by pointer. */
const FIELDS: ReadonlyMap<Pointer, readonly Field[]> = fieldsIn(
  lifecycles.currents.flatMap(({ code }) => Object.values(code.shapes)),
);

function fieldsIn(shapes: readonly { readonly members: Members }[]): ReadonlyMap<Pointer, readonly Field[]> {
  const found = new Map<Pointer, Field[]>();
  const visit = (members: Members, above: Pointer): void => {
    for (const [name, field] of Object.entries(members)) {
      const inner = field.kind === 'list' ? field.of : field;
      const pointer: Pointer = `${above}/${name}`;
      const known = found.get(pointer) ?? [];
      found.set(pointer, known);
      known.push(field);
      if (inner.kind === 'object') visit(inner.members, `${above}/${name}`);
    }
  };
  for (const { members } of shapes) visit(members, '/data');
  return found;
}

/** Splits a pointer into its path without item numbers and the number of the last item. */
function placeOf(pointer: Pointer): {
  readonly path: Pointer;
  readonly name: string;
  readonly index?: number;
} {
  const path = pointer.replaceAll(/\/\d+(?=\/|$)/g, '');
  const index = [...pointer.matchAll(/\/(\d+)(?=\/|$)/g)].at(-1)?.[1];
  return { path, name: path.split('/').at(-1) ?? '', ...(index !== undefined && { index: Number(index) }) };
}

/**
 * Returns the label of a value: `/data/items/0/name` is the name of item 1. Falls back to the member's name
 * if event types use different labels.
 */
export function valueWords(pointer: Pointer): string {
  const { path, name, index } = placeOf(pointer);
  const labels = new Set(FIELDS.get(path)?.map((field) => labelOf(name, field)));
  const [label = ''] = labels;
  const words = labels.size === 1 ? label : labelOf(name);
  return index === undefined ? words : `${words} of item ${index + 1}`;
}

/** Formats a member's value by its shape. */
export function valueOf(field: Field, value: unknown): string {
  if (value === null || value === undefined) return REDACTED;
  if (Array.isArray(value)) {
    const of = field.kind === 'list' ? field.of : field;
    return value.map((item: unknown) => valueOf(of, item)).join(of.kind === 'object' ? '; ' : ', ');
  }
  if (typeof value === 'object') return membersOf(field, value);
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (typeof value !== 'string') return JSON.stringify(value);
  switch (field.kind) {
    case 'plainDate':
      return longDate(value);
    case 'instant':
      return longInstant(value);
    case 'oneOf':
      return new Map(wordsOf(field)).get(value) ?? value;
    default:
      return nameOf(field, value);
  }
}

function membersOf(field: Field, value: object): string {
  const fieldAt = (name: string): Field =>
    (field.kind === 'object' ? field.members[name] : field.kind === 'map' ? field.of : undefined) ??
    freeText();
  return Object.entries(value)
    .map(([name, each]) => `${labelOf(name, fieldAt(name))}: ${valueOf(fieldAt(name), each)}`)
    .join(', ');
}

function nameOf({ limits }: Field, value: string): string {
  if (limits?.isPerson === true) return personName(value);
  return limits?.form?.names === 'bodies' ? bodyName(value) : value;
}

/** Formats a value; addresses become links. */
export function ValueView({ field, value }: { readonly field: Field; readonly value: unknown }): Element {
  const words = valueOf(field, value);
  if (field.limits?.isUrl === true && /^https?:/i.test(words))
    return (
      <Link href={words} rel="noreferrer">
        {words}
      </Link>
    );
  return <span class="docket-text">{words}</span>;
}
