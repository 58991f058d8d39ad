/**
 * Appends to a store from many writers until it is killed, and prints each acknowledged commit on a line: `node
 * test/faults/store-writer.ts <address> <name> [commits]`.
 */
import { writeSync } from 'node:fs';
import { hasCode } from '#event-sourcing/errors';
import { openStore } from '#platform/open-store';
import { parseStore } from '#platform/settings';
import { append, commit, draft } from '../support/event-commits.ts';

const WRITERS = 16;
/** The number of events of a commit in each of its two streams. */
const EVENTS_EACH = 3;

const [address = '', name = 'writer', commits = 'Infinity'] = process.argv.slice(2);
const store = await openStore(parseStore(address, 'the address'), { create: true });

/** Commits six events to a stream of the writer and one that the writers of all processes share. */
async function write(writer: string): Promise<void> {
  let own = (await store.readStream(writer, { limit: 1_000_000 })).length;
  for (let done = 0; done < Number(commits);) {
    const shared = await lastVersion('shared');
    const texts = Array.from({ length: EVENTS_EACH }, (_, index) => `${writer} ${done} ${index}`);
    const drafts = texts.map((text) => draft(text));
    try {
      const { events } = await store.append(
        commit([append(writer, own, ...drafts), append('shared', shared, ...drafts)]),
      );
      // The write is synchronous, because a kill would lose buffered output.
      writeSync(
        1,
        JSON.stringify(events.map((event) => [event.streamId, event.version, event.eventId])) + '\n',
      );
      own += EVENTS_EACH;
      done++;
    } catch (error) {
      if (!hasCode(error, 'version-conflict')) throw error;
    }
  }
}

let shared = 0;

/** Returns the version of the shared stream as last read. It may be outdated; the append then conflicts. */
async function lastVersion(streamId: string): Promise<number> {
  for (;;) {
    const page = await store.readStream(streamId, { after: shared });
    shared = Math.max(shared, page.at(-1)?.version ?? 0);
    if (page.length === 0) return shared;
  }
}

await Promise.all(Array.from({ length: WRITERS }, (_, index) => write(`${name}-${index}`)));
await store.close();
