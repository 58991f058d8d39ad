import * as fields from '#lifecycle/fields';
import type { Erasable, Field, Members } from '#lifecycle/fields';
import { STATUS_ORIGINS } from '#state-machines/inspection-recommendation/v1/facts';
import { lifecycles } from '#state-machines/lifecycles';

const { identifier, isErasable, list, meaning, object, oneOf, optional, ordinal, orNull, schemed } = fields;

// What answers hold, each in one form.
export const text = identifier();
export const boolean = fields.flag();
export const always = fields.always();
export const count = fields.count();
export const version = ordinal();
export const date = fields.plainDate();
export const instant = fields.instant();
export const hash = fields.sha256();
export const integer = schemed<number>({ type: 'integer' });
export const uuid = schemed<string>({ type: 'string', format: 'uuid' });
export const sixteenBytes = schemed<string>({ type: 'string', pattern: '^[0-9a-f]{32}$' });
export const position = schemed<string>(
  { type: 'string', pattern: '^[0-9]+$' },
  'Increasing, not dense; belongs to the store.',
);
export const status = oneOf<string>(lifecycles.statuses);
export const statusOrigin = oneOf(
  STATUS_ORIGINS,
  'Where the status came from: what a register said, or a decision that was given here.',
);
export const actor = object({ subject: text, roles: list(text) });
export const lifecycle = object({ name: text, version });
export const moreAnomalies = optional(
  meaning(version, 'How many more there were; absent where those are all.'),
);

/** A count under each of these names, nought too. */
export const countsOf = (names: readonly string[]) =>
  object(Object.fromEntries(names.map((name) => [name, count])));

/** The states of each region that records of some kind have. */
export const regions = Object.fromEntries(
  Object.entries(lifecycles.regions).map(([region, states]) => [region, oneOf<string>(states)]),
);

type Told<Of extends Members> = {
  readonly [Name in keyof Of]: Of[Name] &
    (Of[Name]['kind'] extends Erasable ? { readonly nullable: true } : unknown);
};
/** Members of events as readers are told them: null where they were erased or are withheld. */
export const asTold = <Of extends Members>(members: Of): Told<Of> =>
  Object.fromEntries(
    Object.entries<Field>(members).map(([name, field]) => [name, isErasable(field) ? orNull(field) : field]),
  ) as Told<Of>;
