import {
  boolean,
  choice,
  count,
  date,
  instant,
  list,
  object,
  orNull,
  position,
  text,
  told,
  uuid,
} from './schema-forms.ts';

/** How the service stands, for who runs it. */
export const OPERATION_ANSWERS = {
  Operations: object({
    store: object({
      kind: choice(['memory', 'sqlite', 'postgresql', 'kurrentdb']),
      address: told(text, 'Without what is secret in it.'),
      bytes: told(orNull(count), 'Null where nobody can tell.'),
      position,
    }),
    readModels: object({ address: text, bytes: orNull(count) }),
    outbox: told(
      orNull(object({ address: text, bytes: orNull(count), waiting: count, dead: count })),
      'Null where this process tells nobody of deadlines.',
    ),
    sweep: object({
      last: orNull(
        object({
          startedAt: instant,
          finishedAt: instant,
          coveredTo: told(orNull(date), 'The last day that was swept.'),
          recorded: told(count, 'How many events it recorded.'),
          failed: boolean,
        }),
      ),
      nextRun: told(orNull(instant), 'Null where this process does not sweep.'),
      lagDays: told(orNull(count), 'Days up to today that no sweep has covered.'),
    }),
    checkpoints: object({
      size: told(orNull(text), 'How many events the last one has; null before the first.'),
      lookedAt: told(orNull(instant), 'When this process signed last, or found nothing new.'),
      refusal: told(orNull(text), 'Why nothing is signed.'),
    }),
    clock: object({
      now: told(instant, 'What the clock of the process says that answers.'),
      jump: told(orNull(text), 'Why it is not trusted, so that nothing is recorded.'),
    }),
    processes: list(
      object({
        id: uuid,
        kind: told(text, '`server` or `scheduler`.'),
        host: text,
        pid: count,
        version: text,
        since: instant,
        lastSeen: instant,
        isHeardOf: told(boolean, 'False where it ended without a word.'),
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
  ClockTrusted: object({ state: choice(['confirmed', 'trusted']), now: instant }),
  SweepAsked: object({ state: choice(['requested']) }),
};
