import { isErasable, oneOf, orNull } from './fields.ts';
import type { Erasable, Field, Members } from './fields.ts';

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

type Told<Of extends Members> = {
  readonly [Name in keyof Of]: Of[Name] &
    (Of[Name]['kind'] extends Erasable ? { readonly nullable: true } : unknown);
};

/** Members of events as readers are told them: null where they were erased or are withheld. */
export const asTold = <Of extends Members>(members: Of): Told<Of> =>
  Object.fromEntries(
    Object.entries<Field>(members).map(([name, field]) => [name, isErasable(field) ? orNull(field) : field]),
  ) as Told<Of>;
