import { beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { untilTrue } from '../support/event-streams.ts';
import { startWebhookReceiver } from '../support/receivers.ts';
import { refusal } from '../support/service.ts';
import type { Answer, RunningService } from '../support/service.ts';

const VALIDATOR = fileURLToPath(
  new URL('../../node_modules/@seriousme/openapi-schema-validator/bin/validate-api-cli.js', import.meta.url),
);
const ONE = '/api/letters/1';

/** Tests the API of letters in a service with these other kinds. */
export const describeLettersApi = (served: () => RunningService, others: readonly string[]): void => {
  describe(`the API of letters ${others.length > 0 ? 'beside other kinds' : 'alone'}`, () => {
    const hasRecommendations = others.includes('inspection-recommendation');
    const send = (role: string, url: string, body?: object): Promise<Answer> => {
      const token = served().token(role, { subject: `${role}-1` });
      return served().request(body === undefined ? 'GET' : 'POST', url, { token, body });
    };
    const typesOf = async () => (await send('inspector', `${ONE}/events`)).json.items.map(({ type }) => type);

    beforeAll(async () => {
      expect(await send('inspector', '/api/letters', { id: '1', text: 'Dear Kent' })).toMatchObject({
        status: 201,
        json: { letters: [{ id: '1', version: 1, status: 'draft' }] },
      });
    });

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
      expect(await send(role, url, body)).toMatchObject(refusal(status, code));
      expect(await typesOf()).toEqual(['LetterWritten']);
    });

    test('are moved, and read by every path', async () => {
      expect(await send('inspector', `${ONE}/commands/send-letter`, {})).toMatchObject({ status: 200 });
      const answered = await send('approver', `${ONE}/commands/answer-letter`, { answer: 'Dear Ann' });
      expect(answered).toMatchObject({
        status: 200,
        json: { status: 'answered', state: { post: 'answered' } },
      });
      expect(await typesOf()).toEqual(['LetterWritten', 'LetterSent', 'LetterAnswered']);
      expect((await send('inspector', ONE)).json).toMatchObject({
        ...{ id: '1', status: 'answered', version: 3, lifecycle: { name: 'letter' }, text: 'Dear Kent' },
        says: { answer: 'Dear Ann' },
      });
      const paths = ['timeline', 'commands', 'statechart', 'export', 'export?format=csv'];
      for (const path of paths)
        expect([path, (await send('inspector', `${ONE}/${path}`)).status]).toEqual([path, 200]);
      expect(await send('auditor', `${ONE}/pack`)).toMatchObject({ status: 200 });
      expect(await send('inspector', `${ONE}/export?format=register`)).toMatchObject(
        refusal(400, 'invalid-parameter'),
      );
    });

    test('are sent to webhooks, each event as it is recorded', async () => {
      const receiver = await startWebhookReceiver();
      const hook = { url: receiver.url, audience: 'inspectorate', kinds: ['letter'] };
      expect(await send('administrator', '/api/webhooks', hook)).toMatchObject({ status: 201 });
      expect(await send('inspector', '/api/letters', { id: '2', text: 'Dear Avon' })).toMatchObject({
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
      const { json } = await send('auditor', `/api/refusals?${own}=1`);
      expect(json.items).not.toEqual([]);
      expect(await send('auditor', `/api/refusals?${other}=1`)).toMatchObject(
        refusal(400, 'invalid-parameter'),
      );
    });

    test('are one of the kinds that the API names', async () => {
      const { json } = await send('auditor', '/api/kinds');
      const items = json.items as unknown as readonly { readonly kind: string }[];
      expect(items.map(({ kind }) => kind)).toEqual(expect.arrayContaining([...others, 'letter']));
      expect(items.at(-1)).toEqual({
        ...{ kind: 'letter', path: 'letters', versions: [1] },
        noun: { singular: 'letter', plural: 'letters' },
        commands: ['send-letter', 'answer-letter', 'file-letter'],
      });
    });

    test('have operations, tags and schemas of their own in the document, which is valid', async () => {
      const { paths, components } = served().document.openApi;
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
      for (const path of ['/api/events', '/api/refusals', '/api/accesses'])
        expect([path, parametersOf(path).includes(hasRecommendations ? 'recommendation' : 'record')]).toEqual(
          [path, true],
        );
      for (const path of ['/api/statistics', '/api/statistics/series', '/api/deadlines'])
        for (const name of [
          'recipient',
          ...(path === '/api/statistics' ? ['issue', 'owner', 'without'] : []),
        ])
          expect([path, name, parametersOf(path).includes(name)]).toEqual([path, name, hasRecommendations]);
      // Routes that only registers need are absent.
      expect(Object.hasOwn(paths, '/api/imports')).toBe(hasRecommendations);
      expect(components.schemas).toHaveProperty('LetterWrittenData');
      expect(components.schemas).toHaveProperty('LetterRecord');
      const ids = Object.values(paths).flatMap((item) => Object.values(item).map((each) => each.operationId));
      expect(new Set(ids).size).toBe(ids.length);
      const file = join(served().folder, 'openapi.json');
      writeFileSync(file, JSON.stringify(served().document.openApi));
      await promisify(execFile)(process.execPath, [VALIDATOR, file]);
    });
  });
};
