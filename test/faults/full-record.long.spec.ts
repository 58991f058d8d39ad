import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openStore } from '#platform/open-store';
import { parseStore } from '#platform/settings';
import { JOURNEY_STORE, storeSettings } from '../support/journey-store.ts';
import { event, issuedEvent, recordOn } from '../support/records.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startService } from '../support/service.ts';
import type { Answer, Client, RunningService } from '../support/service.ts';

const ID = 'full';
const DAY = '2026-11-02';
/** The longest text. With a dash, a string takes two bytes per character in memory and in the store. */
const TEXT_LENGTH = 50_000;
const COMMENTS = 670;
const PER_COMMIT = 10;
/** The heap size in MB. An idle service needs about 50, and the record's texts alone are 67 as strings. */
const HEAP_MB = 128;
const AT_ONCE = 2;
/** The timeout in milliseconds, which only ends a hanging test. */
const MS_MAX = 240_000;

const textOf = (index: number): string => `Remark ${index} – `.padEnd(TEXT_LENGTH, 'word ');

async function fillRecord(folder: string): Promise<void> {
  const address = storeSettings(folder)['DOCKET_STORE'] ?? '';
  const store = await openStore(parseStore(address, 'DOCKET_STORE'), { create: true });
  try {
    await recordOn(store, ID, DAY, issuedEvent());
    for (let from = 0; from < COMMENTS; from += PER_COMMIT) {
      const comments = Array.from({ length: PER_COMMIT }, (_, index) =>
        event('CommentAdded', DAY, { text: textOf(from + index), visibility: 'public' }),
      );
      await recordOn(store, ID, DAY, ...comments);
    }
  } finally {
    await store.close();
  }
}

/** Returns the numbers of the remarks in all pages of the record's events. */
async function remarksInPages(client: Client, query: string): Promise<string[]> {
  const remarks: string[] = [];
  for (let after: string | number | null = 0; after !== null;) {
    const page: Answer = await client.get(`/api/recommendations/${ID}/events?after=${after}${query}`);
    if (page.status !== 200) throw new Error(`${page.status}: ${page.text.slice(0, 500)}`);
    for (const { data } of page.json.items) {
      if (typeof data['text'] === 'string') remarks.push(/^Remark (\d+)/.exec(data['text'])?.[1] ?? '');
    }
    after = page.json.next;
  }
  return remarks.filter((remark) => remark !== '');
}

const REMARKS = Array.from({ length: COMMENTS }, (_, index) => String(index));
const remarksIn = (text: string): string[] =>
  Array.from(text.matchAll(/Remark (\d+) –/g), ([, n]) => n ?? '');

/** Repeats a request until it is admitted, because the number of concurrent ones is limited. */
async function letIn(send: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    const answer = await send();
    if (answer.status !== 503) return answer;
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

describe(`a record that is nearly full, in a heap of ${HEAP_MB} MB, on ${JOURNEY_STORE}`, () => {
  let service: RunningService;
  let auditor: Client;

  beforeAll(async () => {
    const folder = temporaryFolder();
    await fillRecord(folder);
    const env = { NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}`, DOCKET_SWEEP: 'off' };
    service = await startService({ folder, env });
    auditor = service.as('auditor');
  }, MS_MAX);

  afterAll(async () => {
    expect(await service.stop()).toEqual({ code: 0, signal: null });
  });

  const times = <Result>(send: () => Promise<Result>): Promise<Result[]> =>
    Promise.all(Array.from({ length: AT_ONCE }, send));

  it.each(['', '/commands', '/statechart', '?effectiveOn=2026-11-10'])(
    'answers %s, several times at once',
    async (path) => {
      for (const answer of await times(() => auditor.get(`/api/recommendations/${ID}${path}`))) {
        expect(answer.status).toBe(200);
        expect(answer.text.length).toBeLessThan(100_000);
      }
      expect((await auditor.get(`/api/recommendations/${ID}`)).json).toMatchObject({
        version: COMMENTS + 1,
        title: 'A title',
        status: 'awaiting-review',
      });
    },
    MS_MAX,
  );

  it(
    'answers its timeline, several times at once',
    async () => {
      const read = () => letIn(() => auditor.get(`/api/recommendations/${ID}/timeline`));
      for (const { text } of await times(read)) expect(remarksIn(text)).toHaveLength(COMMENTS);
    },
    MS_MAX,
  );

  it.each(['', '&limit=50'])(
    'returns all of its events page by page, several times at once: %s',
    async (query) => {
      for (const remarks of await times(() => remarksInPages(auditor, query))) {
        expect(remarks).toEqual(REMARKS);
      }
    },
    MS_MAX,
  );

  it.each(['register', 'json', 'csv', 'cloudevents'])(
    'exports %s, several times at once',
    async (format) => {
      const send = () => letIn(() => auditor.get(`/api/recommendations/${ID}/export?format=${format}`));
      for (const { status, text } of await times(send)) {
        expect(status).toBe(200);
        expect(text.length).toBeGreaterThan(COMMENTS * TEXT_LENGTH * 0.99);
        expect(new Set(remarksIn(text))).toEqual(new Set(REMARKS));
      }
    },
    MS_MAX,
  );

  it(
    'returns the whole log page by page, several times at once',
    async () => {
      const read = async () => {
        let comments = 0;
        for (let after: string | number | null = '0'; after !== null;) {
          const page: Answer = await auditor.get(`/api/events?limit=10000&after=${after}`);
          expect(page.status).toBe(200);
          comments += page.json.items.filter(({ type }) => type === 'CommentAdded').length;
          after = page.json.next;
        }
        return comments;
      };
      expect(await times(read)).toEqual(Array.from({ length: AT_ONCE }, () => COMMENTS));
    },
    MS_MAX,
  );

  it(
    'accepts what still fits, refuses what does not, and is redacted',
    async () => {
      const inspector = service.as('inspector');
      const added = await inspector.command(ID, 'add-comment', { text: 'Short.', visibility: 'public' });
      expect(added).toMatchObject({ status: 200, json: { version: COMMENTS + 2 } });
      let last = added;
      for (let index = 0; index < 10 && last.status === 200; index += 1) {
        last = await inspector.command(ID, 'add-comment', {
          text: textOf(COMMENTS + index),
          visibility: 'public',
        });
      }
      expect(last).toMatchObject({ status: 422, json: { type: 'urn:docket:problem:record-full' } });
      const { items } = (await auditor.get(`/api/recommendations/${ID}/events?limit=2`)).json;
      const body = { eventId: items[1]?.eventId, reason: 'Names a person.' };
      const redacted = await service.as('approver').command(ID, 'redact-comment', body);
      expect([200, 202]).toContain(redacted.status);
      expect((await remarksInPages(auditor, '')).includes('0')).toBe(false);
    },
    MS_MAX,
  );
});
