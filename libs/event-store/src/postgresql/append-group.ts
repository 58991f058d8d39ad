import type { Pointer } from '#event-sourcing/envelope';
import { redactionOf } from '#event-sourcing/erasure';
import type { AppendResult, Commit } from '#event-sourcing/event-store';
import type { SealedEnvelope, Sealer } from '#event-sourcing/sealer';
import { parseEnvelope } from '../parse-envelope.ts';
import type { LogRow } from '../parse-envelope.ts';
import { appendedAt, keyOf, nextEvents } from '../next-events.ts';
import { sealCommit } from '../seal-commit.ts';
import type { StreamHead } from '../seal-commit.ts';

/** One append: a commit to seal, or events that another store has sealed. */
export type AppendRequest = { readonly commit: Commit } | { readonly sealed: readonly SealedEnvelope[] };

export type AppendOutcome =
  /** The positions of the events are consecutive from `position` on. */
  | { readonly appended: readonly SealedEnvelope[]; readonly position: number }
  | { readonly repeated: readonly LogRow[] }
  | { readonly failed: unknown };

/** Returns the result for the caller. A damaged event of a repeated command fails only that command. */
export function resultOf(outcome: AppendOutcome): AppendResult | { readonly failed: unknown } {
  if ('failed' in outcome) return outcome;
  if ('repeated' in outcome) {
    try {
      return { repeated: true, events: outcome.repeated.map(parseEnvelope) };
    } catch (failed) {
      return { failed };
    }
  }
  const { appended, position } = outcome;
  return { repeated: false, events: appendedAt(appended, (index) => position + index) };
}

/** The key of a stream's row, and the head that its next event follows. */
export interface StoredHead extends StreamHead {
  readonly stream: number;
}

/** The last position of the log, and the last key of the table of streams. */
interface LogEnd {
  readonly position: number;
  readonly stream: number;
}

/** The stored state on which a group's appends depend, read under the lock. */
export interface GroupBasis {
  readonly end: LogEnd;
  /** The heads of the existing streams among those of the appends. */
  readonly heads: Map<string, StoredHead>;
  /** The events of repeated keyed commands, by command id. */
  readonly repeated: Map<string, LogRow[]>;
}

/** The row of an event whose values a redaction erases. */
export interface RedactedRow {
  /** The position of the redaction. */
  readonly position: number;
  readonly stream: number;
  readonly eventId: string;
  readonly erased: readonly Pointer[];
}

/** The appends of one transaction, in order. Each sees the results of the previous ones. */
export class AppendGroup {
  readonly #sealer: Sealer;
  readonly #basis: GroupBasis;
  readonly #streams: { readonly id: number; readonly name: Buffer }[] = [];
  readonly #rows: { stream: number; version: number; commandId: string | null; envelope: string }[] = [];
  readonly redactions: RedactedRow[] = [];
  /** The length of the group's text in characters. */
  length = 0;

  constructor(sealer: Sealer, basis: GroupBasis) {
    this.#sealer = sealer;
    this.#basis = basis;
  }

  get heads(): ReadonlyMap<string, StoredHead> {
    return this.#basis.heads;
  }

  /** The log's end after the group is committed. */
  get end(): LogEnd {
    const { position, stream } = this.#basis.end;
    return { position: position + this.#rows.length, stream: stream + this.#streams.length };
  }

  /** Adds an append, and seals it if it is a commit. If it fails, the others are not affected. */
  add(request: AppendRequest): AppendOutcome {
    const repeated = 'commit' in request ? this.#repeated(request.commit) : undefined;
    if (repeated !== undefined) return { repeated };
    const headOf = (streamId: string) => this.#basis.heads.get(streamId);
    let sealed: readonly SealedEnvelope[];
    let own: readonly SealedEnvelope[];
    try {
      if ('commit' in request) ({ sealed, own } = sealCommit(request.commit, headOf, this.#sealer));
      else sealed = own = nextEvents(request.sealed, headOf);
    } catch (error) {
      return { failed: error };
    }
    for (const envelope of sealed) this.#addEvent(envelope);
    return { appended: own, position: this.end.position - own.length + 1 };
  }

  #repeated({ command }: Commit): LogRow[] | undefined {
    return command.request === null ? undefined : this.#basis.repeated.get(command.id.toLowerCase());
  }

  #addEvent(envelope: SealedEnvelope): void {
    const { streamId, version, hash, recordedAt } = envelope;
    let stream = this.#basis.heads.get(streamId)?.stream;
    if (stream === undefined) {
      stream = this.end.stream + 1;
      this.#streams.push({ id: stream, name: Buffer.from(streamId) });
    }
    const text = JSON.stringify(envelope);
    const commandId = keyOf(envelope)?.toLowerCase() ?? null;
    this.#rows.push({ stream, version, commandId, envelope: text });
    this.#basis.heads.set(streamId, { stream, version, hash, recordedAt });
    const named = redactionOf(envelope);
    if (named !== null) this.redactions.push({ position: this.end.position, stream, ...named });
    this.length += text.length;
    if (commandId === null) return;
    const rows = this.#basis.repeated.get(commandId) ?? [];
    rows.push([this.end.position, text]);
    this.#basis.repeated.set(commandId, rows);
  }

  /** Returns the columns to insert; null if there are none. */
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
