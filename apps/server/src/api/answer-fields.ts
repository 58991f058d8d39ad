import * as fields from '#lifecycle/fields';
import type { Statechart } from '#lifecycle/statechart';
import { DATE_KINDS } from '#state-machines/any-kind';
import { lifecycles } from '#state-machines/lifecycles';

const { identifier, list, withDescription: meaning, object, oneOf, ordinal, orNull, schemed } = fields;

// The schemas shared by the members of API responses.
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
  'A position in the log. Positions increase, with gaps, and belong to one store.',
);
export const status = oneOf<string>(lifecycles.statuses);
/** The purpose of a record's date. */
export const dateKind = oneOf<string>(DATE_KINDS);
export const actor = object({ subject: text, roles: list(text) });
export const lifecycle = object({ name: text, version });
export const remains = oneOf(['nowhere', 'until-vacuum', 'until-scavenge', 'pending']);
export const view = meaning(
  object({
    effectiveOn: date,
    knownAt: meaning(
      orNull(instant),
      'The instant up to which recorded events are included; null if all are.',
    ),
  }),
  'The view of the past that was requested; absent without `effectiveOn` and `knownAt`.',
);

/** A count for each of the names, including 0. */
export const countsOf = (names: readonly string[]) =>
  object(Object.fromEntries(names.map((name) => [name, count])));

export const regionsOf = ({ definition }: Pick<Statechart, 'definition'>) =>
  Object.fromEntries(
    Object.entries(definition.machine.states).map(([region, { states }]) => [
      region,
      oneOf<string>(Object.keys(states)),
    ]),
  );
