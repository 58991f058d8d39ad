import { identifier, isErasable, object, optional, orNull, schemed } from './fields.ts';
import type { oneOf } from './fields.ts';
import type { Erasable, Field, Members } from './fields.ts';
import type { Shapes } from './shapes.ts';

/** Where a status came from: what a register said, or a decision that was given here. */
export const STATUS_ORIGINS = ['import', 'command'] as const;
export type StatusOrigin = (typeof STATUS_ORIGINS)[number];

/** What answers say of a lifecycle's records, besides what they say of every record. */
export interface LifecycleAnswers {
  /** Of what a record says, also where it is exported. */
  readonly details: Members;
  /** Of its state, besides the regions. */
  readonly state: { readonly [member: string]: ReturnType<typeof oneOf<string>> };
  /** Of a record as it stands. */
  readonly standing: Members;
  /** Of a line of its timeline. */
  readonly line: Members;
  /** The titles of problems with which its own rules refuse, by code; also of those that only its issue or its dates have. */
  readonly problems?: Readonly<Record<string, string>>;
}

export const NO_ANSWERS: LifecycleAnswers = { details: {}, state: {}, standing: {}, line: {} };

/** What several capabilities say, together: an object that more than one of them says has the members of all. */
export function joinedAnswers(
  ...parts: readonly Partial<Pick<LifecycleAnswers, 'state' | 'standing'>>[]
): Pick<LifecycleAnswers, 'state' | 'standing'> {
  const standing: Record<string, Field> = {};
  for (const [name, field] of parts.flatMap((part) => Object.entries(part.standing ?? {}))) {
    const known = standing[name];
    const areObjects = known?.kind === 'object' && field.kind === 'object';
    standing[name] = areObjects ? object({ ...known.members, ...field.members }) : field;
  }
  return {
    state: Object.assign({}, ...parts.map(({ state }) => state)) as LifecycleAnswers['state'],
    standing,
  };
}

type Told<Of extends Members> = {
  readonly [Name in keyof Of]: Of[Name] &
    (Of[Name]['kind'] extends Erasable ? { readonly nullable: true } : unknown);
};

/** Members of events as readers are told them: null where they were erased or are withheld. */
export const asTold = <Of extends Members>(members: Of): Told<Of> =>
  Object.fromEntries(
    Object.entries<Field>(members).map(([name, field]) => [name, isErasable(field) ? orNull(field) : field]),
  ) as Told<Of>;

/** What a record's history tells as the words that people wrote. */
const WORDS: readonly string[] = ['title', 'text', 'reason', 'statement', 'note'];

/** What answers say of records where their lifecycle says nothing of it: what their events said last, member by member. */
export function plainAnswers(events: Shapes): LifecycleAnswers {
  const said: Record<string, Field> = {};
  for (const [name, field] of Object.values(events).flatMap(({ members }) =>
    Object.entries<Field>(members),
  )) {
    const isOther = said[name] !== undefined && said[name].kind !== field.kind;
    said[name] = { ...(isOther ? schemed({}) : field), optional: true, nullable: true };
  }
  const ofNames = (isWanted: (name: string) => boolean): Members =>
    Object.fromEntries(Object.entries(said).filter(([name]) => isWanted(name)));
  return {
    details: { ...ofNames((name) => name === 'title' || name === 'text'), says: object(said) },
    state: {},
    standing: {},
    line: { ...ofNames((name) => !WORDS.includes(name)), redacts: optional(identifier()) },
  };
}
