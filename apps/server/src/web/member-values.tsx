import type { JsonValue } from '#event-sourcing/envelope';
import { freeText, labelOf, wordsOf } from '#lifecycle/fields';
import type { Field } from '#lifecycle/fields';
import type { ReadEvent } from '#lifecycle/lifecycles';
import { SAID_FIELDS } from '#state-machines/any-kind';
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
  lifecycles.current(lifecycle).code.shapes.types[type]?.members[member] ?? SAID_FIELDS[member] ?? freeText();

/** What an event says, by the members of its type. */
export function membersSaid(event: ReadEvent): readonly SaidMember[] {
  const members = lifecycles.find(event.lifecycle)?.code.shapes.types[event.type]?.members ?? {};
  return Object.entries(members).flatMap(([name, field]) => {
    const value = saidBy(event, name);
    return value === undefined ? [] : [{ name, field, value }];
  });
}

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
