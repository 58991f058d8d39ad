import type { Rule } from '#lifecycle/decide';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import type { Facts } from './facts.ts';

type State = LifecycleState<Facts>;

/** The events that a decision would decide on now; null where that cannot be said yet. */
export type Standing<Payload> = (state: State, payload: Payload) => readonly string[] | null;

/** The submissions since the last decision on evidence. */
export const submissionsStanding = ({ facts }: State): readonly string[] =>
  facts.submissions.map(({ eventId }) => eventId);

/** The closure that was asked for. */
export const closureStanding = ({ facts: { closure } }: State): readonly string[] =>
  closure === null ? [] : [closure.eventId];

/** The closure that was asked for, and everything that was submitted since the last reopening. */
export const completionStanding = (state: State): readonly string[] => [
  ...closureStanding(state),
  ...state.facts.submitted,
];

/** How many of the events a refusal names. */
const NAMED_MAX = 20;

/** Whoever names what they decide on decides on that, and on nothing that came since they looked. */
export const standingIs = <Payload extends { readonly decides?: readonly string[] }>(
  standing: Standing<Payload>,
): Rule<Facts, Payload> => ({
  code: 'decides-what-stands',
  kind: 'state',
  holds: (state, payload) => {
    const stands = standing(state, payload);
    if (payload.decides === undefined || stands === null) return true;
    const named = new Set(payload.decides);
    return named.size === new Set(stands).size && stands.every((eventId) => named.has(eventId));
  },
  detail: (state, payload) => {
    const stands = standing(state, payload) ?? [];
    const more = stands.length > NAMED_MAX ? ` and ${stands.length - NAMED_MAX} more` : '';
    return `What stands to be decided is not what you name; it is ${stands.slice(0, NAMED_MAX).join(', ')}${more}. Read the record again: its "pending" says what "decides" has to name`;
  },
});
