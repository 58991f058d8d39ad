import type { ExaminedEvent } from '#audit/examine-event';
import { COMMAND_DIGEST } from '#event-sourcing/envelope';
import type { Envelope, Pointer } from '#event-sourcing/envelope';
import { redactionOf, valueAt } from '#event-sourcing/erasure';
import { messageOf } from '#event-sourcing/errors';
import { streamEvents } from '#event-sourcing/event-store';
import type { EventStore, Redaction } from '#event-sourcing/event-store';
import type { HistoryDivergence } from './verify-history.ts';

interface SeenRedaction {
  readonly position: string;
  readonly streamId: string;
  readonly version: number;
  readonly eventId: string;
  readonly erased: readonly Pointer[];
}

/** Verifies the log's redactions: the values are gone, and the index of redactions lists each. */
export class RedactionVerifier {
  readonly #seen: SeenRedaction[] = [];
  /** Events whose command's digest can no longer be opened, by the command's id. */
  readonly #withoutSalt = new Map<string, Omit<HistoryDivergence, 'code' | 'detail'>[]>();

  /** @param isValid whether its content and its remaining salts match the commitments. */
  add(
    { header: { position, streamId, version }, redaction, unsaltedCommand }: ExaminedEvent,
    isValid: boolean,
  ): void {
    if (redaction !== null) this.#seen.push({ position, streamId, version, ...redaction });
    if (unsaltedCommand === null || !isValid) return;
    const places = this.#withoutSalt.get(unsaltedCommand) ?? [];
    places.push({ position, streamId, version });
    this.#withoutSalt.set(unsaltedCommand, places);
  }

  /** Yields the divergences of the redactions that were added. @param isWhole whether the whole log was added. */
  async *divergences(store: EventStore, isWhole: boolean): AsyncGenerator<HistoryDivergence> {
    yield* this.#present(store);
    yield* this.#unsalted(store, isWhole);
    if (isWhole) yield* this.#misfiled(store);
  }

  /** Yields every redacted value that is still present. */
  async *#present(store: EventStore): AsyncGenerator<HistoryDivergence> {
    for (const { streamId, eventId, erased } of this.#seen) {
      for (const event of await readable(store, streamId, eventId)) {
        const { position, version } = event;
        // Stored data may lack any member. The log's verification reports that.
        const { command, commitments } = event as Partial<Envelope>;
        const commandId = command?.id;
        if (commandId !== undefined) this.#withoutSalt.delete(commandId);
        for (const pointer of erased) {
          if (!Object.hasOwn(commitments ?? {}, pointer) || valueAt(event, pointer) === undefined) continue;
          const detail = `${pointer} was redacted but is still present`;
          yield { position, streamId, version, code: 'not-erased', detail };
        }
      }
    }
  }

  /**
   * Yields every digest of a command whose salt is missing although no redaction names an event of the
   * command. (A redaction removes the digest's salts from all of the command's events, in all streams.) Runs
   * after `#present`; if only a part of the log was read, it searches the store.
   */
  async *#unsalted(store: EventStore, isWhole: boolean): AsyncGenerator<HistoryDivergence> {
    for (const [commandId, places] of this.#withoutSalt) {
      if (!isWhole && (await isRedactedElsewhere(store, commandId))) continue;
      const detail = `the salt at ${COMMAND_DIGEST} is missing, but no redaction names an event of its command: the request cannot be compared with its digest`;
      for (const place of places) yield { ...place, code: 'missing-value', detail };
    }
  }

  /** Yields the differences between the index of redactions and the log. */
  async *#misfiled(store: EventStore): AsyncGenerator<HistoryDivergence> {
    const missing = new Map(this.#seen.map((redaction) => [redaction.position, redaction]));
    try {
      for await (const { position, streamId } of indexedRedactions(store)) {
        if (missing.delete(position)) continue;
        const detail = 'the index of redactions lists an event that is not a redaction';
        yield { position, streamId, version: null, code: 'index', detail };
      }
    } catch (error) {
      const detail = `the index of redactions cannot be read: ${messageOf(error)}`;
      yield { position: null, streamId: null, version: null, code: 'index', detail };
      return;
    }
    for (const { position, streamId, version } of missing.values()) {
      const detail =
        'the index of redactions lacks this one: copies and read models would disclose its values';
      yield { position, streamId, version, code: 'index', detail };
    }
  }
}

async function* indexedRedactions(store: EventStore): AsyncGenerator<Redaction> {
  for (let after = '0'; ;) {
    const page = await store.redactions({ after });
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.position;
  }
}

/** Reports whether a redaction in a record that was not verified names an event of the command. */
async function isRedactedElsewhere(store: EventStore, commandId: string): Promise<boolean> {
  try {
    const siblings = await store.findCommand(commandId);
    const ids = new Set(siblings.map(({ eventId }) => eventId));
    for (const streamId of new Set(siblings.map((event) => event.streamId))) {
      for await (const event of streamEvents(store, streamId)) {
        if (ids.has(redactionOf(event)?.eventId ?? '')) return true;
      }
    }
  } catch {
    // The log's verification reports unreadable events.
  }
  return false;
}

/** Returns no events if the stream cannot be read: the log's verification reports that. */
async function readable(store: EventStore, streamId: string, eventId: string): Promise<readonly Envelope[]> {
  try {
    return await store.findEvents(streamId, [eventId]);
  } catch {
    return [];
  }
}
