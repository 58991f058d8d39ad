import { COMMAND_DIGEST } from '#event-sourcing/envelope';
import type { EventStore, Redaction } from '#event-sourcing/event-store';

/**
 * Erases from a store all redacted values that are still present: a copy must not keep values that its source was about to erase.
 * @returns the number of redactions that erased something.
 */
export async function carryOutRedactions(store: EventStore): Promise<number> {
  let count = 0;
  for (let after = '0'; ;) {
    const redactions = await store.redactions({ after });
    const last = redactions.at(-1);
    if (last === undefined) return count;
    for (const redaction of redactions) {
      if ((await carryOut(store, redaction)) === 'erased') count += 1;
    }
    after = last.position;
  }
}

/**
 * Erases the values of one redaction, and the salts that would allow guessing them. Also calls a store
 * without these values, because its files may still contain them.
 * @returns whether the store had any of them.
 */
export async function carryOut(
  store: EventStore,
  { streamId, eventId, erased }: Redaction,
): Promise<'erased' | 'was-gone' | 'no-such-event'> {
  const [event] = await store.findEvents(streamId, [eventId]);
  if (event === undefined) return 'no-such-event';
  const pointers = erased.filter((pointer) => Object.hasOwn(event.commitments, pointer));
  await store.erase(streamId, event.version, pointers);
  // Every event of the command has a digest of the whole request, from which a short text could be guessed.
  const siblings = event.command.digest === null ? [] : await store.findCommand(event.command.id);
  const guessable = siblings.filter(({ salts }) => Object.hasOwn(salts, COMMAND_DIGEST));
  for (const sibling of guessable) await store.erase(sibling.streamId, sibling.version, [COMMAND_DIGEST]);
  const hadAny = [...pointers, COMMAND_DIGEST].some((pointer) => Object.hasOwn(event.salts, pointer));
  return hadAny || guessable.length > 0 ? 'erased' : 'was-gone';
}
