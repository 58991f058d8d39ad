import { freeText, identifier, isErasable, object, optional, orNull, schemed } from './fields.ts';
import type { oneOf } from './fields.ts';
import type { Erasable, Field, Members } from './fields.ts';
import type { LifecycleCode } from './lifecycle-definition.ts';

/** The source of a status: an imported register, or a command. */
export const STATUS_ORIGINS = ['import', 'command'] as const;
export type StatusOrigin = (typeof STATUS_ORIGINS)[number];

/** The members of API responses that one lifecycle adds to those of every record. */
export interface LifecycleAnswers {
  /** Members of a record's content, also in exports. */
  readonly details: Members;
  /** Members of the state, besides the regions. */
  readonly state: { readonly [member: string]: ReturnType<typeof oneOf<string>> };
  /** Members of a record's current data. */
  readonly currentData: Members;
  /** Members of an entry of the timeline. */
  readonly line: Members;
  /** Titles of problems by code, for the lifecycle's own rules, including those of its issue and its dates. */
  readonly problems?: Readonly<Record<string, string>>;
}

type NullableIfErasable<Of extends Members> = {
  readonly [Name in keyof Of]: Of[Name] &
    (Of[Name]['kind'] extends Erasable ? { readonly nullable: true } : unknown);
};

/** Returns event members as API responses contain them: null if erased or withheld. */
export const nullableIfErasable = <Of extends Members>(members: Of): NullableIfErasable<Of> =>
  Object.fromEntries(
    Object.entries<Field>(members).map(([name, field]) => [name, isErasable(field) ? orNull(field) : field]),
  ) as NullableIfErasable<Of>;

/** Members of history lines that contain text written by people. */
const WORDS: readonly string[] = ['title', 'text', 'reason', 'statement', 'note'];

/** Returns members of responses derived from the events alone: the latest value of each member. */
export function plainAnswers({ shapes, texts }: Pick<LifecycleCode, 'shapes' | 'texts'>): LifecycleAnswers {
  const latest: Record<string, Field> = {};
  for (const [name, field] of Object.values(shapes).flatMap(({ members }) =>
    Object.entries<Field>(members),
  )) {
    const isOther = latest[name] !== undefined && latest[name].kind !== field.kind;
    latest[name] = { ...(isOther ? schemed({}) : field), optional: true, nullable: true };
  }
  const declared = new Set(Object.values(texts?.at ?? {}).flatMap((at) => Object.values(at)));
  const own = (['title', 'text', 'owner'] as const).filter((kind) => declared.has(kind));
  const line = Object.entries(latest).filter(([name]) => !WORDS.includes(name));
  return {
    details: {
      ...Object.fromEntries(own.map((kind) => [kind, optional(orNull(freeText(`The ${kind}.`)))])),
      says: object(latest),
    },
    state: {},
    currentData: {},
    line: { ...Object.fromEntries(line), redacts: optional(identifier()) },
  };
}
