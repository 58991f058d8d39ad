import { LISTED_KINDS } from '#read-models/accesses/accesses-query';
import { PROBLEM_CODES } from './problems.ts';
import {
  actor,
  choice,
  count,
  instant,
  integer,
  list,
  object,
  orNull,
  position,
  ref,
  text,
  told,
  uuid,
  version,
} from './schema-forms.ts';

const verification = object({
  id: uuid,
  state: told(
    choice(['running', 'holds', 'does-not-hold', 'failed', 'stopped']),
    '`stopped`: its process ended before it had.',
  ),
  askedBy: told(text, 'The subject.'),
  askedAt: instant,
  finishedAt: orNull(instant),
  events: told(count, 'How many were examined.'),
  total: told(orNull(count), 'About how many there are; null where that is not known yet.'),
  found: told(
    orNull(
      object({
        streams: count,
        head: told(
          orNull(object({ events: count, hash: text })),
          'Of the whole log; null where an event cannot be read.',
        ),
        checkpoint: told(
          orNull(count),
          'How many events the last checkpoint had, from which the log has to lead on; null where none was signed.',
        ),
        divergences: told(
          list(
            object({
              position: orNull(text),
              streamId: orNull(text),
              version: orNull(integer),
              code: told(text, 'As docs/verify.md has them.'),
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
  failure: told(orNull(text), 'Why it failed.'),
});

/** The schemas of what auditors list: who was refused what, who was given what, and what was verified. */
export const LISTS_OF_AUDITORS = {
  LogVerification: verification,
  LogVerifications: object({ items: list(ref('LogVerification', verification)) }),
  Refusals: object({
    items: list(
      object({
        position,
        recordedAt: instant,
        actor: told(orNull(actor), 'Null in a count of many people; in a count of one there are no roles.'),
        command: told(orNull(text), 'Null in a count, or where there is no such command.'),
        code: choice<string>([...PROBLEM_CODES]),
        guard: orNull(text),
        record: told(orNull(text), 'Null where there is no such record.'),
        seenVersion: told(orNull(version), "The record's version on which it was refused."),
        count: told(version, '1 for an attempt; else how many more of this code there were.'),
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
        actor: told(
          orNull(actor),
          'Who was given it; null in a count of many people; in a count of one there are no roles.',
        ),
        kind: choice<string>([...LISTED_KINDS]),
        record: told(orNull(text), 'The id of the record; null for the log, and in a count.'),
        version: told(orNull(version), 'Of an export or a pack, up to which version it goes.'),
        format: told(orNull(text), 'Of an export.'),
        withheld: told(orNull(count), 'Of a pack, how many values were withheld from it.'),
        count: told(version, '1 for what is recorded by itself; else how many more of this kind there were.'),
        correlationId: orNull(text),
      }),
    ),
    nextCursor: orNull(text),
    position,
  }),
};
