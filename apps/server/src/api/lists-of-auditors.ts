import { list, meaning, named, object, oneOf, orNull } from '#lifecycle/fields';
import { LISTED_KINDS } from '#read-models/accesses/accesses-query';
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

const recordKind = meaning(
  orNull(text),
  'The kind of the record: the name of its lifecycle; null where no record is named.',
);

/** The schemas of what auditors list: who was refused what, who was given what, and what was verified. */
export const LISTS_OF_AUDITORS = {
  LogVerification: verification,
  LogVerifications: object({ items: list(verification) }),
  Refusals: object({
    items: list(
      object({
        position,
        recordedAt: instant,
        actor: meaning(
          orNull(actor),
          'Null in a count of many people; in a count of one there are no roles.',
        ),
        command: meaning(orNull(text), 'Null in a count, or where there is no such command.'),
        code: oneOf<string>(PROBLEM_CODES),
        guard: orNull(text),
        record: meaning(orNull(text), 'Null where there is no such record.'),
        recordKind,
        seenVersion: meaning(orNull(version), "The record's version on which it was refused."),
        count: meaning(version, '1 for an attempt; else how many more of this code there were.'),
        correlationId: orNull(text),
      }),
    ),
    nextCursor: orNull(text),
    position,
  }),
  Accesses: object({
    items: list(
      object({
        position,
        recordedAt: instant,
        actor: meaning(
          orNull(actor),
          'Who was given it; null in a count of many people; in a count of one there are no roles.',
        ),
        kind: oneOf<string>(LISTED_KINDS),
        record: meaning(orNull(text), 'The id of the record; null for the log, and in a count.'),
        recordKind,
        version: meaning(orNull(version), 'Of an export or a pack, up to which version it goes.'),
        format: meaning(orNull(text), 'Of an export.'),
        withheld: meaning(orNull(count), 'Of a pack, how many values were withheld from it.'),
        count: meaning(
          version,
          '1 for what is recorded by itself; else how many more of this kind there were.',
        ),
        correlationId: orNull(text),
      }),
    ),
    nextCursor: orNull(text),
    position,
  }),
};
