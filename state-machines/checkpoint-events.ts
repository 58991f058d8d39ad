import type { Envelope } from '#event-sourcing/envelope';
import { TypedStream } from '#event-sourcing/typed-stream';
import { always, count, identifier, list, object, optional, orNull, plainDate } from '#lifecycle/fields';
import { shape } from '#lifecycle/shapes';
import type { DataOf } from '#lifecycle/shapes';

/** The stream of signed checkpoints; it follows no lifecycle, and is part of every copy and backup. */
export const CHECKPOINTS_STREAM = 'checkpoints';

const origin = identifier('Which log it is.');
const size = count('How many events of the log were signed for.');
const root = identifier('The root of the tree over these events, in base64.');

export const CHECKPOINT_SHAPES = {
  /** The size and root of the log at a time. */
  CheckpointSigned: shape({
    ...{ origin, size, root },
    note: identifier('The signed checkpoint (C2SP tlog-checkpoint).'),
  }),
  /** The witnesses that cosigned a checkpoint. */
  CheckpointCosigned: shape({
    ...{ origin, size, root },
    signatures: list(identifier(), 'What witnesses signed of it, a line each (C2SP tlog-cosignature).'),
    examined: optional(
      always('True where somebody brought them, as an examiner does: packs carry such a checkpoint.'),
    ),
  }),
  /** The time at which a third party saw a checkpoint. */
  CheckpointTimestamped: shape({
    ...{ origin, size, root },
    timestamp: identifier(
      'What a time-stamping authority answered over the signed checkpoint, in base64 (RFC 3161).',
    ),
  }),
  /** A new signing key; the previous one signs beside it for a while. */
  KeyChanged: shape({
    origin,
    before: identifier('The key before, as a verifier key.'),
    after: identifier('The key from now on, as a verifier key.'),
    bothUntil: plainDate('The last day, in UTC, on which both sign.'),
  }),
  /** A new origin or machine for the log, and the reason. */
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

/** Returns an event of the stream, upcast. */
export const asCheckpointEvent = events.asToday;

/** Returns whether an event is a signed checkpoint. Records have no event of this type. */
export const isCheckpoint = ({ type }: Pick<Envelope, 'type'>): boolean => type === 'CheckpointSigned';

/** Returns the data of such an event from a read model's JSON. */
export const checkpointDataIn = <Type extends keyof CheckpointEventData>(
  json: string,
  _: Type,
): CheckpointEventData[Type] => JSON.parse(json) as CheckpointEventData[Type];

/** Returns a draft of an event of the stream; its date is the day of the append. */
export const checkpointDraft = events.draft;
