import type { RecordKind, RecordReference } from '#lifecycle/kind';
import { personMember } from '#lifecycle/shapes';
import { viewOf } from '#state-machines/any-kind';
import { lifecycles } from '#state-machines/lifecycles';
import { noneSubmitted } from '#state-machines/record-view';
import { fieldsOf } from './forms/fields.ts';
import { recordName, REDACTED, referenceOf } from './words.ts';

/** What the records of a kind have besides their state. */
export interface KindParts {
  /** The members of the first event with the title and the text; null if there are none. */
  readonly title: string | null;
  readonly text: string | null;
  /** Whether a body's people act on the records. */
  readonly body: boolean;
  readonly owner: boolean;
  /** Whether records have deadlines. */
  readonly dates: boolean;
  /** Whether something is submitted and decided on. */
  readonly submissions: boolean;
  /** Whether the status can come from a register. */
  readonly origin: boolean;
}

export function partsOf(lifecycle: string): KindParts {
  const current = lifecycles.current(lifecycle);
  const summary = current.code.summary;
  const { code } = current;
  const texts = Object.values(code.texts?.at ?? {}).flatMap((at) => Object.values(at));
  return {
    title: ownMember(lifecycle, 'title'),
    text: ownMember(lifecycle, 'text'),
    body: summary.body !== undefined,
    owner: texts.includes('owner'),
    dates: summary.dates !== undefined,
    submissions: viewOf(lifecycle).submissions !== noneSubmitted,
    origin: summary.about !== undefined,
  };
}

/** Returns the roles of owners: those that can assign one. */
export function rolesOfOwners({ name }: RecordKind): readonly string[] {
  if (!partsOf(name).owner) return [];
  return Object.values(lifecycles.current(name).commands).flatMap(({ payload, roles }) =>
    fieldsOf(payload.members).some(({ kind }) => kind === 'person') ? roles : [],
  );
}

/** Returns the command that assigns an owner and its payload member; null if there is none. */
export function namesOwner(lifecycle: string): { readonly command: string; readonly member: string } | null {
  if (!partsOf(lifecycle).owner) return null;
  const found = Object.entries(lifecycles.current(lifecycle).commands).flatMap(([command, { payload }]) => {
    const member = personMember(payload.members);
    return member === undefined ? [] : [{ command, member }];
  });
  return found[0] ?? null;
}

const firstTypes = (lifecycle: string): readonly string[] =>
  Object.entries(lifecycles.current(lifecycle).definition.events).flatMap(([type, { kind }]) =>
    kind === 'first' ? [type] : [],
  );

function ownMember(lifecycle: string, kind: 'title' | 'text'): string | null {
  const { at = {} } = lifecycles.current(lifecycle).code.texts ?? {};
  const pointers = firstTypes(lifecycle).flatMap((type) => Object.entries(at[type] ?? {}));
  return pointers.find(([, each]) => each === kind)?.[0].replace('/data/', '') ?? null;
}

interface Titled {
  readonly id: string;
  readonly title: string | null;
  readonly text: string | null;
  readonly lifecycle: { readonly name: string };
}

/** Returns the title, or the record's name if its kind has no titles. */
export const headingOf = (record: Titled): string =>
  partsOf(record.lifecycle.name).title === null
    ? recordName(referenceOf(record))
    : (record.title ?? REDACTED);

/** Returns what lists show for a record. */
export const listedAs = (record: RecordReference, title: string | null): string =>
  partsOf(record.kind.name).title === null ? recordName(record) : (title ?? REDACTED);

export function textHeading(lifecycle: string): string {
  const { words, code } = lifecycles.current(lifecycle);
  const { text } = partsOf(lifecycle);
  const labels = firstTypes(lifecycle).map((type) => code.shapes[type]?.members[text ?? '']?.label);
  return words.textHeading ?? labels.find((label) => label !== undefined) ?? 'The text';
}
