import { MerkleTree } from '#audit/merkle-tree';
import { checkpointOfNote } from '#audit/tlog/checkpoint';
import type { Checkpoint } from '#audit/tlog/checkpoint';
import { MalformedNoteError } from '#audit/tlog/signed-note';
import type { Envelope } from '#event-sourcing/envelope';
import { streamEvents } from '#event-sourcing/event-store';
import type { EventStore } from '#event-sourcing/event-store';
import { CHECKPOINTS_STREAM } from '#state-machines/checkpoint-events';

/** The number of a log's first events, and the RFC 6962 root over their hashes, in hex. */
export interface LogHead {
  readonly size: number;
  readonly root: string;
}

export const headOf = ({ size, root }: Pick<Checkpoint, 'size' | 'root'>): LogHead => ({
  size: Number(size),
  root: Buffer.from(root).toString('hex'),
});

/** A statement of the log about its own events that they contradict. */
interface StatementFinding {
  readonly code: 'checkpoint' | 'pack';
  readonly detail: string;
}

type HeadOf = (streamId: string) => { readonly version: number; readonly hash: string | null } | null;

/** Verifies, in log order, what a log states about its own events: the root of each checkpoint, and where each packed record ended. */
export class LogStatements {
  readonly #tree = new MerkleTree();
  /** The roots at the sizes that checkpoints state. */
  readonly #roots = new Map<number, string | null>();
  /** The number of the first event without a readable hash. */
  #unknown: number | null = null;
  #events = 0;
  /** The size of the last checkpoint whose root is right. */
  checkpoint: number | null = null;

  /** @param sizes the sizes at which roots are needed. */
  constructor(sizes: Iterable<number>) {
    for (const size of sizes) this.#roots.set(size, null);
    this.#keepRoot();
  }

  /** Adds the next event's hash; null if it cannot be read. */
  addHash(hash: unknown): void {
    this.#events += 1;
    if (this.#unknown !== null) return;
    if (typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash)) {
      this.#tree.appendHash(hash);
      this.#keepRoot();
    } else this.#unknown = this.#events;
  }

  #keepRoot(): void {
    if (this.#roots.has(this.#tree.size)) this.#roots.set(this.#tree.size, this.#tree.rootHex());
  }

  /** Returns how the events before an event contradict it; null if they do not. Call it before `addHash`. */
  findingAt(event: Envelope, headOf: HeadOf): StatementFinding | null {
    if (event.type === 'CheckpointSigned') return this.#checkpointFinding(event.data);
    return event.type === 'PackMade' ? packFinding(event.data, headOf) : null;
  }

  #checkpointFinding({ origin, size, root, note }: Envelope['data']): StatementFinding | null {
    const finding = (detail: string): StatementFinding => ({ code: 'checkpoint', detail });
    let signed: Checkpoint;
    try {
      signed = checkpointOfNote(typeof note === 'string' ? note : '');
    } catch (error) {
      if (!(error instanceof MalformedNoteError)) throw error;
      return finding(`its note ${error.message}`);
    }
    if (
      signed.origin !== origin ||
      Number(signed.size) !== size ||
      Buffer.from(signed.root).toString('base64') !== root
    )
      return finding('its note states another origin, size or root than the event');
    const differing = this.divergenceFrom(headOf(signed));
    if (differing === null) this.checkpoint = Number(signed.size);
    return differing === null ? null : finding(differing);
  }

  /** Returns how the events so far contradict an earlier head; null if they extend it. */
  divergenceFrom({ size, root }: LogHead): string | null {
    if (size > this.#events)
      return `the log has ${this.#events} events, and had ${size}: its end is cut off, or an older copy replaced it`;
    if (this.#unknown !== null && this.#unknown <= size)
      return `event ${this.#unknown} of the log cannot be read, so the first ${size} cannot be compared`;
    const own = this.#roots.get(size);
    // Reads of the stream of checkpoints did not return this size.
    if (own === undefined || own === null) return `the root of the first ${size} events was not computed`;
    if (own === root) return null;
    return `the first ${size} events no longer have the root ${root}: an event was lost, inserted, rewritten or moved`;
  }
}

function packFinding({ streamId, version, hash }: Envelope['data'], headOf: HeadOf): StatementFinding | null {
  const head = typeof streamId === 'string' ? headOf(streamId) : null;
  if (head?.version === version && (head?.hash === hash || head?.hash === null)) return null;
  const place = `${JSON.stringify(streamId)}, version ${JSON.stringify(version)}`;
  const detail =
    head?.version === version
      ? `it states that a pack ends at ${place}, but another event was there`
      : `it states that a pack ends at ${place}, but the record was at version ${head?.version ?? 0}`;
  return { code: 'pack', detail };
}

/** Returns the sizes of the signed checkpoints, as far as they can be read. Verifying the log reports the rest. */
export async function signedSizes(store: EventStore): Promise<number[]> {
  const sizes: number[] = [];
  try {
    for await (const { data } of streamEvents(store, CHECKPOINTS_STREAM)) {
      const { size } = data;
      if (typeof size === 'number') sizes.push(size);
    }
  } catch {
    // Verifying the log reports unreadable events.
  }
  return sizes;
}
