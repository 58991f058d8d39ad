import { STORE_KINDS } from '#platform/stores';
import { list, withDescription, object, oneOf, orNull } from '#lifecycle/fields';
import { boolean, count, date, instant, position, text, uuid } from './answer-fields.ts';

const bytes = withDescription(orNull(count), 'The size in bytes; null if unknown.');

/** The schemas of the service's state, for operators. */
export const OPERATION_ANSWERS = {
  Operations: object({
    store: object(
      {
        kind: oneOf(STORE_KINDS, 'The kind of store.'),
        address: withDescription(text, 'The address of the store, without secrets.'),
        bytes,
        position,
      },
      'The event store.',
    ),
    readModels: object(
      {
        address: withDescription(text, 'The address of the read models, without secrets.'),
        bytes,
      },
      'The read models.',
    ),
    outbox: withDescription(
      orNull(
        object({
          address: withDescription(text, 'The address of the outbox, without secrets.'),
          bytes,
          waiting: withDescription(count, 'The number of messages that have not been delivered yet.'),
          dead: withDescription(count, 'The number of dead letters: messages that failed permanently.'),
        }),
      ),
      'The outbox; null if this process sends no messages.',
    ),
    sweep: object(
      {
        last: withDescription(
          orNull(
            object({
              startedAt: withDescription(instant, 'The time at which the sweep started.'),
              finishedAt: withDescription(instant, 'The time at which the sweep ended.'),
              coveredTo: withDescription(orNull(date), 'The last day that was swept.'),
              recorded: withDescription(count, 'The number of events that the sweep recorded.'),
              failed: withDescription(boolean, 'Whether the sweep failed.'),
            }),
          ),
          'The last sweep; null if none has run yet.',
        ),
        nextRun: withDescription(
          orNull(instant),
          'The time of the next sweep; null if this process does not sweep.',
        ),
        lagDays: withDescription(orNull(count), 'The number of days up to today that no sweep has covered.'),
      },
      'The sweeps of deadlines.',
    ),
    checkpoints: object(
      {
        size: withDescription(
          orNull(text),
          'The size of the latest checkpoint in events; null before the first checkpoint.',
        ),
        lookedAt: withDescription(
          orNull(instant),
          'The time at which this process last signed the log, or found nothing new to sign.',
        ),
        refusal: withDescription(orNull(text), 'Why the log is not signed; null if it is signed.'),
      },
      'The checkpoints of the log.',
    ),
    clock: object(
      {
        now: withDescription(instant, 'The time on this clock.'),
        jump: withDescription(
          orNull(text),
          'Why the clock is not trusted and nothing is recorded; null if it is trusted.',
        ),
      },
      'The clock of the process that responds.',
    ),
    processes: list(
      object({
        id: withDescription(uuid, 'The id of the process.'),
        kind: withDescription(text, 'The kind of process: `server` or `scheduler`.'),
        host: withDescription(text, 'The name of the host that the process runs on.'),
        pid: withDescription(count, 'The process id on the host.'),
        version: withDescription(text, 'The version of Docket.'),
        since: withDescription(instant, 'The time at which the process started.'),
        lastSeen: withDescription(instant, 'The time of the last heartbeat.'),
        isHeardOf: withDescription(
          boolean,
          'Whether the process still reports; false if it stopped without shutting down.',
        ),
      }),
      'The processes that use the read models, longest-running first.',
    ),
    errors: list(
      object({
        at: withDescription(instant, 'The time of the error.'),
        name: withDescription(orNull(text), 'The name of the error.'),
        code: withDescription(orNull(text), 'The code of the error.'),
        route: withDescription(orNull(text), 'The route of the request that failed; null for other errors.'),
        projection: withDescription(orNull(text), 'The projection that failed; null for other errors.'),
        correlationId: withDescription(
          orNull(text),
          'The correlation id of the request that failed; null for other errors.',
        ),
      }),
      'The last 100 errors in the process that responds.',
    ),
  }),
  ClockTrusted: object({ state: oneOf(['confirmed', 'trusted']), now: instant }),
  SweepRequested: object({ state: oneOf(['requested']) }),
};
