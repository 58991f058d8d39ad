import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { jsonLines, runDocket } from '../support/command-line.ts';
import { askAll, printedByVerbs } from '../support/disclosures.ts';
import type { Asked, Shown } from '../support/disclosures.ts';
import { untilTrue } from '../support/event-streams.ts';
import { postgresqlSettings, sqliteSettings } from '../support/journey-store.ts';
import { placesOfNodes } from '../support/nodes.ts';
import { dropStore, postgresqlUrl } from '../support/postgresql-stores.ts';
import { startWebhookReceiver } from '../support/receivers.ts';
import type { WebhookReceiver } from '../support/receivers.ts';
import { startService } from '../support/service.ts';
import type { Answer, Client, RunningService } from '../support/service.ts';
import { eventually } from '../support/service-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const WORD = 'Brackenbury';
const SAID = `Quillfeather ${WORD} rang on Tuesday`;
const TITLE = 'Featherstone and the ledger';
const NAME = 'Ottoline Mordaunt';
const SECRETS = [SAID, TITLE, NAME];

/** The timeout in milliseconds, which only ends a hanging test: a stage reads many outputs, some in separate processes. */
const STAGE_MS_MAX = 120_000;

let hook: WebhookReceiver;
beforeAll(async () => {
  hook = await startWebhookReceiver();
});
afterAll(() => hook.close());

const administrator = (node: RunningService): Client => node.as('administrator');

/** Returns a record with a title, a comment and an owner, to whom a calendar link belongs. */
async function recordWithTexts(node: RunningService): Promise<Asked> {
  const inspector = node.as('inspector');
  const made = await administrator(node).post('/api/webhooks', {
    url: hook.url,
    audience: 'inspectorate',
    types: ['CommentAdded', 'RecommendationIssued'],
  });
  const issued = await inspector.issue({
    title: TITLE,
    recipients: ['wiltshire'],
    deadlines: [{ dueOn: '2030-01-01' }],
  });
  const id = issued.json.recommendations[0]?.id as string;
  expect(await inspector.command(id, 'add-comment', { text: SAID, visibility: 'public' })).toMatchObject({
    status: 200,
  });
  const owner = `owner-of-${id}`;
  await administrator(node).post('/api/people', { subject: owner, name: NAME });
  const owned = await inspector.command(id, 'assign-owner', { owner });
  expect(owned).toMatchObject({ status: 200 });
  const link = (await inspector.post('/api/calendar-links', {})).json as unknown as { url: string };
  await inspector.get(`/api/recommendations?minPosition=${owned.json.position}`);
  const { pathname, search } = new URL(link.url);
  return { id, owner, webhook: made.json.id, calendar: pathname + search, word: WORD };
}

interface Redacted {
  readonly key: string;
  readonly body: object;
  readonly answer: Answer;
}

/** Redacts title, comment and owner concurrently. Returns the responses in log order, each with its key. */
async function redactAll(node: RunningService, { id }: Asked): Promise<Redacted[]> {
  const approver = node.as('approver');
  const { items } = (await approver.get(`/api/recommendations/${id}/events`)).json;
  const redactions = [
    ['CommentAdded', '/data/text'],
    ['RecommendationIssued', '/data/title'],
    ['OwnerAssigned', '/data/owner'],
  ].map(async ([type, pointer]) => {
    const eventId = items.find((event) => event.type === type)?.eventId;
    const body = { eventId, pointers: [pointer], reason: 'Names a person.' };
    const key = `redact-${id}-${type}`;
    const answer = await approver.command(id, 'redact-comment', body, { 'idempotency-key': key });
    return { key, body, answer };
  });
  return (await Promise.all(redactions)).sort((a, b) => a.answer.json.version - b.answer.json.version);
}

const eraseName = (node: RunningService, { owner }: Asked): Promise<Answer> =>
  node.request('DELETE', `/api/people/${owner}/name`, { token: administrator(node).token });

/** The secrets that an answer contains, with its path. A name that was not erased is none. */
const foundIn = (shown: readonly Shown[], secrets: readonly string[]): string[] =>
  shown.flatMap(({ path, text }) =>
    secrets.filter((secret) => text.includes(secret)).map((secret) => `${path}: ${secret}`),
  );

/** The lists of the read models, by what answers them. */
const LISTS = [
  '/',
  '/api/deadlines',
  '/api/deadlines.ics',
  '/api/inbox',
  '/api/recommendations',
  '/api/statistics',
  '/api/work',
  '/deadlines',
  '/inbox',
  '/recommendations',
  '/recommendations.csv',
  '/statistics',
];

/** Checks that a node answers without the secrets; if its read models lack a redaction, its lists say when to come back. */
async function expectShownWithout(
  node: RunningService,
  asked: Asked,
  {
    secrets = SECRETS,
    isBehind = false,
  }: { readonly secrets?: readonly string[]; readonly isBehind?: boolean } = {},
): Promise<void> {
  const shown = await askAll(node, asked);
  expect(foundIn(shown, secrets)).toEqual([]);
  const refused = shown.filter(({ status }) => status >= 500);
  expect(refused.filter(({ status, retryAfter }) => status !== 503 || retryAfter === null)).toEqual([]);
  const paths = refused.map(({ path }) => path);
  expect(LISTS.filter((list) => paths.includes(list))).toEqual(isBehind ? LISTS : []);
  if (!isBehind) expect(paths).toEqual([]);
}

/** Returns the files of a folder that contain a secret, also in the lower case of a search index. */
const filesWith = (folder: string, secrets: readonly string[]): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((each) => each.isFile() && each.name.includes('sqlite'))
    .map(({ name }) => name)
    .filter((name) => {
      const bytes = readFileSync(join(folder, name), 'latin1').toLowerCase();
      return secrets.some((secret) => bytes.includes(secret.toLowerCase()));
    });

const inFiles = (folder: string) => ({ ...sqliteSettings(folder), DOCKET_SWEEP: 'off' });
const startOnFile = (folder = temporaryFolder()): Promise<RunningService> =>
  startService({ folder, env: inFiles(folder) });

describe('a text that was redacted, and a name that was erased', () => {
  let node: RunningService;
  let asked: Asked;
  const folder = temporaryFolder();
  const backup = join(folder, 'before.backup');

  beforeAll(async () => {
    node = await startOnFile(folder);
    asked = await recordWithTexts(node);
    expect(await node.as('auditor').post('/api/audit/checkpoints')).toMatchObject({ status: 201 });
    expect(await runDocket(['backup', backup], { folder, env: inFiles(folder) })).toMatchObject({ code: 0 });
  });
  afterAll(() => node.stop());

  it(
    'are nowhere after the answer: in no page, list, search, feed, export, message, pack, or file',
    async () => {
      const before = await askAll(node, asked);
      expect(before.filter(({ status }) => status >= 400).map(({ path }) => path)).toEqual([]);
      // Otherwise their absence would prove nothing.
      const { id } = asked;
      for (const path of [
        `/recommendations/${id}`,
        `/api/recommendations/${id}/pack`,
        'feed',
        ...LISTS.slice(1, 3),
      ])
        expect(foundIn(before, [TITLE])).toContain(`${path}: ${TITLE}`);
      expect(foundIn(before, [NAME]).length).toBeGreaterThan(2);
      await untilTrue(() => Promise.resolve(hook.requests.some(({ body }) => body.includes(SAID))));

      for (const { answer } of await redactAll(node, asked))
        expect(answer).toMatchObject({ status: 200, json: { erased: { remains: 'nowhere' } } });
      expect(await eraseName(node, asked)).toMatchObject({ status: 200 });

      await expectShownWithout(node, asked);
      expect(foundIn(await printedByVerbs(node, id), SECRETS)).toEqual([]);
      expect(filesWith(folder, SECRETS)).toEqual([]);
      const sent = hook.requests.length;
      const { items } = (await administrator(node).get(`/api/webhooks/${asked.webhook}/deliveries`)).json;
      expect(items.length).toBeGreaterThan(1);
      for (const { id: delivery } of items) {
        const again = `/api/webhooks/${asked.webhook}/deliveries/${delivery}/redeliver`;
        expect((await administrator(node).post(again)).status).toBeLessThan(300);
      }
      await untilTrue(() => Promise.resolve(hook.requests.length >= sent + items.length));
      for (const { body } of hook.requests.slice(sent))
        for (const secret of SECRETS) expect(body).not.toContain(secret);
    },
    STAGE_MS_MAX,
  );

  it(
    'do not come back with a backup',
    async () => {
      expect(await node.stop()).toMatchObject({ code: 0 });
      mkdirSync(join(folder, 'lost'));
      for (const name of readdirSync(folder).filter((each) => /^docket\.sqlite/.test(each)))
        renameSync(join(folder, name), join(folder, 'lost', name));
      // Checkpoints were signed after the backup.
      for (const words of [
        ['restore', backup],
        ['checkpoint', '--adopt', 'restored'],
      ])
        expect(await runDocket(words, { folder, env: inFiles(folder) })).toMatchObject({ code: 0 });
      expect(filesWith(folder, SECRETS)).toEqual([]);
      node = await startOnFile(folder);
      await expectShownWithout(node, asked);
    },
    STAGE_MS_MAX,
  );
});

interface Lock {
  release(): void;
}

/** Locks files as another process does. */
function lockFiles(files: readonly string[], ...statements: readonly string[]): Lock {
  const databases = files.map((file) => {
    const database = new Database(file);
    for (const statement of statements) {
      const prepared = database.prepare(statement);
      if (prepared.reader) prepared.all();
      else prepared.run();
    }
    return database;
  });
  return {
    release: () => {
      for (const database of databases) database.close();
    },
  };
}

/** Returns the files with the rows of a node's read models. */
const readModels = ({ folder }: RunningService): string[] =>
  readdirSync(folder)
    .filter((name) => /read-models\.sqlite/.test(name) && !/-(?:wal|shm)$/.test(name))
    .map((name) => join(folder, name));

/** What stops the erasure, what the report says, whether the lists lack the redaction, and how to stage it. */
type Stage = readonly [string, waitsFor: string, isBehind: boolean, stage: (node: RunningService) => Lock];

const STAGES: readonly Stage[] = [
  [
    'a reader that holds the write-ahead log of the store',
    'store',
    false,
    (node) => lockFiles([join(node.folder, 'docket.sqlite')], 'begin', 'select count(*) from events'),
  ],
  [
    'a projector that cannot write',
    'read-models',
    true,
    (node) => lockFiles(readModels(node), 'begin immediate'),
  ],
  [
    'a reader that holds the write-ahead log of the read models',
    'read-models',
    false,
    (node) => lockFiles(readModels(node), 'begin', 'select count(*) from sqlite_schema'),
  ],
];

// These locks are on files. The contract of stores and the journeys of several nodes cover other stores.
describe('a redaction that cannot take effect everywhere at once', () => {
  let own: RunningService;
  beforeAll(async () => {
    own = await startOnFile();
  });
  afterAll(() => own.stop());

  it.each(STAGES)(
    'because of %s reports that, and is disclosed to no one',
    async (_, waitsFor, isBehind, stage) => {
      const asked = await recordWithTexts(own);
      const { id } = asked;
      const secrets = [SAID, TITLE];
      const lock = stage(own);
      const redacted = await redactAll(own, asked);
      try {
        for (const { answer } of redacted)
          expect(answer).toMatchObject({
            status: 202,
            json: { erased: { remains: 'pending', detail: expect.stringContaining('is stored') as unknown } },
          });
        await expectShownWithout(own, asked, { secrets, isBehind });
        const ready = await own.as('auditor').get('/health/ready');
        expect(ready).toMatchObject({ status: 200, json: { status: 'ready' } });
        const { erasures } = JSON.parse(ready.text) as { erasures: { position: string; waitsFor: string }[] };
        expect(erasures.map(({ position }) => position)).toEqual(
          redacted.map(({ answer }) => answer.json.position),
        );
        expect(erasures[0]?.waitsFor).toBe(waitsFor);
      } finally {
        lock.release();
      }
      await untilTrue(async () => !(await own.as('auditor').get('/health/ready')).text.includes('erasures'));
      for (const { key, body, answer } of redacted) {
        const again = await own
          .as('approver')
          .command(id, 'redact-comment', body, { 'idempotency-key': key });
        expect(again).toMatchObject({ status: 200, json: { erased: { remains: 'nowhere' } } });
        expect(again.json.version).toBe(answer.json.version);
      }
      expect(filesWith(own.folder, secrets)).toEqual([]);
    },
    STAGE_MS_MAX,
  );

  it('leaves a log that verifies', async () => {
    const options = { folder: own.folder, env: inFiles(own.folder) };
    expect(jsonLines(await runDocket(['verify', '--json'], options)).at(-1)).toMatchObject({ ok: true });
  });
});

describe('another node on PostgreSQL, with read models of its own that are behind', () => {
  it(
    'shows nothing that was redacted and answered elsewhere',
    async () => {
      const url = await postgresqlUrl();
      const [place, other] = placesOfNodes((folder) => postgresqlSettings(folder, url));
      if (place === undefined || other === undefined) throw new Error('there are two places');
      const itsOwn = `sqlite:${join(other.folder, 'own.read-models.sqlite')}`;
      const here = await startService(place);
      const there = await startService({ ...other, env: { ...other.env, DOCKET_READ_MODELS: itsOwn } });
      const asked = await recordWithTexts(here);
      await eventually(
        () => there.as('auditor').get(`/api/recommendations?q=${WORD}`),
        ({ status, json }) => status === 200 && json.items.length === 1,
      );
      const secrets = [SAID, TITLE];
      const lock = lockFiles(readModels(there), 'begin immediate');
      for (const { answer } of await redactAll(here, asked)) expect(answer).toMatchObject({ status: 200 });
      await expectShownWithout(there, asked, { secrets, isBehind: true });
      await expectShownWithout(here, asked, { secrets });
      lock.release();
      await untilTrue(async () => (await there.as('auditor').get('/api/recommendations')).status === 200);
      await expectShownWithout(there, asked, { secrets });
      await Promise.all([here.stop(), there.stop()]);
      await dropStore(place.env['DOCKET_STORE'] as string);
    },
    STAGE_MS_MAX,
  );
});
