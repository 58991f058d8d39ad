import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { openStore } from '#platform/open-store';
import { parseStore } from '#platform/settings';
import { followerBookmark } from '#projections/following/follower-bookmark';
import { openReadModels } from '#projections/open-read-models';
import { append, commit, draft } from '../support/event-commits.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const FOLLOWER = fileURLToPath(new URL('./log-follower.ts', import.meta.url));
const EVENTS = 8;
const BATCH = 3;

// A follower's saved position does not depend on the store of the log. The subscriptions of each store are tested in
// test/contract.
describe('a follower of a log that is killed', () => {
  let address: string;
  let positions: string[];

  beforeAll(async () => {
    address = `sqlite:${join(temporaryFolder(), 'docket.sqlite')}`;
    const store = await openStore(parseStore(address, 'the store'), { create: true });
    const drafts = Array.from({ length: EVENTS }, (_, index) => draft(`event ${index}`));
    await store.append(commit([append('s', 0, ...drafts)]));
    positions = (await store.readAll()).map(({ position }) => position);
    await store.close();
  });

  async function follow(readModels: string, dies: string) {
    const child = spawn(process.execPath, [FOLLOWER, address, readModels, dies], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    const handled = (await text(child.stdout)).split('\n').filter((line) => line !== '');
    return { ended: await ended, handled };
  }

  it.each([
    { dies: 'handling', said: BATCH + 1 },
    { dies: 'saving', said: 2 * BATCH },
  ])(
    'while it is $dies handles the whole batch again, and every event at least once, in order',
    async ({ dies, said }) => {
      const readModels = join(temporaryFolder(), 'read-models.sqlite');
      const killed = await follow(readModels, dies);
      expect(killed.ended).toEqual([null, 'SIGKILL']);
      // The first batch is saved. The second is not, however much of it was handled.
      expect(killed.handled).toEqual(positions.slice(0, said));

      const next = await follow(readModels, 'never');
      expect(next.ended).toEqual([0, null]);
      expect(next.handled).toEqual(positions.slice(BATCH));

      const database = await openReadModels({ kind: 'sqlite', path: readModels });
      expect(await followerBookmark(database, 'fault')).toBe(positions.at(-1));
      await database.close();
    },
    60_000,
  );
});
