import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonLines, runDocket } from '../support/command-line.ts';
import type { DocketOptions } from '../support/command-line.ts';
import { placesOfNodes } from '../support/nodes.ts';
import { setFileOf } from '../support/read-model-files.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { openFeed } from '../support/service-feed.ts';
import { refusal, startService } from '../support/service.ts';
import type { Answer, Client, RunningService } from '../support/service.ts';
import { sqliteSettings } from '../support/journey-store.ts';
import { untilTrue } from '../support/event-streams.ts';
import { recordStream } from '#state-machines/inspection-recommendation/kind';

const SAID = 'Quillfeather Brackenbury rang on Tuesday';
const TITLE = 'Featherstone and the ledger';
const SECRETS = [SAID, TITLE];
const ISSUED = { title: TITLE, recipients: ['wiltshire'], deadlines: [{ dueOn: '2030-01-01' }] };

/**
 * The timeout in milliseconds, which only ends a hanging test: a stage reads many outputs, some in separate processes.
 */
const STAGE_MS_MAX = 120_000;

/** Runs the command line on the file of a node, regardless of the store of other journeys. */
const onFile = (words: readonly string[], { folder, env }: DocketOptions) =>
  runDocket(words, { folder, env: { ...sqliteSettings(folder), ...env } });

async function printedBy(words: readonly string[], node: DocketOptions): Promise<string> {
  const { code, stdout, stderr } = await onFile(words, node);
  if (code !== 0) throw new Error(`docket ${words.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
}

/** The lists, which are read from the read models. */
const LISTS = [
  '/api/recommendations',
  '/api/recommendations?sort=title',
  '/api/recommendations?limit=1&sort=-title',
  '/api/recommendations?effectiveOn=2026-11-20',
  '/api/recommendations?q=Brackenbury',
  '/api/deadlines',
  '/api/deadlines.ics',
  '/api/statistics',
  '/api/work',
  '/api/inbox',
  '/api/refusals',
];

const everyone = (node: RunningService): Client =>
  node.as(['inspector', 'approver', 'auditor', 'administrator']);

/** Returns what a node answers about one record, and what its command line prints, both from the log. */
async function disclosedByLog(node: RunningService, id: string, byVerbs: boolean): Promise<string> {
  const all = everyone(node);
  const cloud = { accept: 'application/cloudevents-batch+json' };
  const paths: readonly (readonly [string, Record<string, string>?])[] = [
    [`/api/recommendations/${id}`],
    [`/api/recommendations/${id}?effectiveOn=2026-11-20`],
    [`/api/recommendations/${id}/timeline`],
    [`/api/recommendations/${id}/commands`],
    [`/api/recommendations/${id}/statechart`],
    [`/api/recommendations/${id}/events`],
    [`/api/recommendations/${id}/events`, cloud],
    ...[0, 1, 2, 3].map((after) => [`/api/recommendations/${id}/events?limit=1&after=${after}`] as const),
    ['/api/events'],
    ...[0, 1, 2, 3].map((after) => [`/api/events?limit=1&after=${after}`] as const),
  ];
  const texts: string[] = [];
  for (const [path, headers] of paths) {
    const { status, text } = await all.get(path, headers);
    if (status !== 200) throw new Error(`${path} answers ${status}: ${text}`);
    texts.push(text);
  }
  const feed = await openFeed(node.address, all.token, { query: '?after=0' });
  const last = (await all.get('/api/events')).json.items.length;
  texts.push(JSON.stringify(await feed.until(last)));
  feed.close();
  const verbs = [
    ...['register', 'json', 'csv', 'cloudevents'].map((format) => ['export', id, '--format', format]),
    ['replay', id, '--json'],
    ['replay', id],
  ];
  if (byVerbs) texts.push(...(await Promise.all(verbs.map((words) => printedBy(words, node)))));
  return texts.join('\n');
}

const listed = (node: RunningService): Promise<Answer[]> =>
  Promise.all(LISTS.map((path) => everyone(node).get(path)));

/** Checks that lists which lack the redaction say when to come back, and that the others are without the texts. */
async function expectListedWithout(node: RunningService, id: string, isBehind = false): Promise<void> {
  const answers = await listed(node);
  for (const { status, headers, text } of answers) {
    if (status === 503) expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect([200, ...(isBehind ? [503] : [])]).toContain(status);
    const shown = text.replaceAll(/"nextCursor":"([^"]+)"/g, (_, cursor: string) =>
      Buffer.from(cursor, 'base64url').toString(),
    );
    for (const secret of SECRETS) expect(shown).not.toContain(secret);
  }
  if (isBehind) expect(answers[0]).toMatchObject(refusal(503, 'read-model-behind'));
  else expect(answers[0]?.text).toContain(id);
}

const foundBy = async (node: RunningService, query: string): Promise<number> =>
  (await node.as('auditor').get(`/api/recommendations?${query}`)).json.items.length;

async function expectNothingDisclosed(node: RunningService, id: string, byVerbs = true): Promise<void> {
  const text = await disclosedByLog(node, id, byVerbs);
  for (const secret of SECRETS) expect(text).not.toContain(secret);
}

/** Returns the content of a new copy. */
async function bytesOfCopy(node: RunningService): Promise<string> {
  const target = join(temporaryFolder(), 'copy.sqlite');
  const copied = await onFile(
    ['copy', '--from', `sqlite:${join(node.folder, 'docket.sqlite')}`, '--to', `sqlite:${target}`],
    node,
  );
  expect(copied).toMatchObject({ code: 0 });
  return readFileSync(target, 'latin1');
}

/** Returns the content of a new backup. */
async function bytesOfBackup(node: RunningService): Promise<string> {
  const file = join(temporaryFolder(), 'docket.backup');
  expect(await onFile(['backup', file], node)).toMatchObject({ code: 0 });
  return readFileSync(file, 'latin1');
}

/** Redacts title, comment and owner concurrently. Returns the responses in log order, each with its key. */
async function redactAll(
  approver: Client,
  id: string,
): Promise<{ key: string; body: object; answer: Answer }[]> {
  const { items } = (await approver.get(`/api/recommendations/${id}/events`)).json;
  const redactions = [
    ['CommentAdded', '/data/text'],
    ['RecommendationIssued', '/data/title'],
    ['OwnerAssigned', '/data/owner'],
  ].map(async ([type, pointer]) => {
    const eventId = items.find((event) => event.type === type)?.eventId;
    const body = { eventId, pointers: [pointer], reason: 'Names a person.' };
    const key = `redact-${id}-${type}`;
    return {
      key,
      body,
      answer: await approver.command(id, 'redact-comment', body, { 'idempotency-key': key }),
    };
  });
  return (await Promise.all(redactions)).sort((a, b) => a.answer.json.version - b.answer.json.version);
}

async function recordWithTexts(node: RunningService): Promise<string> {
  const inspector = node.as('inspector');
  const id = (await inspector.issue(ISSUED)).json.recommendations[0]?.id as string;
  expect(await inspector.command(id, 'add-comment', { text: SAID })).toMatchObject({ status: 200 });
  const owner = `owner-of-${id}`;
  await node.as('administrator').post('/api/people', { subject: owner, name: 'Ottoline Mordaunt' });
  const owned = await inspector.command(id, 'assign-owner', { owner });
  expect(owned).toMatchObject({ status: 200 });
  // The read models contain all of these texts before the lock.
  await inspector.get(`/api/recommendations?minPosition=${owned.json.position}`);
  expect(await foundBy(node, 'q=Brackenbury')).toBe(1);
  expect(await foundBy(node, `owner=${owner}`)).toBe(1);
  return id;
}

interface Lock {
  release(): void;
}

/** Locks a file as another process does. */
const lockFile = (file: string, ...statements: string[]): Lock => {
  const database = new Database(file);
  for (const statement of statements) {
    const prepared = database.prepare(statement);
    if (prepared.reader) prepared.all();
    else prepared.run();
  }
  return {
    release: () => {
      database.close();
    },
  };
};

const startOnFile = (): Promise<RunningService> => {
  const folder = temporaryFolder();
  return startService({ folder, env: { ...sqliteSettings(folder), DOCKET_SWEEP: 'off' } });
};

/** Returns the file with the rows of the read models. */
const rowsOf = (node: RunningService): string => setFileOf(join(node.folder, 'docket.read-models.sqlite'));

/** Makes the register's projection fail at the record's next event. */
function breakRegister(node: RunningService, id: string): Lock {
  const change = (by: number) => {
    const database = new Database(rowsOf(node));
    database.prepare('update register set version = version + ? where stream = ?').run(by, recordStream(id));
    database.close();
  };
  change(7);
  return {
    release: () => {
      change(-7);
    },
  };
}

/** What stops the erasure, what the report says, whether the lists lack the redaction, and how to stage it. */
type Stage = readonly [
  string,
  waitsFor: string,
  isBehind: boolean,
  stage: (node: RunningService, id: string) => Lock,
];

const STAGES: readonly Stage[] = [
  [
    'a reader that holds the write-ahead log of the store',
    'store',
    false,
    (node) => lockFile(join(node.folder, 'docket.sqlite'), 'begin', 'select count(*) from events'),
  ],
  [
    'another process that holds the lock of the read models',
    'read-models',
    true,
    (node) => lockFile(rowsOf(node), 'begin immediate'),
  ],
  [
    'a reader that holds the write-ahead log of the read models',
    'read-models',
    false,
    (node) => lockFile(rowsOf(node), 'begin', 'select count(*) from bookmark'),
  ],
  ['a projection that has stopped', 'read-models', true, breakRegister],
];

// These locks are on files. The contract of stores and the journeys of several nodes cover other stores.
describe('a redaction whose text cannot be erased from every file at once', () => {
  let own: RunningService;
  beforeAll(async () => {
    own = await startOnFile();
  });
  afterAll(() => own.stop());

  it.each(STAGES)(
    'because of %s reports that, discloses it to no one, and stays ready if it can work',
    async (_, waitsFor, isBehind, stage) => {
      const id = await recordWithTexts(own);
      const lock = stage(own, id);
      const approver = own.as('approver');
      const redacted = await redactAll(approver, id);
      try {
        for (const { answer } of redacted) {
          expect(answer).toMatchObject({ status: 202, json: { erased: { remains: 'pending' } } });
        }
        await expectNothingDisclosed(own, id, waitsFor === 'store');
        await expectListedWithout(own, id, isBehind);
        // Copies contain the log and no read models.
        const copies = waitsFor === 'store' ? [await bytesOfCopy(own), await bytesOfBackup(own)] : [];
        for (const bytes of copies) {
          expect(bytes).toContain(id);
          for (const secret of SECRETS) expect(bytes).not.toContain(secret);
        }
        const ready = await own.as('auditor').get('/health/ready');
        // A reader alone does not make the service unready.
        if (stage !== breakRegister) expect(ready).toMatchObject({ status: 200, json: { status: 'ready' } });
        const readyNow = JSON.parse(ready.text) as { erasures: { position: string; waitsFor: string }[] };
        expect(readyNow.erasures.map(({ position }) => position)).toEqual(
          redacted.map(({ answer }) => answer.json.position),
        );
        expect(readyNow.erasures[0]?.waitsFor).toBe(waitsFor);
        const [first] = redacted;
        const again = await approver.command(id, 'redact-comment', first?.body, {
          'idempotency-key': first?.key,
        });
        expect(again).toMatchObject({ status: 202, json: { erased: { remains: 'pending' } } });
      } finally {
        lock.release();
      }
      await untilTrue(async () => !(await own.as('auditor').get('/health/ready')).text.includes('erasures'));
      for (const { key, body, answer } of redacted) {
        const now = await approver.command(id, 'redact-comment', body, { 'idempotency-key': key });
        expect(now).toMatchObject({ status: 200, json: { erased: { remains: 'nowhere' } } });
        expect(now.json.version).toBe(answer.json.version);
      }
      for (const file of readdirSync(own.folder).filter((name) => /^docket\..*sqlite/.test(name))) {
        const bytes = readFileSync(join(own.folder, file), 'latin1').toLowerCase();
        for (const secret of SECRETS) expect(bytes).not.toContain(secret.toLowerCase());
      }
    },
    STAGE_MS_MAX,
  );

  it('leaves a log that verifies', async () => {
    expect(jsonLines(await onFile(['verify', '--json'], own)).at(-1)).toMatchObject({ ok: true });
  });
});

describe('another node, whose read models are behind', () => {
  it(
    'discloses nothing that was redacted and answered elsewhere',
    async () => {
      const [one, two] = await Promise.all(
        placesOfNodes(sqliteSettings).map((place) => {
          const env = {
            ...place.env,
            DOCKET_READ_MODELS: `sqlite:${join(place.folder, 'docket.read-models.sqlite')}`,
          };
          return startService({ ...place, env });
        }),
      );
      const [here, there] = [one as RunningService, two as RunningService];
      // The second node's command line uses the same store.
      const env = { DOCKET_STORE: `sqlite:${join(here.folder, 'docket.sqlite')}` };
      const id = await recordWithTexts(here);
      await untilTrue(async () => (await foundBy(there, 'q=Brackenbury')) === 1);
      const lock = lockFile(rowsOf(there), 'begin immediate');
      const redacted = await redactAll(here.as('approver'), id);
      for (const { answer } of redacted) expect(answer).toMatchObject({ status: 200 });
      await expectNothingDisclosed(Object.assign(there, { env }), id);
      await expectListedWithout(there, id, true);
      await expectListedWithout(here, id);
      lock.release();
      await untilTrue(async () => (await everyone(there).get('/api/recommendations')).status === 200);
      await expectListedWithout(there, id);
      await Promise.all([here.stop(), there.stop()]);
    },
    STAGE_MS_MAX,
  );
});
