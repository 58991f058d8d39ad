import type { DecisionContext, Rule } from '#lifecycle/decide';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import type { Request } from './persons.ts';

/** An event that changed what a decision can be about: the text, the recipient, or a deadline by its id. */
export interface Change extends Request {
  readonly of: string;
  readonly recordedAt: string;
}

/** What was changed of that which a decision can be about. */
export interface ChangeFacts {
  readonly changes: readonly Change[];
}

/** What a decision is about, by the ids of the events. */
export interface Standing {
  /** Named by every decision. */
  readonly needed: readonly string[];
  /** What the inspectorate changed since the request: an approval must name it. */
  readonly changes: readonly string[];
  /** What a decision may name besides, and decides on where it does. */
  readonly others: readonly string[];
}

export const NOTHING: Standing = { needed: [], changes: [], others: [] };

/** Who decides, and what they see of other records. */
type Deciding<Facts> = Pick<DecisionContext<Facts>, 'actor' | 'others'>;

/** Null where the payload does not say yet which request is meant. */
export type StandingOf<Facts, Payload> = (
  state: LifecycleState<Facts>,
  payload: Payload,
  context: Deciding<Facts>,
) => Standing | null;

export interface Naming {
  readonly decides?: readonly string[];
}

/** In stream order, also where a view folds in another. */
export const idsOf = (events: readonly Pick<Request, 'eventId' | 'version'>[]): readonly string[] =>
  events.toSorted((one, other) => one.version - other.version).map(({ eventId }) => eventId);

export const changesSince = (
  { facts }: LifecycleState<ChangeFacts>,
  version: number,
  concerns: (change: Change) => boolean = () => true,
): readonly string[] => idsOf(facts.changes.filter((change) => change.version > version && concerns(change)));

/** A refusal leaves the record as it is: it may name what changed, and need not. */
export const refusing = ({ needed, changes, others }: Standing): Standing => ({
  needed,
  changes: [],
  others: [...changes, ...others],
});

/** What a decision that names some events decides on. */
export function decidedOn(
  { needed, changes, others }: Standing,
  { decides = [] }: Naming,
): readonly string[] {
  const named = new Set(decides);
  return [...needed, ...changes, ...others.filter((eventId) => named.has(eventId))];
}

/** How many of the events a refusal names in its sentence. */
const NAMED_MAX = 20;

export function listed(eventIds: readonly string[]): string {
  const more = eventIds.length > NAMED_MAX ? ` and ${eventIds.length - NAMED_MAX} more` : '';
  return `${eventIds.slice(0, NAMED_MAX).join(', ')}${more}`;
}

export const missingFrom = (named: readonly string[] | undefined, wanted: readonly string[]): string[] => {
  const known = new Set(named);
  return wanted.filter((eventId) => !known.has(eventId));
};

const namesOthers = ({ needed, changes, others }: Standing, decides: readonly string[]): boolean =>
  missingFrom([...needed, ...changes, ...others], decides).length > 0;

/** A decision names what it is about: nothing that is not to be decided, and everything that changed since the request. */
export const decidesRules = <Facts, Payload extends Naming>(
  standingOf: StandingOf<Facts, Payload>,
): readonly Rule<Facts, Payload>[] => [changesNamed(standingOf), standingNamed(standingOf)];

function changesNamed<Facts, Payload extends Naming>(
  standingOf: StandingOf<Facts, Payload>,
): Rule<Facts, Payload> {
  const missing = (
    state: LifecycleState<Facts>,
    payload: Payload,
    context: Deciding<Facts>,
  ): readonly string[] => {
    const standing = standingOf(state, payload, context);
    if (standing === null || namesOthers(standing, payload.decides ?? [])) return [];
    if (missingFrom(payload.decides, standing.changes).length === 0) return [];
    return missingFrom(payload.decides, decidedOn(standing, payload));
  };
  return {
    code: 'decides-outdated',
    kind: 'state',
    hasOwnCode: true,
    holds: (state, payload, context) => missing(state, payload, context).length === 0,
    detail: (state, payload, context) =>
      `The text, the recipient or a deadline, of the record or of its successor, changed after the request. Read the record again, then name in "decides" also ${listed(missing(state, payload, context))}`,
    members: (state, payload, context) => ({ events: missing(state, payload, context) }),
  };
}

function standingNamed<Facts, Payload extends Naming>(
  standingOf: StandingOf<Facts, Payload>,
): Rule<Facts, Payload> {
  return {
    code: 'decides-what-stands',
    kind: 'state',
    holds: (state, payload, context) => {
      const standing = standingOf(state, payload, context);
      if (payload.decides === undefined || standing === null) return true;
      return (
        !namesOthers(standing, payload.decides) && missingFrom(payload.decides, standing.needed).length === 0
      );
    },
    detail: (state, payload, context) => {
      const standing = standingOf(state, payload, context);
      const wanted = standing === null ? [] : decidedOn(standing, payload);
      return `"decides" does not name what waits for a decision, which is ${listed(wanted)}. Read the record again: its "pending" lists what to name`;
    },
  };
}
