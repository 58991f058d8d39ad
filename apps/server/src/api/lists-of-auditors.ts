import { LISTED_KINDS } from '#read-models/accesses/accesses-query';
import { PROBLEM_CODES } from './problems.ts';
import {
  actor,
  choice,
  count,
  instant,
  list,
  object,
  orNull,
  position,
  text,
  told,
  version,
} from './schema-forms.ts';

/** The schemas of what auditors list: who was refused what, and who was given what. */
export const LISTS_OF_AUDITORS = {
  Refusals: object({
    items: list(
      object({
        position,
        recordedAt: instant,
        actor: told(orNull(actor), 'Null in a count of many people; in a count of one there are no roles.'),
        command: told(orNull(text), 'Null in a count, or for what is no command.'),
        code: choice<string>([...PROBLEM_CODES]),
        guard: orNull(text),
        record: told(orNull(text), 'The id as it was asked.'),
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
