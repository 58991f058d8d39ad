import { list, meaning, named, object, oneOf, orNull } from '#lifecycle/fields';
import type { Members } from '#lifecycle/fields';
import { TRAIL } from '#read-models/audit-trail';
import { actor, count, instant, integer, position, text, uuid, version } from './answer-fields.ts';
import { PROBLEM_CODES } from './problems.ts';

const verification = named('LogVerification', {
  id: uuid,
  state: meaning(
    oneOf(['running', 'holds', 'does-not-hold', 'failed', 'stopped']),
    '`stopped`: its process ended before it had.',
  ),
  askedBy: meaning(text, 'The subject.'),
  askedAt: instant,
  finishedAt: orNull(instant),
  events: meaning(count, 'How many were examined.'),
  total: meaning(orNull(count), 'About how many there are; null where that is not known yet.'),
  found: meaning(
    orNull(
      object({
        streams: count,
        head: meaning(
          orNull(object({ events: count, hash: text })),
          'Of the whole log; null where an event cannot be read.',
        ),
        checkpoint: meaning(
          orNull(count),
          'How many events the last checkpoint had, from which the log has to lead on; null where none was signed.',
        ),
        divergences: meaning(
          list(
            object({
              position: orNull(text),
              streamId: orNull(text),
              version: orNull(integer),
              code: meaning(text, 'As docs/verify.md has them.'),
              detail: text,
            }),
          ),
          'The first hundred.',
        ),
        divergenceCount: count,
      }),
    ),
    'Null until it has ended.',
  ),
  failure: meaning(orNull(text), 'Why it failed.'),
});

/** Returns the schemas of a list of the audit trail: its entries' own members, and the counts. */
const trailOf = <Own extends Members>(own: Own, who: string, each: string) =>
  object({
    items: list(
      object({
        position,
        recordedAt: instant,
        actor: meaning(
          orNull(actor),
          `${who} Null in a count of many people; in a count of one there are no roles.`,
        ),
        ...own,
        count: meaning(
          version,
          `1 for an entry that is recorded by itself; else how many more of this ${each}.`,
        ),
        correlationId: orNull(text),
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
    'Who was refused.',
    'code',
  ),
  Accesses: trailOf(TRAIL.accesses.members, 'Who received it.', 'kind'),
};
