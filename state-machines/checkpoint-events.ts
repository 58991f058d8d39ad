import type { Envelope } from '#event-sourcing/envelope';
import { TypedStream } from '#event-sourcing/typed-stream';

/** What was signed of the log, in one stream of it; it follows no lifecycle, and goes with every copy and backup. */
export const CHECKPOINTS_STREAM = 'checkpoints';

/** What the events of that stream say. */
export type CheckpointEventData = {
  /** That the log had so many events, and one root over them. */
  readonly CheckpointSigned: {
    /** Which log it is. */
    readonly origin: string;
    readonly size: number;
    /** The root, in base64. */
    readonly root: string;
    /** The whole checkpoint, signed (C2SP tlog-checkpoint). */
    readonly note: string;
  };
  /** Which witnesses saw a checkpoint. */
  readonly CheckpointCosigned: {
    readonly origin: string;
    readonly size: number;
    /** The root, in base64. */
    readonly root: string;
    /** Their lines, to be put below the checkpoint (C2SP tlog-cosignature). */
    readonly signatures: readonly string[];
    /** True where somebody brought them, as an examiner does: packs carry such a checkpoint. */
    readonly examined?: true;
  };
  /** When a third party saw a checkpoint. */
  readonly CheckpointTimestamped: {
    readonly origin: string;
    readonly size: number;
    /** The root, in base64. */
    readonly root: string;
    /** What it answered (RFC 3161 TimeStampResp), over `note` of `CheckpointSigned`, in base64. */
    readonly timestamp: string;
  };
  /** That the log is signed with a new key from now on, and with the one before beside it for a while. */
  readonly KeyChanged: {
    readonly origin: string;
    /** The key before, as a verifier key. */
    readonly before: string;
    readonly after: string;
    /** The last day, in UTC, on which both sign. */
    readonly bothUntil: string;
  };
  /** That the log goes on under a new origin, or on another machine, and why. */
  readonly CheckpointsBegun: {
    readonly origin: string;
    readonly reason: string;
    /** What was signed last under the origin before; null where nothing was. */
    readonly before: { readonly origin: string; readonly size: number; readonly root: string } | null;
  };
};

const events = new TypedStream<CheckpointEventData>({
  CheckpointSigned: { schemaVersion: 1 },
  CheckpointCosigned: { schemaVersion: 1 },
  CheckpointTimestamped: { schemaVersion: 1 },
  KeyChanged: { schemaVersion: 1 },
  CheckpointsBegun: { schemaVersion: 1 },
});

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
