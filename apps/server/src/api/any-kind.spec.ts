import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pino from 'pino';
import { systemClock } from '#event-sourcing/clock';
import { loadOrCreateDevelopmentKey } from '#identity/development-key';
import { issueToken } from '#identity/tokens';
import type { CommandedLifecycle } from '#lifecycle/lifecycles';
import type { DocketNode } from '#platform/node';
import { untilTrue } from '#test/support/event-streams';
import { startWebhookReceiver } from '#test/support/receivers';
import { ServiceDocument } from '#test/support/service-document';
import { temporaryFolder } from '#test/support/temporary-folder';

const VALIDATOR = fileURLToPath(
  new URL(
    '../../../../node_modules/@seriousme/openapi-schema-validator/bin/validate-api-cli.js',
    import.meta.url,
  ),
);
const ignore = (): void => undefined;
const REPORTS = {
  ...{ onError: ignore, onProjectorError: ignore, onFailure: ignore },
  ...{ onWarning: ignore, onSwept: ignore, onDelivery: ignore },
};

interface Listed {
  readonly hasRecommendations: boolean;
  readonly path?: string;
}

/** The service with other lifecycles. Its worker threads, which fold and read the read models, have this build's. */
class Served {
  readonly folder = temporaryFolder();
  #node!: DocketNode<true>;
  #app?: NestFastifyApplication;
  #address!: string;
  document!: ServiceDocument;

  async start({ hasRecommendations, path = 'letters' }: Listed): Promise<void> {
    jest.resetModules();
    jest.unstable_mockModule('#state-machines/lifecycles', async () => {
      const { Lifecycles } = await import('#lifecycle/lifecycles');
      const { recommendations } = await import('#state-machines/inspection-recommendation/versions');
      const { letters } = await import('#test/second-lifecycle/letters');
      const listed = { ...letters, kind: { ...letters.kind, path } };
      const all = [...(hasRecommendations ? recommendations : []), listed];
      const lifecycles = new Lifecycles<unknown, CommandedLifecycle>(...all);
      return { lifecycles };
    });
    const { openNode } = await import('#platform/node');
    const { readSettings } = await import('#platform/settings');
    const { createApp } = await import('../app.ts');
    const work = { http: true as const, project: true, sweep: null, checkpoints: null, notify: true };
    this.#node = await openNode(readSettings(this.#settings()), REPORTS, work);
    this.#node.start();
    this.#app = await createApp(this.#node, pino({ level: 'silent' }));
    await this.#app.listen(0, '127.0.0.1');
    const { port } = this.#app.getHttpServer().address() as { port: number };
    this.#address = `http://127.0.0.1:${port}`;
    const document: unknown = await (await fetch(`${this.#address}/api/openapi.json`)).json();
    this.document = new ServiceDocument(document as ServiceDocument['openApi']);
  }

  #settings(): Record<string, string> {
    const at = (name: string): string => join(this.folder, name);
    return {
      DOCKET_STORE: `sqlite:${at('docket.sqlite')}`,
      DOCKET_DEVELOPMENT_KEY: at('key.jwk'),
      DOCKET_SESSION_KEY: at('session.jwk'),
      DOCKET_CHECKPOINT_KEY: at('checkpoint.pem'),
      DOCKET_CHECKPOINT_MEMORY: at('memory.sqlite'),
    };
  }

  async stop(): Promise<void> {
    await this.#app?.close();
    await this.#node.close();
  }

  /** Sends a request in a role. The response matches the API description. */
  async send(role: string, url: string, payload?: object) {
    const token = await issueToken(
      await loadOrCreateDevelopmentKey(join(this.folder, 'key.jwk')),
      {
        ...{ subject: `${role}-1`, roles: [role], organisations: [], expiresInSeconds: 600 },
      },
      systemClock.now(),
    );
    const method = payload === undefined ? 'GET' : 'POST';
    const answer = await fetch(this.#address + url, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(payload !== undefined && { body: JSON.stringify(payload) }),
    });
    const { status, headers } = answer;
    const text = await answer.text();
    this.document.check(method, url, { status, headers: Object.fromEntries(headers), text });
    const isJson = headers.get('content-type')?.includes('json') === true;
    return { status, json: isJson ? (JSON.parse(text) as unknown) : null };
  }
}

const problem = (status: number, code: string) => ({
  status,
  json: { type: `urn:docket:problem:${code}` },
});
const ONE = '/api/letters/1';

describe.each([
  ['beside recommendations', true],
  ['alone', false],
])('letters %s', (_, hasRecommendations) => {
  const served = new Served();
  const typesOf = async (): Promise<string[]> => {
    const { json } = await served.send('inspector', `${ONE}/events`);
    return (json as { items: { type: string }[] }).items.map(({ type }) => type);
  };

  beforeAll(async () => {
    await served.start({ hasRecommendations });
    expect(await served.send('inspector', '/api/letters', { id: '1', text: 'Dear Kent' })).toMatchObject({
      status: 201,
      json: { letters: [{ id: '1', version: 1, status: 'draft' }] },
    });
  });
  afterAll(() => served.stop());

  test.each([
    ['to issue one in another role', 'auditor', '/api/letters', { text: 'No' }, 403, 'role-not-permitted'],
    [
      'of another lifecycle',
      'approver',
      `${ONE}/commands/add-comment`,
      { text: 'A' },
      404,
      'unknown-command',
    ],
    [
      'before the letter was written',
      'inspector',
      `${ONE}/commands/send-letter`,
      { effectiveOn: '2020-01-01' },
      422,
      'effective-date-before-letter',
    ],
  ])('refuse a command %s, and record nothing', async (_what, role, url, body, status, code) => {
    expect(await served.send(role, url, body)).toMatchObject(problem(status, code));
    expect(await typesOf()).toEqual(['LetterWritten']);
  });

  test('are moved, and read by every path', async () => {
    expect(await served.send('inspector', `${ONE}/commands/send-letter`, {})).toMatchObject({ status: 200 });
    const answered = await served.send('approver', `${ONE}/commands/answer-letter`, { answer: 'Dear Ann' });
    expect(answered).toMatchObject({
      status: 200,
      json: { status: 'answered', state: { post: 'answered' } },
    });
    expect(await typesOf()).toEqual(['LetterWritten', 'LetterSent', 'LetterAnswered']);
    expect((await served.send('inspector', ONE)).json).toMatchObject({
      ...{ id: '1', status: 'answered', version: 3, lifecycle: { name: 'letter' }, text: 'Dear Kent' },
      says: { answer: 'Dear Ann' },
    });
    const ways = [
      'timeline',
      'commands',
      'statechart',
      'export',
      'export?format=csv',
      'compare?from=v1&to=v3',
    ];
    for (const path of ways)
      expect([path, (await served.send('inspector', `${ONE}/${path}`)).status]).toEqual([path, 200]);
    expect(await served.send('auditor', `${ONE}/pack`)).toMatchObject({ status: 200 });
    expect(await served.send('inspector', `${ONE}/export?format=register`)).toMatchObject(
      problem(400, 'invalid-parameter'),
    );
  });

  test('are sent to webhooks, each event as it is recorded', async () => {
    const receiver = await startWebhookReceiver();
    const hook = { url: receiver.url, audience: 'inspectorate', kinds: ['letter'] };
    expect(await served.send('administrator', '/api/webhooks', hook)).toMatchObject({ status: 201 });
    expect(await served.send('inspector', '/api/letters', { id: '2', text: 'Dear Avon' })).toMatchObject({
      status: 201,
    });
    await untilTrue(() => receiver.requests.length > 0);
    expect(JSON.parse(receiver.requests[0]!.body)).toMatchObject({
      type: 'LetterWritten',
      data: { kind: 'letter', id: '2', url: '/letters/2', event: { data: { text: 'Dear Avon' } } },
    });
    await receiver.close();
  });

  test('are in the lists of auditors', async () => {
    const [own, other] = hasRecommendations ? ['recommendation', 'record'] : ['record', 'recommendation'];
    const { json } = await served.send('auditor', `/api/refusals?${own}=1`);
    expect((json as { readonly items: readonly unknown[] }).items).not.toEqual([]);
    expect(await served.send('auditor', `/api/refusals?${other}=1`)).toMatchObject(
      problem(400, 'invalid-parameter'),
    );
  });

  test('are one of the kinds that the API names', async () => {
    const { json } = await served.send('auditor', '/api/kinds');
    const { items } = json as { readonly items: readonly { readonly kind: string }[] };
    const others = hasRecommendations ? ['inspection-recommendation'] : [];
    expect(items.map(({ kind }) => kind)).toEqual([...others, 'letter']);
    expect(items.at(-1)).toEqual({
      ...{ kind: 'letter', path: 'letters', versions: [1] },
      noun: { singular: 'letter', plural: 'letters' },
      commands: ['send-letter', 'answer-letter', 'file-letter'],
    });
  });

  test('have operations, tags and schemas of their own in the document, which is valid', async () => {
    const { paths, components } = served.document.openApi;
    const written = paths['/api/letters']?.['post'];
    expect(written).toMatchObject({
      operationId: hasRecommendations ? 'letterIssue' : 'issue',
      tags: ['Letters'],
      requestBody: {
        content: { 'application/json': { schema: { $ref: '#/components/schemas/WriteLetterPayload' } } },
      },
    });
    expect(Object.keys(paths).filter((path) => path.includes('/letters/{id}/commands/'))).toHaveLength(3);
    const listed = paths['/api/letters']?.['get']?.parameters?.map((parameter) => parameter.name) ?? [];
    expect(listed).toEqual(expect.arrayContaining(['status', 'queue', 'issuedFrom', 'q', 'minPosition']));
    for (const name of ['deadline', 'owner', 'recipient', 'without', 'closure', 'extension', 'issue'])
      expect(listed).not.toContain(name);
    expect(Object.hasOwn(paths, '/api/recommendations')).toBe(hasRecommendations);
    const parametersOf = (path: string) => paths[path]?.['get']?.parameters?.map(({ name }) => name) ?? [];
    for (const path of ['/api/events', '/api/refusals', '/api/accesses', '/api/audit/proofs/inclusion'])
      expect([path, parametersOf(path).includes(hasRecommendations ? 'recommendation' : 'record')]).toEqual([
        path,
        true,
      ]);
    for (const path of ['/api/statistics', '/api/statistics/series', '/api/deadlines'])
      for (const name of ['recipient', ...(path === '/api/statistics' ? ['issue', 'owner', 'without'] : [])])
        expect([path, name, parametersOf(path).includes(name)]).toEqual([path, name, hasRecommendations]);
    // Routes that only registers need are absent.
    expect(Object.hasOwn(paths, '/api/imports')).toBe(hasRecommendations);
    expect(components.schemas).toHaveProperty('LetterWrittenData');
    expect(components.schemas).toHaveProperty('LetterRecord');
    const ids = Object.values(paths).flatMap((item) => Object.values(item).map((each) => each.operationId));
    expect(new Set(ids).size).toBe(ids.length);
    const file = join(served.folder, 'openapi.json');
    writeFileSync(file, JSON.stringify(served.document.openApi));
    await promisify(execFile)(process.execPath, [VALIDATOR, file]);
  });
});

test('given a kind whose path has something else of the service, then the service does not start', async () => {
  const served = new Served();
  await expect(served.start({ hasRecommendations: true, path: 'assets' })).rejects.toThrow(
    'letter.path: "assets" is taken by /assets/*; choose another name',
  );
  await served.stop();
});
