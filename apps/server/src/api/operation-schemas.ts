import { STORE_KINDS } from '#platform/stores';
import { list, meaning, object, oneOf, orNull } from '#lifecycle/fields';
import { boolean, count, date, instant, position, text, uuid } from './answer-fields.ts';

/** The schemas of the service's state, for operators. */
export const OPERATION_ANSWERS = {
  Operations: object({
    store: object({
      kind: oneOf(STORE_KINDS),
      address: meaning(text, 'Without what is secret in it.'),
      bytes: meaning(orNull(count), 'Null where nobody can tell.'),
      position,
    }),
    readModels: object({ address: text, bytes: orNull(count) }),
    outbox: meaning(
      orNull(object({ address: text, bytes: orNull(count), waiting: count, dead: count })),
      'Null where this process sends no messages.',
    ),
    sweep: object({
      last: orNull(
        object({
          startedAt: instant,
          finishedAt: instant,
          coveredTo: meaning(orNull(date), 'The last day that was swept.'),
          recorded: meaning(count, 'How many events it recorded.'),
          failed: boolean,
        }),
      ),
      nextRun: meaning(orNull(instant), 'Null where this process does not sweep.'),
      lagDays: meaning(orNull(count), 'Days up to today that no sweep has covered.'),
    }),
    checkpoints: object({
      size: meaning(orNull(text), 'How many events the last one has; null before the first.'),
      lookedAt: meaning(orNull(instant), 'When this process signed last, or found nothing new.'),
      refusal: meaning(orNull(text), 'Why nothing is signed.'),
    }),
    clock: object({
      now: meaning(instant, 'What the clock of the process says that answers.'),
      jump: meaning(orNull(text), 'Why it is not trusted, so that nothing is recorded.'),
    }),
    processes: list(
      object({
        id: uuid,
        kind: meaning(text, '`server` or `scheduler`.'),
        host: text,
        pid: count,
        version: text,
        since: instant,
        lastSeen: instant,
        isHeardOf: meaning(boolean, 'False where it ended without a word.'),
      }),
    ),
    errors: list(
      object({
        at: instant,
        name: orNull(text),
        code: orNull(text),
        route: orNull(text),
        projection: orNull(text),
        correlationId: orNull(text),
      }),
    ),
  }),
  ClockTrusted: object({ state: oneOf(['confirmed', 'trusted']), now: instant }),
  SweepAsked: object({ state: oneOf(['requested']) }),
};
