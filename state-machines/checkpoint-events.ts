import type { Envelope } from '#event-sourcing/envelope';
import { TypedStream } from '#event-sourcing/typed-stream';
import { count, identifier, list, object, orNull, plainDate } from '#lifecycle/fields';
import { shape } from '#lifecycle/shapes';
import type { DataOf } from '#lifecycle/shapes';

/** The stream of signed checkpoints. It follows no lifecycle, and every copy and backup contains it. */
export const CHECKPOINTS_STREAM = 'checkpoints';

const origin = identifier('The origin of the log.');
const size = count('The number of events that the checkpoint covers.');
const root = identifier('The root hash over these events, in base64.');

export const CHECKPOINT_SHAPES = {
  /** The size and root of the log at a time. */
  CheckpointSigned: shape({
    ...{ origin, size, root },
    note: identifier('The signed checkpoint (C2SP tlog-checkpoint).'),
  }),
  /** The witnesses that cosigned a checkpoint. */
  CheckpointCosigned: shape({
    ...{ origin, size, root },
    signatures: list(identifier(), 'The cosignatures of witnesses, one per line (C2SP tlog-cosignature).'),
  }),
  /** The time at which a third party received a checkpoint. */
  CheckpointTimestamped: shape({
    ...{ origin, size, root },
    timestamp: identifier(
      'The response of a time-stamping authority for the signed checkpoint, in base64 (RFC 3161).',
    ),
  }),
  /** A new signing key. The previous one also signs for some time. */
  KeyChanged: shape({
    origin,
    before: identifier('The previous key, as a verifier key.'),
    after: identifier('The new key, as a verifier key.'),
    bothUntil: plainDate('The last day, in UTC, on which both keys sign.'),
  }),
  /** The operator's decision to continue with a store that the signer does not know, such as a restored backup. */
  StoreAdopted: shape({
    origin,
    reason: identifier('The reason, in words.'),
    lost: orNull(
      object(
        { size, root },
        'The largest signed log that this store does not contain; null if it lost none.',
      ),
    ),
  }),
};
export type CheckpointEventData = DataOf<typeof CHECKPOINT_SHAPES>;

const events = new TypedStream<CheckpointEventData>(CHECKPOINT_SHAPES);

/** Returns an event of the stream, typed. */
export const asCheckpointEvent = events.read;

/** Returns whether an event is a signed checkpoint. Records have no events of this type. */
export const isCheckpoint = ({ type }: Pick<Envelope, 'type'>): boolean => type === 'CheckpointSigned';

/** Returns the data of such an event from the JSON of a read model. */
export const checkpointDataIn = <Type extends keyof CheckpointEventData>(
  json: string,
  _: Type,
): CheckpointEventData[Type] => JSON.parse(json) as CheckpointEventData[Type];

/** Returns a draft of an event of the stream. Its date is the day of the append. */
export const checkpointDraft = events.draft;
