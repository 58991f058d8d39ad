import { beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '#event-sourcing/envelope';
import { valueAt } from '#event-sourcing/erasure';
import { runDocket } from '../support/command-line.ts';
import { refusal, startService } from '../support/service.ts';
import type { Answer, AnswerItem, Client, RunningService } from '../support/service.ts';

const SAMPLE = readFileSync(fileURLToPath(new URL('../fixtures/730.txt', import.meta.url)));
const FORMATS = ['register', 'json', 'csv', 'cloudevents'] as const;

let service: RunningService;
let inspector: Client;
let approver: Client;
let auditor: Client;
let forceLead: Client;

beforeAll(async () => {
  service = await startService();
  inspector = service.as('inspector');
  approver = service.as('approver');
  auditor = service.as('auditor');
  forceLead = service.as('force-lead', { organisations: ['wiltshire'] });
  await inspector.import(SAMPLE, '?recipient=wiltshire');
});

interface Exported {
  readonly events: readonly AnswerItem[];
  readonly withheld: readonly { readonly eventId: string; readonly pointer: string }[];
}

const exported = (id: string, format: string, person: Client = inspector): Promise<Answer> =>
  person.get(`/api/recommendations/${id}/export?format=${format}`);
const jsonOf = async (id: string, person: Client): Promise<Exported> =>
  JSON.parse((await exported(id, 'json', person)).text) as Exported;

/** Creates a record with an internal comment, a redacted one, and a pending response. */
async function secretive(): Promise<string> {
  const { json } = await inspector.issue({ responseRequired: true });
  const id = json.recommendations[0]?.id as string;
  const key = { 'idempotency-key': `secretive-${id}` };
  await inspector.command(id, 'add-comment', { text: 'Between us: zanzibar', visibility: 'internal' }, key);
  const open = await inspector.command(id, 'add-comment', { text: 'Ann is ill.', visibility: 'public' });
  const { eventId } = open.json.events[0]!;
  await approver.command(id, 'redact-comment', { eventId, reason: 'It tells of the illness of zanzibar.' });
  return id;
}

describe('a record as a file', () => {
  it.each([
    ['', 'text/plain; charset=utf-8', '730.txt'],
    ['?format=register', 'text/plain; charset=utf-8', '730.txt'],
    ['?format=json', 'application/json; charset=utf-8', '730.json'],
    ['?format=csv', 'text/csv; charset=utf-8; header=present', '730.csv'],
    ['?format=cloudevents', 'application/cloudevents-batch+json; charset=utf-8', '730.cloudevents.json'],
  ])('comes for %j as %s, to be kept as %s', async (query, mediaType, name) => {
    expect(await inspector.get(`/api/recommendations/730/export${query}`)).toMatchObject({
      status: 200,
      headers: {
        'content-type': mediaType,
        'content-disposition': `attachment; filename="${name}"`,
        'cache-control': 'no-store',
      },
    });
  });

  it('is the imported bytes, also where they are not UTF-8', async () => {
    expect((await exported('730', 'register')).text).toBe(SAMPLE.toString());
    const odd = Buffer.from('A title (odd-1)\r\n\r\nCaf\xe9 text.\r\n', 'latin1');
    await inspector.import(odd);
    const answer = await exported('odd-1', 'register');
    expect(answer.headers['content-type']).toBe('text/plain');
    expect(answer.headers['content-length']).toBe(String(odd.length));
  });

  it('is the same at the command line, for a user who sees everything', async () => {
    const id = await secretive();
    for (const format of FORMATS) {
      const printed = await runDocket(['export', id, '--format', format], { folder: service.folder });
      expect(printed.stdout).toBe((await exported(id, format, auditor)).text);
    }
  });

  it.each(['xml', '', 'JSON', 'json&format=csv'])('is not returned as %j', async (format) => {
    expect(await exported('730', format)).toMatchObject(
      refusal(400, 'invalid-parameter', { errors: [{ pointer: '/format' }] }),
    );
  });
});

describe('a text that a caller may not read', () => {
  it('is in no form of the file', async () => {
    const id = await secretive();
    const others = (['force-lead', 'commissioner', 'administrator', 'scheduler'] as const).map((role) =>
      service.as(role, { organisations: ['wiltshire'] }),
    );
    for (const person of others) {
      for (const format of FORMATS) {
        const { status, text } = await exported(id, format, person);
        expect(status).toBe(200);
        expect(text).not.toMatch(/zanzibar|Ann is ill/);
      }
    }
    expect((await exported(id, 'register')).text).not.toMatch(/zanzibar|Ann is ill/);
    for (const format of ['json', 'csv', 'cloudevents']) {
      expect((await exported(id, format)).text).toContain('zanzibar');
      expect((await exported(id, format)).text).not.toContain('Ann is ill');
    }
  });

  it('is listed in JSON, value by value, and everything else is verifiable', async () => {
    const id = await secretive();
    const whole = await jsonOf(id, auditor);
    const seen = await jsonOf(id, forceLead);
    expect(whole.withheld).toEqual([]);
    const of = (type: string) => whole.events.filter((event) => event.type === type);
    const [internal] = of('CommentAdded');
    const [redaction] = of('CommentRedacted');
    expect(seen.withheld).toEqual([
      { eventId: internal?.eventId, pointer: '/data/text' },
      { eventId: redaction?.eventId, pointer: '/data/reason' },
    ]);
    expect(seen.events.map(({ hash }) => hash)).toEqual(whole.events.map(({ hash }) => hash));
    expect(seen.events.map(({ commitments }) => commitments)).toEqual(
      whole.events.map(({ commitments }) => commitments),
    );
    // A missing value has no salt, and every present one has its salt.
    for (const { commitments, salts, data } of seen.events) {
      for (const pointer of Object.keys(commitments)) {
        const value = valueAt({ data: data as JsonObject }, pointer);
        expect(Object.hasOwn(salts, pointer)).toBe(value !== undefined);
      }
      expect(salts).not.toHaveProperty(['/command/digest']);
    }
    const events = (await forceLead.get(`/api/recommendations/${id}/events`)).json.items;
    expect(seen.events).toEqual(events);
  });
});
