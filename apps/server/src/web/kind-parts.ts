import type { JsonObject } from '#event-sourcing/envelope';
import type { RecordKind, RecordReference } from '#lifecycle/kind';
import { personMember } from '#lifecycle/shapes';
import { summaryBy } from '#read-models/record-row';
import { viewOf } from '#state-machines/any-kind';
import { lifecycles } from '#state-machines/lifecycles';
import { PLAIN_VIEW } from '#state-machines/record-view';
import { fieldsOf } from './forms/member-fields.ts';
import { recordName, REDACTED, referenceOf } from './words.ts';

/** What the records of a kind have besides their state, as far as pages show it. */
export interface KindParts {
  /** The member of the first event that says the title, and the one that says the text; null where there is none. */
  readonly title: string | null;
  readonly text: string | null;
  /** A body whose people act on them. */
  readonly body: boolean;
  readonly owner: boolean;
  /** Dates by which something is to be done. */
  readonly dates: boolean;
  /** What is submitted and decided on. */
  readonly submissions: boolean;
  /** Where its status comes from: from here, or from a register. */
  readonly origin: boolean;
}

/** By what the lifecycle of a name says: its texts, its view, and what its summaries have. */
export function partsOf(lifecycle: string): KindParts {
  const current = lifecycles.current(lifecycle);
  const summary = summaryBy(current);
  const { code } = current;
  const texts = Object.values(code.texts?.at ?? {}).flatMap((at) => Object.values(at));
  return {
    title: ownMember(lifecycle, 'title'),
    text: ownMember(lifecycle, 'text'),
    body: summary.body !== undefined,
    owner: texts.includes('owner'),
    dates: summary.dates !== undefined,
    submissions: viewOf(lifecycle).submissions !== PLAIN_VIEW.submissions,
    origin: summary.about !== undefined,
  };
}

/** The roles in which people are named as owners of the records of a kind: those that name them. */
export function rolesOfOwners({ name }: RecordKind): readonly string[] {
  if (!partsOf(name).owner) return [];
  return Object.values(lifecycles.current(name).commands).flatMap(({ payload, roles }) =>
    fieldsOf(payload.members).some(({ kind }) => kind === 'person') ? roles : [],
  );
}

/** The command that names an owner, and the member of its payload that says whom; null where there is none. */
export function namesOwner(lifecycle: string): { readonly command: string; readonly member: string } | null {
  if (!partsOf(lifecycle).owner) return null;
  const found = Object.entries(lifecycles.current(lifecycle).commands).flatMap(([command, { payload }]) => {
    const member = personMember(payload.members);
    return member === undefined ? [] : [{ command, member }];
  });
  return found[0] ?? null;
}

/** The types of events with which records of a kind begin. */
const firstTypes = (lifecycle: string): readonly string[] =>
  Object.entries(lifecycles.current(lifecycle).definition.events).flatMap(([type, { kind }]) =>
    kind === 'first' ? [type] : [],
  );

function ownMember(lifecycle: string, kind: 'title' | 'text'): string | null {
  const { at = {} } = lifecycles.current(lifecycle).code.texts ?? {};
  const pointers = firstTypes(lifecycle).flatMap((type) => Object.entries(at[type] ?? {}));
  return pointers.find(([, each]) => each === kind)?.[0].replace('/data/', '') ?? null;
}

/** A record as far as it says its title and its text. */
interface Titled {
  readonly id: string;
  readonly title: string | null;
  readonly text: string | null;
  readonly lifecycle: { readonly name: string };
  readonly says?: JsonObject;
}

/** What a record says by a text of its own, by whichever member; null where it has none, or that was erased. */
function ownText(record: Titled, kind: 'title' | 'text'): string | null {
  const member = partsOf(record.lifecycle.name)[kind];
  const said = member === null || member === kind ? record[kind] : record.says?.[member];
  return typeof said === 'string' ? said : null;
}

export const titleIn = (record: Titled): string | null => ownText(record, 'title');
export const textIn = (record: Titled): string | null => ownText(record, 'text');

/** A record's title, or its name where records of its kind have none. */
export const headingOf = (record: Titled): string =>
  partsOf(record.lifecycle.name).title === null
    ? recordName(referenceOf(record))
    : (titleIn(record) ?? REDACTED);

/** What lists call a record: by its title, where events of its kind say one. */
export const listedAs = (record: RecordReference, title: string | null): string =>
  partsOf(record.kind.name).title === null ? recordName(record) : (title ?? REDACTED);

/** What the text of a record is under. */
export function textHeading(lifecycle: string): string {
  const { words, code } = lifecycles.current(lifecycle);
  const { text } = partsOf(lifecycle);
  const labels = firstTypes(lifecycle).map((type) => code.shapes.types[type]?.members[text ?? '']?.label);
  return words.textHeading ?? labels.find((label) => label !== undefined) ?? 'The text';
}
