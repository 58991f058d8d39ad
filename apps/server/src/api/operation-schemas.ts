import { STORE_KINDS } from '#platform/stores';
import { list, withDescription, object, oneOf, orNull } from '#lifecycle/fields';
import { boolean, count, date, instant, position, text, uuid } from './answer-fields.ts';

/** The schemas of the service's state, for operators. */
export const OPERATION_ANSWERS = {
  Operations: object({
    store: object({
      kind: oneOf(STORE_KINDS),
      address: withDescription(text, 'The address of the store, without secrets.'),
      bytes: withDescription(orNull(count), 'The size in bytes; null if unknown.'),
      position,
    }),
    readModels: object({ address: text, bytes: orNull(count) }),
    outbox: withDescription(
      orNull(object({ address: text, bytes: orNull(count), waiting: count, dead: count })),
      'The outbox; null if this process sends no messages.',
    ),
    sweep: object({
      last: orNull(
        object({
          startedAt: instant,
          finishedAt: instant,
          coveredTo: withDescription(orNull(date), 'The last day that was swept.'),
          recorded: withDescription(count, 'The number of events that the sweep recorded.'),
          failed: boolean,
        }),
      ),
      nextRun: withDescription(
        orNull(instant),
        'The time of the next sweep; null if this process does not sweep.',
      ),
      lagDays: withDescription(orNull(count), 'The number of days up to today that no sweep has covered.'),
    }),
    checkpoints: object({
      size: withDescription(
        orNull(text),
        'The size of the latest checkpoint in events; null before the first.',
      ),
      lookedAt: withDescription(
        orNull(instant),
        'The time at which this process last signed the log, or found nothing new to sign.',
      ),
      refusal: withDescription(orNull(text), 'Why the log is not signed; null if it is.'),
    }),
    clock: object({
      now: withDescription(instant, 'The time on the clock of the process that responds.'),
      jump: withDescription(
        orNull(text),
        'Why the clock is not trusted and nothing is recorded; null if it is trusted.',
      ),
    }),
    processes: list(
      object({
        id: uuid,
        kind: withDescription(text, 'The kind of process: `server` or `scheduler`.'),
        host: text,
        pid: count,
        version: text,
        since: instant,
        lastSeen: instant,
        isHeardOf: withDescription(
          boolean,
          'Whether the process still reports; false if it stopped without shutting down.',
        ),
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
  SweepRequested: object({ state: oneOf(['requested']) }),
};
