import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { VirtualClock } from '#test/support/virtual-clock';
import { systemRandom } from '#event-sourcing/random';
import { DEVELOPMENT_ISSUER } from '#identity/tokens';
import { followerBookmark } from '#projections/following/follower-bookmark';
import { readModelsStatus } from '#projections/read-models-status';
import { lastJobRun } from '#projections/following/job-runs';
import { openReadModels } from '#projections/open-read-models';
import { foldInParts } from '#test/support/read-models';
import { due, issuedEvent, recordMany } from '#test/support/records';
import { textsProjection } from '#test/support/texts-projection';
import { untilTrue } from '#test/support/event-streams';
import { temporaryFolder } from '#test/support/temporary-folder';
import { openNode } from './node.ts';
import type { DocketNode, NodeReports, NodeWork } from './node.ts';
import { openStore } from './open-store.ts';
import { readSettings } from './settings.ts';
import type { Settings } from './settings.ts';

const HOURLY = '0 3 * * * *';
const NOTHING: NodeWork<false> = {
  http: false,
  project: false,
  sweep: null,
  checkpoints: null,
};

let folder: string;
let settings: Settings;
let failures: string[];
let swept: number[];
let nodes: DocketNode[];

beforeEach(() => {
  folder = temporaryFolder();
  settings = settingsOf({});
  failures = [];
  swept = [];
  nodes = [];
});
afterEach(async () => {
  for (const node of nodes) await node.close();
});

const settingsOf = (more: Readonly<Record<string, string>>): Settings =>
  readSettings({
    DOCKET_STORE: `sqlite:${join(folder, 'docket.sqlite')}`,
    DOCKET_DEVELOPMENT_KEY: join(folder, 'key.jwk'),
    ...more,
  });

const reports = (more: Partial<NodeReports> = {}): NodeReports => ({
  onError: (message) => failures.push(message),
  onProjectorError: (message) => failures.push(message),
  onFailure: (what) => failures.push(what),
  onWarning: () => undefined,
  onSwept: ({ recorded }) => swept.push(recorded),
  onDelivery: () => undefined,
  ...more,
});

async function open<Http extends boolean>(work: NodeWork<Http>): Promise<DocketNode<Http>> {
  const node = await openNode(settings, reports(), work);
  nodes.push(node);
  return node;
}

/** Creates a store with records that have each crossed three thresholds. */
async function prepare(): Promise<void> {
  const store = await openStore(settings.store, { create: true });
  await recordMany(store, ['a', 'b'], '2016-01-10', issuedEvent(), due('2016-06-30'));
  await store.close();
}

describe('a node', () => {
  test('that answers requests creates the store, and verifies tokens', async () => {
    const { http, projector, sweeps } = await open({ ...NOTHING, http: true });
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['docket.sqlite', 'key.jwk']));
    expect(http.tokens.issuer).toBe(DEVELOPMENT_ISSUER);
    expect([projector, sweeps]).toEqual([null, null]);
  });

  test('that answers no requests creates no store, no key, and no other files', async () => {
    const opening = openNode(settings, reports(), { ...NOTHING, sweep: HOURLY });
    await expect(opening).rejects.toThrow(/there is no event store at/);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('that only sweeps folds the read models itself', async () => {
    await prepare();
    const node = await open({ ...NOTHING, sweep: HOURLY });
    expect(swept).toEqual([]);
    node.start();
    await untilTrue(() => swept.length > 0);
    expect(swept).toEqual([6]);
    expect(existsSync(join(folder, 'key.jwk'))).toBe(false);
    expect(await readModelsStatus(node.readModels)).toMatchObject({ state: 'running', events: 4 });
    expect(node.http).toBeNull();
  });

  test('that also projects sweeps the events that its projector has folded', async () => {
    await prepare();
    const node = await open({ http: true, project: true, sweep: HOURLY, checkpoints: null });
    node.start();
    await untilTrue(() => swept.length > 0 || failures.length > 0);
    expect({ swept, failures }).toEqual({ swept: [6], failures: [] });
    expect(await lastJobRun(node.readModels, 'sweep')).toMatchObject({ recorded: 6, error: null });
  });

  test('whose checkpoint key cannot be used reports that, and works all the same', async () => {
    const key = join(folder, 'checkpoint-key.pem');
    writeFileSync(key, 'no key', { mode: 0o600 });
    settings = settingsOf({ DOCKET_CHECKPOINT_KEY: key });
    const node = await open({ ...NOTHING, http: true, checkpoints: HOURLY });
    node.start();
    await untilTrue(() => failures.length > 0);
    expect(failures).toEqual([
      `The log is not signed: The checkpoint key ${key} does not contain an Ed25519 private key (PKCS#8, PEM). docket checkpoint --rotate replaces a key that can be used`,
    ]);
    expect(await node.store.lastPosition()).toBe('0');
  });

  test('with a later step that fails closes everything that it had opened, and reports why', async () => {
    const { path } = settings.outbox as { path: string };
    writeFileSync(path, 'no outbox');
    const work = { http: true, project: true, sweep: null, checkpoints: null };
    await expect(openNode(settings, reports(), work)).rejects.toMatchObject({ code: 'outbox-unusable' });
    // SQLite deletes a file's write-ahead log when the last connection closes.
    expect(readdirSync(folder).filter((name) => name.endsWith('-wal'))).toEqual([]);
    expect(failures).toEqual([]);
  });

  test('without a schedule runs no clock, and says why', async () => {
    const clock = new VirtualClock(Date.now());
    const begun = jest.spyOn(clock, 'every');
    const work = { ...NOTHING, http: true, sweep: 'whenever' };
    const opening = openNode(settings, reports(), work, { clock, random: systemRandom });
    await expect(opening).rejects.toThrow(/whenever/);
    expect(begun).toHaveBeenCalled();
    expect(clock.timers).toBe(0);
  });

  test('that projects drops the read models of another build once nobody uses them, with their texts', async () => {
    await prepare();
    const store = await openStore(settings.store, { create: false });
    const events = await store.readAll({ after: '0' });
    await store.close();
    const older = await openReadModels(settings.readModels, [textsProjection('statistics')]);
    await foldInParts(older, [events]);
    const { path } = settings.readModels as { path: string };
    const files = () => readdirSync(folder).filter((name) => name.startsWith(basename(path)));
    const text = JSON.stringify(events[0]?.data);
    // A file that is deleted between listing and reading contains nothing.
    const bytesOf = (name: string) => readFile(join(folder, name)).catch(() => Buffer.of());
    const containText = async () =>
      (await Promise.all(files().map(bytesOf))).some((bytes) => bytes.includes(text));
    expect(await containText()).toBe(true);
    await older.db.updateTable('model_sets').set({ heard_at: '2020-01-01T00:00:00.000Z' }).execute();
    await older.close();

    await open({ ...NOTHING, http: true, project: true });
    await untilTrue(async () => !(await containText()));
  });

  test('that is closed has released everything, and can be opened again', async () => {
    await prepare();
    const work = { http: true, project: true, sweep: HOURLY, checkpoints: null };
    const first = await openNode(settings, reports(), work);
    first.start();
    await untilTrue(() => swept.length > 0);
    await first.close();
    await expect(first.store.lastPosition()).rejects.toThrow();
    const again = await open(work);
    expect(await again.store.lastPosition()).toBe('10');
    expect(await followerBookmark(again.readModels, 'eraser')).toBe('0');
  });
});
