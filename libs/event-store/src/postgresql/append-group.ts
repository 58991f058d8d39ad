import type { Commit } from '../../../event-sourcing/src/event-store.ts';
import type { SealedEnvelope, Sealer } from '../../../event-sourcing/src/sealer.ts';
import type { LogRow } from '../parse-envelope.ts';
import { sealCommit } from '../seal-commit.ts';
import type { LogEnd, StoredHead } from './stream-heads.ts';

export type AppendOutcome =
  /** The positions of a commit's events follow each other from `position` on. */
  | { readonly appended: readonly SealedEnvelope[]; readonly position: number }
  | { readonly repeated: readonly LogRow[] }
  | { readonly failed: unknown };

/** What the commits of a group depend on, as it is under the lock. */
export interface GroupBasis {
  readonly end: LogEnd;
  /** The heads of all streams that the commits name and that exist. */
  readonly heads: Map<string, StoredHead>;
  /** The events of keyed commands, by the command's id. */
  readonly repeated: Map<string, LogRow[]>;
}

/** The commits of one transaction: sealed one after the other, each on what those before it leave. */
export class AppendGroup {
  readonly #sealer: Sealer;
  readonly #basis: GroupBasis;
  readonly #streams: { readonly id: number; readonly name: Buffer }[] = [];
  readonly #rows: { stream: number; version: number; commandId: string | null; envelope: string }[] = [];
  /** How much text it holds, in characters. */
  length = 0;

  constructor(sealer: Sealer, basis: GroupBasis) {
    this.#sealer = sealer;
    this.#basis = basis;
  }

  get heads(): ReadonlyMap<string, StoredHead> {
    return this.#basis.heads;
  }

  /** Where the log ends once the group is committed. */
  get end(): LogEnd {
    const { position, stream } = this.#basis.end;
    return { position: position + this.#rows.length, stream: stream + this.#streams.length };
  }

  /** Seals a commit and takes it in. A failure concerns no other commit. */
  add(commit: Commit): AppendOutcome {
    const key = commit.command.request === null ? null : commit.command.id.toLowerCase();
    const repeated = key === null ? undefined : this.#basis.repeated.get(key);
    if (repeated !== undefined) return { repeated };
    let sealed: SealedEnvelope[];
    try {
      sealed = sealCommit(commit, (streamId) => this.#basis.heads.get(streamId), this.#sealer);
    } catch (error) {
      return { failed: error };
    }
    const position = this.end.position + 1;
    const rows = sealed.map((envelope) => this.#addEvent(envelope, key));
    if (key !== null && rows.length > 0) this.#basis.repeated.set(key, rows);
    return { appended: sealed, position };
  }

  #addEvent(envelope: SealedEnvelope, commandId: string | null): LogRow {
    const { streamId, version, hash, recordedAt } = envelope;
    let stream = this.#basis.heads.get(streamId)?.stream;
    if (stream === undefined) {
      stream = this.end.stream + 1;
      this.#streams.push({ id: stream, name: Buffer.from(streamId) });
    }
    const text = JSON.stringify(envelope);
    this.#rows.push({ stream, version, commandId, envelope: text });
    this.#basis.heads.set(streamId, { stream, version, hash, recordedAt });
    this.length += text.length;
    return [this.end.position, text];
  }

  /** The columns to insert; null where there is nothing. */
  columns(): unknown[][] | null {
    if (this.#rows.length === 0) return null;
    const first = this.#basis.end.position + 1;
    return [
      this.#streams.map(({ id }) => id),
      this.#streams.map(({ name }) => name),
      this.#rows.map((_, index) => first + index),
      this.#rows.map(({ stream }) => stream),
      this.#rows.map(({ version }) => version),
      this.#rows.map(({ commandId }) => commandId),
      this.#rows.map(({ envelope }) => envelope),
    ];
  }
}
