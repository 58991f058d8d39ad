import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { logEvents } from '#event-sourcing/event-store';
import { parseVerifierKey } from '#audit/tlog/signed-note';
import { openStore } from '#platform/open-store';
import { parseStore } from '#platform/settings';
import { folderWithSample, jsonLines, runDocket, SAMPLE, writeRecord } from '../support/command-line.ts';
import { hasKurrentdb } from '../support/journey-store.ts';
import { freshKurrentdbAddress, kurrentdbUrl } from '../support/kurrentdb-stores.ts';
import { dropStore, freshAddress, postgresqlUrl } from '../support/postgresql-stores.ts';
import { due, issuedEvent, recordMany } from '../support/records.ts';
import { startService } from '../support/service.ts';
import type { RunningService } from '../support/service.ts';
import { DIST, settingsIn, startNode } from '../support/service-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startWitness } from '../support/witness.ts';
import type { Witness } from '../support/witness.ts';

/** The kinds of stores, with functions that return a new address and remove the store. */
const KINDS = {
  SQLite: {
    fresh: () => Promise.resolve(`sqlite:${join(temporaryFolder(), 'store.sqlite')}`),
    remove: () => Promise.resolve(),
  },
  PostgreSQL: { fresh: async () => freshAddress(await postgresqlUrl()), remove: dropStore },
  KurrentDB: {
    fresh: async () => freshKurrentdbAddress(await kurrentdbUrl()),
    remove: () => Promise.resolve(),
  },
} satisfies Record<string, { fresh: () => Promise<string>; remove: (address: string) => Promise<void> }>;
type Kind = keyof typeof KINDS;

/** The kinds of stores through which one log is copied, in order. */
const HOPS: readonly Kind[] = ['SQLite', 'PostgreSQL', 'KurrentDB', 'SQLite'];

const made: { readonly kind: Kind; readonly address: string }[] = [];
async function freshStore(kind: Kind): Promise<string> {
  const address = await KINDS[kind].fresh();
  made.push({ kind, address });
  return address;
}

afterAll(async () => {
  for (const { kind, address } of made) await KINDS[kind].remove(address);
});

/** The working directory of the command line. */
let folder: string;
const docket = (...words: string[]) => runDocket(words, { folder });
const copied = async (from: string, to: string) => {
  const run = await docket('copy', '--from', from, '--to', to, '--json');
  return { ...run, last: jsonLines(run)[0] };
};
const on = (store: string, ...words: string[]) => docket('--store', store, ...words);

/** Returns the output of commands about two records of a store, all run by one process. */
async function outputs(store: string, imported: string, issued: string): Promise<string[]> {
  const printed: string[] = [];
  for (const words of [
    ['export', imported],
    ['export', issued, '--format', 'cloudevents'],
    ['replay', issued, '--json'],
  ])
    printed.push((await on(store, ...words)).stdout);
  return printed;
}

beforeAll(() => {
  folder = temporaryFolder();
});

describe(`a log that moves from store to store: ${HOPS.join(' → ')}`, () => {
  const stores: string[] = [];
  const KEY = { 'idempotency-key': 'once' };
  const started: RunningService[] = [];
  let id: string;
  let events: number;
  /** The signed checkpoint of the first store, and its file. */
  let note: string;
  let kept: string;
  let witness: Witness;

  /** Starts a service with a witness that cosigns its checkpoints. */
  const witnessedOn = async (store: string): Promise<RunningService> => {
    const there = temporaryFolder();
    const [key, origin] = [join(there, 'key.pem'), 'docket.example/log'];
    const env = { DOCKET_CHECKPOINT_KEY: key, DOCKET_LOG_ORIGIN: origin };
    const { stdout: vkey } = await runDocket(['--store', store, 'checkpoint', '--key'], {
      folder: there,
      env,
    });
    witness = await startWitness({ name: 'w1', logKey: parseVerifierKey(vkey.trim()) });
    return serviceOn(store, { ...env, DOCKET_WITNESSES: witness.setting });
  };

  const serviceOn = async (store: string, more: Record<string, string> = {}): Promise<RunningService> => {
    const own = temporaryFolder();
    const env = { DOCKET_READ_MODELS: `sqlite:${join(own, 'read-models')}` };
    const service = await startService({ folder: own, env: { ...env, ...more, DOCKET_STORE: store } });
    started.push(service);
    return service;
  };

  beforeAll(async () => {
    for (const kind of HOPS) stores.push(await freshStore(kind));
    const [first = ''] = stores;
    expect(await on(first, 'import', SAMPLE, '--recipient', 'wiltshire')).toMatchObject({ code: 0 });
    const service = await witnessedOn(first);
    const [inspector, approver] = [service.as('inspector'), service.as('approver')];
    id = (await inspector.issue({ text: 'Ünïcødé 記録 😀 \u2028' })).json.recommendations[0]?.id ?? '';
    const comment = await inspector.command(id, 'add-comment', {
      text: 'Quillfeather rang',
      visibility: 'public',
    });
    const eventId = comment.json.events[0]?.eventId;
    expect(await inspector.command(id, 'start-progress', {}, KEY)).toMatchObject({ status: 200 });
    const redacted = await approver.command(id, 'redact-comment', { eventId, reason: 'Names a person.' });
    expect(redacted).toMatchObject({ status: 200 });
    note = (await service.as('auditor').post('/api/audit/checkpoints')).text;
    expect(note).toMatch(/^docket\.example\/log\n\d+\n\S+\n\n— docket\.example\/log \S+\n— w1 \S+\n$/);
    kept = join(folder, 'kept');
    writeFileSync(kept, note);
    await service.stop();
    await witness.close();
    const [verified] = jsonLines(await on(first, 'verify', '--json'));
    events = verified?.['events'] as number;
  });

  it('is the same at every stop, and valid', async () => {
    // Each store assigns other positions.
    const withoutPositions = (texts: readonly string[]) =>
      texts.map((text) => text.replaceAll(/"position": ?"\d+"/g, '"position": …'));
    const before = await outputs(stores[0] ?? '', '730', id);
    expect(before.join('')).not.toContain('Quillfeather');
    for (const [index, to] of stores.slice(1).entries()) {
      const { code, stderr, last } = await copied(stores[index] ?? '', to);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(last).toMatchObject({ ok: true, stopped: false, events, copied: events, firstDivergence: null });
      const verified = await on(to, 'verify', '--checkpoint', kept, '--json');
      expect(jsonLines(verified)).toMatchObject([{ ok: true, events }]);
      expect(withoutPositions(await outputs(to, '730', id))).toEqual(withoutPositions(before));
    }
    expect(await outputs(stores.at(-1) ?? '', '730', id)).toEqual(before);
  }, 120_000);

  it('knows a keyed command in the last one, and continues there', async () => {
    const service = await serviceOn(stores.at(-1) ?? '');
    const inspector = service.as('inspector');
    const again = await inspector.command(id, 'start-progress', {}, KEY);
    expect(again).toMatchObject({ status: 200, json: { events: [{ type: expect.any(String) }] } });
    const { json } = await inspector.get(`/api/recommendations/${id}/events`);
    expect(json.items.filter(({ eventId }) => eventId === again.json.events[0]?.eventId)).toHaveLength(1);
    expect((await inspector.get('/api/audit/checkpoint')).text).toBe(note);
    expect(await inspector.command(id, 'add-comment', { text: 'moved', visibility: 'public' })).toMatchObject(
      { status: 200 },
    );
    await service.stop();
  });

  it('does not revert later events', async () => {
    const [first = '', second = ''] = stores;
    const last = stores.at(-1) ?? '';
    expect(await on(first, 'import', writeRecord(folder, 'own.txt', 'Own (own-1)\n\nText.\n'))).toMatchObject(
      {
        code: 0,
      },
    );
    const { code, last: outcome } = await copied(first, last);
    expect(code).toBe(1);
    expect(outcome).toMatchObject({
      ok: false,
      copied: 0,
      firstDivergence: {
        code: 'other-history',
        // The disclosure of internal values to the inspector was recorded before the copy.
        streamId: expect.stringMatching(/^access-/),
        position: expect.any(String),
      },
    });
    expect(jsonLines(await on(last, 'verify', '--json'))).toMatchObject([{ ok: true, events: events + 2 }]);
    // The store in between contains only common events.
    expect((await copied(first, second)).last).toMatchObject({ ok: true, copied: expect.any(Number) });
  });
});

describe('a copy that is ended in the middle', () => {
  const RECORDS = 2_000;
  const EVENTS = RECORDS * 2;
  let source: string;

  beforeAll(async () => {
    source = await freshStore('SQLite');
    const store = await openStore(parseStore(source, 'source'), { create: true });
    const ids = Array.from({ length: RECORDS }, (_, index) => `r-${index}`);
    await recordMany(store, ids, '2026-03-02', issuedEvent(), due('2026-05-01'));
    await store.close();
  });

  /** Starts a copy, interrupts it by a signal, and returns the number of copied events. */
  async function interrupted(to: string, signal: NodeJS.Signals) {
    const target = await openStore(parseStore(to, 'target'), { create: true });
    try {
      const words = ['copy', '--from', source, '--to', to];
      const run = startNode([join(DIST, 'apps/cli/src/main.js'), ...words], settingsIn(folder));
      while ((await target.lastPosition()) === '0') {
        if (run.child.exitCode !== null) throw new Error(`the copy ended by itself: ${run.stderr()}`);
        await delay(1);
      }
      const ended = await run.end(signal);
      const there = (await Array.fromAsync(logEvents(target))).length;
      expect(there).toBeGreaterThan(0);
      expect(there).toBeLessThan(EVENTS);
      return { ...ended, there, stderr: run.stderr() };
    } finally {
      await target.close();
    }
  }

  it.each(process.env['DOCKET_TEST_LONG'] === undefined ? (['SQLite'] as const) : HOPS.slice(0, 3))(
    'by a kill leaves whole commands in %s, and continues from its place',
    async (kind) => {
      const to = await freshStore(kind);
      const { there, ...ended } = await interrupted(to, 'SIGKILL');
      expect(ended).toMatchObject({ code: null, signal: 'SIGKILL' });
      // Each command of the source creates 250 records. A KurrentDB before 25.1 appends a command stream by stream.
      if (kind !== 'KurrentDB' || hasKurrentdb('25.1')) expect(there % 500).toBe(0);
      const { code, last } = await copied(source, to);
      expect(code).toBe(0);
      expect(last).toMatchObject({ ok: true, events: EVENTS, copied: EVENTS - there });
      expect(jsonLines(await on(to, 'verify', '--json'))).toMatchObject([{ ok: true, events: EVENTS }]);
    },
    // The test reads and writes each event several times, also on a busy machine.
    120_000,
  );

  it('ended by a signal ends with 1, says what to do, and continues from its place', async () => {
    const to = await freshStore('SQLite');
    const { there, code, stderr } = await interrupted(to, 'SIGTERM');
    expect(code).toBe(1);
    expect(stderr).toMatch(/stopped after \d+ events\. To continue, run the same command again/);
    expect((await copied(source, to)).last).toMatchObject({
      ok: true,
      events: EVENTS,
      copied: EVENTS - there,
    });
  });
});

describe('docket copy', () => {
  it('prints its effects for people, and shows no password', async () => {
    const { DOCKET_STORE: source = '' } = settingsIn(await folderWithSample());
    const to = await freshStore('PostgreSQL');
    const first = await docket('copy', '--from', source, '--to', to);
    const { hostname, searchParams } = new URL(to);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(/^Copied 6 events from .*\nThe target has 6 events, all verified/);
    expect(first.stdout).toContain('stop all writers to the source');
    expect(first.stdout).toContain(`${hostname}:`);
    expect(first.stdout).toContain(searchParams.get('schema'));
    expect(await on(to, 'import', SAMPLE, '--id', 'other-1')).toMatchObject({ code: 0 });
    const refused = await docket('copy', '--from', source, '--to', to);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/recommendation-other-1 version 1: position 7: other-history/);
    const json = await copied(source, to);
    const password = new URL(to).password;
    for (const output of [first, refused, json]) {
      for (const text of [output.stdout, output.stderr]) {
        expect(text).not.toContain(password);
        expect(text).not.toContain(decodeURIComponent(password));
      }
    }
  });

  it('ends with 3 without a source, and makes no target', async () => {
    const empty = temporaryFolder();
    for (const from of [`sqlite:${join(empty, 'a')}`, 'postgresql://nobody@127.0.0.1:1/none']) {
      const run = await docket('copy', '--from', from, '--to', `sqlite:${join(empty, 'b')}`);
      expect(run).toMatchObject({ code: 3, stdout: '' });
    }
    expect(readdirSync(empty)).toEqual([]);
  });

  it('ends with 3 where the target cannot be reached', async () => {
    const from = settingsIn(await folderWithSample())['DOCKET_STORE'] ?? '';
    const run = await docket('copy', '--from', from, '--to', 'postgresql://nobody:secret@127.0.0.1:1/none');
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).not.toContain('secret');
  });
});
