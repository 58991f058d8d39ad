import type { JsonValue, Pointer } from '#event-sourcing/envelope';
import { freeText, labelOf, wordsOf } from '#lifecycle/fields';
import type { Field, Members } from '#lifecycle/fields';
import type { ReadEvent } from '#lifecycle/lifecycles';
import { saidFieldsOf } from '#state-machines/any-kind';
import { lifecycles } from '#state-machines/lifecycles';
import { saidBy } from '#state-machines/record-view';
import type { Element } from './components/macro-options.ts';
import { longDate, longInstant } from './dates.ts';
import { bodyName, personName } from './names.ts';
import { REDACTED } from './words.ts';

/** What an event says by a member; null where it was erased or is withheld. */
export interface SaidMember {
  readonly name: string;
  readonly field: Field;
  readonly value: JsonValue;
}

/** What a member of a type of event means. */
export const fieldOf = (lifecycle: string, type: string, member: string): Field =>
  lifecycles.current(lifecycle).code.shapes.types[type]?.members[member] ??
  saidFieldsOf(lifecycle)[member] ??
  freeText();

/** What an event says, by the members of its type. */
export function membersSaid(event: ReadEvent): readonly SaidMember[] {
  const members = lifecycles.find(event.lifecycle)?.code.shapes.types[event.type]?.members ?? {};
  return Object.entries(members).flatMap(([name, field]) => {
    const value = saidBy(event, name);
    return value === undefined ? [] : [{ name, field, value }];
  });
}

/** By its place in events, what a member means to types of events, of whichever kind of record. */
const FIELDS: ReadonlyMap<Pointer, readonly Field[]> = fieldsIn(
  lifecycles.currents.flatMap(({ code }) => Object.values(code.shapes.types)),
);

function fieldsIn(shapes: readonly { readonly members: Members }[]): ReadonlyMap<Pointer, readonly Field[]> {
  const found = new Map<Pointer, Field[]>();
  const visit = (members: Members, above: Pointer): void => {
    for (const [name, field] of Object.entries(members)) {
      const inner = field.kind === 'list' ? field.of : field;
      found.getOrInsert(`${above}/${name}`, []).push(field);
      if (inner.kind === 'object') visit(inner.members, `${above}/${name}`);
    }
  };
  for (const { members } of shapes) visit(members, '/data');
  return found;
}

/** A value's place in an event without the numbers of items, and the number of the last one. */
function placeOf(pointer: Pointer): {
  readonly path: Pointer;
  readonly name: string;
  readonly index?: number;
} {
  const path = pointer.replaceAll(/\/\d+(?=\/|$)/g, '');
  const index = [...pointer.matchAll(/\/(\d+)(?=\/|$)/g)].at(-1)?.[1];
  return { path, name: path.split('/').at(-1) ?? '', ...(index !== undefined && { index: Number(index) }) };
}

/** What a value is called: `/data/items/0/name` is the name of item 1. In words where types of events call it differently. */
export function valueWords(pointer: Pointer): string {
  const { path, name, index } = placeOf(pointer);
  const labels = new Set(FIELDS.get(path)?.map((field) => labelOf(name, field)));
  const [label = ''] = labels;
  const words = labels.size === 1 ? label : labelOf(name);
  return index === undefined ? words : `${words} of item ${index + 1}`;
}

/** What a value means, by its place in an event of whichever type. */
export const fieldAt = (pointer: Pointer): Field => FIELDS.get(placeOf(pointer).path)?.[0] ?? freeText();

/** What a member holds, as pages print it: by its kind, and null where it was erased. */
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

/** What has a value of its own under each of some names. */
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

/** The same with an address as a link, and with the lines of a text. */
export function ValueView({ field, value }: { readonly field: Field; readonly value: unknown }): Element {
  const words = valueOf(field, value);
  if (field.limits?.isUrl === true && /^https?:/i.test(words))
    return (
      <a class="govuk-link" href={words} rel="noreferrer">
        {words}
      </a>
    );
  return <span class="docket-text">{words}</span>;
}
