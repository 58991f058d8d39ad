import type { RecordKind } from '#lifecycle/kind';
import { summaryOf } from '#read-models/record-row';
import { lifecycles } from '#state-machines/lifecycles';
import { recordName, REDACTED, referenceOf } from './words.ts';
import { fieldsOf } from './forms/member-fields.ts';

/** What the records of a kind have besides their state, as far as pages show it. */
export interface KindParts {
  readonly title: boolean;
  readonly text: boolean;
  /** A body whose people act on them. */
  readonly body: boolean;
  readonly owner: boolean;
  /** Dates by which something is to be done. */
  readonly dates: boolean;
  readonly evidence: boolean;
  /** Where its status comes from: from here, or from a register. */
  readonly origin: boolean;
}

/** By what the lifecycle of a name says: its commands, how its records begin, and what its summaries have. */
export function partsOf(lifecycle: string): KindParts {
  const summary = summaryOf({ kind: lifecycle });
  const { kind, commands, issue, code } = lifecycles.current(lifecycle);
  const texts = Object.values(code.texts?.at ?? {}).flatMap((said) => Object.values(said));
  const kinds = Object.values(commands).flatMap(({ payload }) =>
    fieldsOf(payload.members).map((field) => field.kind),
  );
  return {
    title: Object.hasOwn(issue.payload.members, 'title'),
    text: Object.hasOwn(issue.payload.members, 'text'),
    body: kind.roles.body.length > 0,
    owner: texts.includes('owner'),
    dates: summary.dates !== undefined,
    evidence: kinds.includes('evidence'),
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

/** A record's title, or its name where records of its kind have none. */
export const headingOf = (record: {
  readonly id: string;
  readonly title: string | null;
  readonly lifecycle: { readonly name: string };
}): string =>
  partsOf(record.lifecycle.name).title ? (record.title ?? REDACTED) : recordName(referenceOf(record));

/** What the text of a record is under. */
export const textHeading = (lifecycle: string): string =>
  lifecycles.current(lifecycle).words.textHeading ?? 'The text';
