import { list, withDescription, namedObject, object, oneOf, orNull } from '#lifecycle/fields';
import type { Members } from '#lifecycle/fields';
import { TRAIL } from '#read-models/audit-trail';
import { actor, count, instant, integer, position, text, uuid } from './answer-fields.ts';
import { PROBLEM_CODES } from '#use-cases/problems';

const verification = namedObject('LogVerification', {
  id: uuid,
  state: withDescription(
    oneOf(['running', 'holds', 'does-not-hold', 'failed', 'stopped']),
    'The state. `stopped` means that the process ended before the verification did.',
  ),
  askedBy: withDescription(text, 'The subject of the person who requested the verification.'),
  askedAt: instant,
  finishedAt: orNull(instant),
  events: withDescription(count, 'The number of events verified so far.'),
  total: withDescription(orNull(count), 'The approximate number of events; null if not known yet.'),
  found: withDescription(
    orNull(
      object({
        streams: count,
        checkpoint: withDescription(
          orNull(count),
          'The size of the last checkpoint, whose root hash was computed again; null if there is none.',
        ),
        divergences: withDescription(
          list(
            object({
              position: orNull(text),
              streamId: orNull(text),
              version: orNull(integer),
              code: withDescription(text, 'The code of the divergence; docs/verify.md lists the codes.'),
              detail: text,
            }),
          ),
          'The first 100 divergences.',
        ),
        divergenceCount: count,
      }),
    ),
    'The result; null until the verification has ended.',
  ),
  failure: withDescription(orNull(text), 'Why the verification failed; null if it did not.'),
});

/** Returns the schema of a list of the audit trail. */
const trailOf = <Own extends Members>(own: Own, who: string) =>
  object({
    items: list(
      object({
        position,
        recordedAt: instant,
        actor: withDescription(actor, who),
        ...own,
        correlationId: text,
      }),
    ),
    nextCursor: orNull(text),
    position,
  });

/** The schemas of auditors' lists: refusals, accesses and verifications. */
export const LISTS_OF_AUDITORS = {
  LogVerification: verification,
  LogVerifications: object({ items: list(verification) }),
  Refusals: trailOf(
    { ...TRAIL.refusals.members, code: oneOf<string>(PROBLEM_CODES) },
    'The person who was refused.',
  ),
  Accesses: trailOf(TRAIL.accesses.members, 'The person who received the data.'),
};
