import type { Envelope, Pointer } from '../../event-sourcing/src/envelope.ts';
import { redactionOf, valueAt } from '../../event-sourcing/src/erasure.ts';
import { messageOf } from '../../event-sourcing/src/errors.ts';
import type { EventStore } from '../../event-sourcing/src/event-store.ts';
import type { Divergence } from './verify-history.ts';

interface SeenRedaction {
  readonly position: string;
  readonly streamId: string;
  readonly version: number;
  readonly eventId: string;
  readonly erased: readonly Pointer[];
}

/** Holds what the log's redactions name against what is stored: the values are gone, and the index of redactions has each. */
export class RedactionVerifier {
  readonly #seen: SeenRedaction[] = [];

  add(event: Envelope): void {
    const named = redactionOf(event);
    if (named === null) return;
    const { position, streamId, version } = event;
    this.#seen.push({ position, streamId, version, ...named });
  }

  /** Every value that a redaction names and that is there all the same. */
  async *present(store: EventStore): AsyncGenerator<Divergence> {
    for (const { streamId, eventId, erased } of this.#seen) {
      for (const event of await readable(store, streamId, eventId)) {
        const { position, version } = event;
        for (const pointer of erased) {
          if (!Object.hasOwn(event.commitments, pointer) || valueAt(event, pointer) === undefined) continue;
          const detail = `${pointer} was redacted, and is there all the same`;
          yield { position, streamId, version, code: 'not-erased', detail };
        }
      }
    }
  }

  /** Where the index that reads of redactions go by says another than the log. */
  async *misfiled(store: EventStore): AsyncGenerator<Divergence> {
    const missing = new Map(this.#seen.map((redaction) => [redaction.position, redaction]));
    const place = { position: null, streamId: null, version: null, code: 'index' } as const;
    try {
      for (let after = '0'; ;) {
        const page = await store.redactions({ after });
        for (const { position, streamId } of page) {
          if (missing.delete(position)) continue;
          yield {
            ...place,
            position,
            streamId,
            detail: 'the index of redactions names what is no redaction',
          };
        }
        const last = page.at(-1);
        if (last === undefined) break;
        after = last.position;
      }
    } catch (error) {
      yield { ...place, detail: `the index of redactions cannot be read: ${messageOf(error)}` };
      return;
    }
    for (const { position, streamId, version } of missing.values()) {
      const detail =
        'the index of redactions lacks this one: copies and read models would give out what it names';
      yield { position, streamId, version, code: 'index', detail };
    }
  }
}

/** What cannot be read is told where it is met in the log. */
async function readable(store: EventStore, streamId: string, eventId: string): Promise<readonly Envelope[]> {
  try {
    return await store.findEvents(streamId, [eventId]);
  } catch {
    return [];
  }
}
