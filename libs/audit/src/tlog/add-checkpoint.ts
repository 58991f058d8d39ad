/**
 * A log's request to a witness (C2SP tlog-witness 1.0.0) to cosign a checkpoint, which must be consistent
 * with the last one that it cosigned.
 */
export interface AddCheckpoint {
  /** The size of the last cosigned checkpoint; 0 if there is none. */
  readonly old: bigint;
  readonly proof: readonly Uint8Array[];
  /** The checkpoint's note, unchanged. */
  readonly note: string;
}

export const printAddCheckpoint = ({ old, proof, note }: AddCheckpoint): string =>
  [`old ${old}`, ...proof.map((hash) => Buffer.from(hash).toString('base64')), '', note].join('\n');
