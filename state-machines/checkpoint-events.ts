import type { Envelope } from '#event-sourcing/envelope';
import { TypedStream } from '#event-sourcing/typed-stream';
import { always, count, identifier, list, object, optional, orNull, plainDate } from '#lifecycle/fields';
import { shape } from '#lifecycle/shapes';
import type { DataOf } from '#lifecycle/shapes';

/** What was signed of the log, in one stream of it; it follows no lifecycle, and goes with every copy and backup. */
export const CHECKPOINTS_STREAM = 'checkpoints';

const origin = identifier('Which log it is.');
const size = count('How many events of the log were signed for.');
const root = identifier('The root of the tree over these events, in base64.');

export const CHECKPOINT_SHAPES = {
  /** That the log had so many events, and one root over them. */
  CheckpointSigned: shape({
    ...{ origin, size, root },
    note: identifier('The signed checkpoint (C2SP tlog-checkpoint).'),
  }),
  /** Which witnesses saw a checkpoint. */
  CheckpointCosigned: shape({
    ...{ origin, size, root },
    signatures: list(identifier(), 'What witnesses signed of it, a line each (C2SP tlog-cosignature).'),
    examined: optional(
      always('True where somebody brought them, as an examiner does: packs carry such a checkpoint.'),
    ),
  }),
  /** When a third party saw a checkpoint. */
  CheckpointTimestamped: shape({
    ...{ origin, size, root },
    timestamp: identifier(
      'What a time-stamping authority answered over the signed checkpoint, in base64 (RFC 3161).',
    ),
  }),
  /** That the log is signed with a new key from now on, and with the one before beside it for a while. */
  KeyChanged: shape({
    origin,
    before: identifier('The key before, as a verifier key.'),
    after: identifier('The key from now on, as a verifier key.'),
    bothUntil: plainDate('The last day, in UTC, on which both sign.'),
  }),
  /** That the log goes on under a new origin, or on another machine, and why. */
  CheckpointsBegun: shape({
    origin,
    reason: identifier('Why, in words.'),
    before: orNull(
      object({ origin, size, root }, 'What was signed last until then; null where nothing was.'),
    ),
  }),
};
export type CheckpointEventData = DataOf<typeof CHECKPOINT_SHAPES>;

const events = new TypedStream<CheckpointEventData>(CHECKPOINT_SHAPES);

/** An event of that stream as it is read. */
export const asCheckpointEvent = events.asToday;

/** Whether an event says that a checkpoint was signed. No record has an event of this type. */
export const isCheckpoint = ({ type }: Pick<Envelope, 'type'>): boolean => type === 'CheckpointSigned';

/** What such an event says, as a read model keeps it: as JSON. */
export const checkpointDataIn = <Type extends keyof CheckpointEventData>(
  json: string,
  _: Type,
): CheckpointEventData[Type] => JSON.parse(json) as CheckpointEventData[Type];

/** An event of that stream, which is dated by the day on which it is appended. */
export const checkpointDraft = events.draft;
