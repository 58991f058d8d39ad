import { COMMAND_DIGEST } from '../../event-sourcing/src/envelope.ts';
import type { EventStore } from '../../event-sourcing/src/event-store.ts';

/**
 * Erases from a store all that its redactions name and that is still there: a copy must not keep what its source was about to erase.
 * @returns how many events lost something.
 */
export async function carryOutRedactions(store: EventStore): Promise<number> {
  let count = 0;
  for (let after = '0'; ;) {
    const redactions = await store.redactions({ after });
    const last = redactions.at(-1);
    if (last === undefined) return count;
    for (const { streamId, eventId, erased } of redactions) {
      const [event] = await store.findEvents(streamId, [eventId]);
      if (event === undefined) continue;
      const pointers = erased.filter((pointer) => Object.hasOwn(event.salts, pointer));
      // Every event of the command has a digest of the whole request, by which a short text could be guessed.
      const siblings = event.command.digest === null ? [] : await store.findCommand(event.command.id);
      const guessable = siblings.filter(({ salts }) => Object.hasOwn(salts, COMMAND_DIGEST));
      if (pointers.length > 0) await store.erase(streamId, event.version, pointers);
      for (const sibling of guessable) await store.erase(sibling.streamId, sibling.version, [COMMAND_DIGEST]);
      if (pointers.length + guessable.length > 0) count += 1;
    }
    after = last.position;
  }
}
