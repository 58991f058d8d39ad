/**
 * Follows a store with a bookmark in read models, and prints the position of each handled event, one per line: `node
 * test/faults/log-follower.ts <store> <file of read models> handling|saving|never`. It kills itself in its second
 * batch, in the middle of handling or before saving; or it ends at the log's end.
 */
import { writeSync } from 'node:fs';
import type { Envelope } from '#event-sourcing/envelope';
import { openStore } from '#platform/open-store';
import { parseStore } from '#platform/settings';
import { followerBookmark, saveFollowerBookmark } from '#projections/following/follower-bookmark';
import { Following } from '#projections/following/following';
import { PolledPart } from '#projections/following/log-part';
import { openReadModels } from '#projections/open-read-models';

const NAME = 'fault';
const BATCH = 3;

const [address = '', readModels = '', dies = 'never'] = process.argv.slice(2);
const store = await openStore(parseStore(address, 'the store'), { create: false });
const database = await openReadModels({ kind: 'sqlite', path: readModels });

let batches = 0;
const dieAt = (moment: string): void => {
  if (dies === moment && batches === 2) process.kill(process.pid, 'SIGKILL');
};

const following = new Following<Envelope>({
  follower: {
    name: NAME,
    bookmark: {
      read: () => followerBookmark(database, NAME),
      async save(position) {
        dieAt('saving');
        await saveFollowerBookmark(database, NAME, position);
      },
    },
    handle(batch) {
      batches += 1;
      for (const { position } of batch) {
        // The write is synchronous, because a kill would lose buffered output.
        writeSync(1, `${position}\n`);
        dieAt('handling');
      }
      return Promise.resolve();
    },
  },
  log: new PolledPart({
    lastPosition: () => store.lastPosition(),
    next: (after) => store.readAll({ after, limit: BATCH }),
  }),
  onError: (error) => {
    throw error;
  },
});
following.start();
if (!(await following.whenHandled(await store.lastPosition(), 20_000)))
  throw new Error('It did not get there');
await following.stop();
await database.close();
await store.close();
