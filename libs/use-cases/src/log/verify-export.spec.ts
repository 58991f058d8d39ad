import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { append, commit, draft } from '#test/support/event-commits';
import { recordStream } from '#state-machines/inspection-recommendation/kind';
import { createSealer } from '#audit/seal';
import { envelopeHash } from '#audit/forms';
import { COMMAND_DIGEST } from '#event-sourcing/envelope';
import type { Envelope, Pointer } from '#event-sourcing/envelope';
import { eraseFromEnvelope } from '#event-sourcing/erasure';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { exported as fileOf } from '#test/support/exported';
import { withheldBetween } from '../register/export-record.ts';
import { importRecord } from '../register-files/import-record.ts';
import { verifyExport } from './verify-export.ts';
import { todaysEvents } from '#test/support/todays-events';
import { lifecycles } from '#state-machines/lifecycles';
import { importCall } from '#test/support/register-imports';

const sample = readFileSync(new URL('../../../../test/fixtures/730.txt', import.meta.url));
const stream = recordStream('730');
let store: MemoryEventStore;
let whole: Envelope[];

const imported = async (source: Buffer): Promise<Envelope[]> => {
  const { id } = await importRecord(store, lifecycles, importCall(source));
  return store.readStream(recordStream(id));
};

beforeEach(async () => {
  store = new MemoryEventStore(createSealer());
  whole = await imported(sample);
});

const exported = async (events: readonly Envelope[] = whole): Promise<string> =>
  (await fileOf(todaysEvents(events), 'json', withheldBetween(whole, events))).toString();

/** Returns the export after a change. */
const changed = async (
  change: (file: { id: string; title: unknown; events: Envelope[]; withheld: unknown[] }) => void,
): Promise<string> => {
  const file = JSON.parse(await exported()) as Parameters<typeof change>[0];
  change(file);
  return JSON.stringify(file);
};

const without = (version: number, ...pointers: Pointer[]): Envelope[] =>
  whole.map((event) => (event.version === version ? eraseFromEnvelope(event, pointers) : event));

describe('an export that agrees with itself', () => {
  test('given it as it was made, then it is valid', async () => {
    expect(verifyExport(lifecycles, await exported())).toMatchObject({
      ok: true,
      id: '730',
      events: 6,
      erased: 0,
      withheld: 0,
    });
  });

  test('given withheld values, then it is valid, and they are counted', async () => {
    expect(verifyExport(lifecycles, await exported(without(4, '/data/text')))).toMatchObject({
      ok: true,
      erased: 0,
      withheld: 1,
    });
  });

  test('given a salt of a withheld digest, then it is valid', async () => {
    expect(verifyExport(lifecycles, await exported(without(4, COMMAND_DIGEST)))).toMatchObject({
      ok: true,
      withheld: 0,
    });
  });

  test('given a value that a redaction names, then it is valid, and it is counted', async () => {
    const redaction = draft('', {
      type: 'CommentRedacted',
      data: { eventId: whole[3]!.eventId, erased: ['/data/text'], reason: 'r' },
      state: whole[5]!.state,
      sensitive: [],
    });
    await store.append(commit([append(stream, 6, redaction)]));
    await store.erase(stream, 4, ['/data/text']);
    whole = await store.readStream(stream);

    expect(verifyExport(lifecycles, await exported())).toMatchObject({
      ok: true,
      events: 7,
      erased: 1,
      withheld: 0,
    });
  });
});

describe('an export that does not', () => {
  test.each<[string, string, number | null, Parameters<typeof changed>[0]]>([
    ['another date', 'hash', 2, ({ events }) => Object.assign(events[1]!, { effectiveOn: '2020-01-01' })],
    ['another text', 'commitment', 4, ({ events }) => Object.assign(events[3]!.data, { text: 'other' })],
    ['an event that is left out', 'version', 4, ({ events }) => events.splice(2, 1)],
    ['an event that occurs twice', 'version', 2, ({ events }) => events.splice(1, 0, events[1]!)],
    ['events in another order', 'version', 3, ({ events }) => events.splice(1, 2, events[2]!, events[1]!)],
    [
      'a text that is gone',
      'missing-value',
      4,
      ({ events }) => {
        events[3] = eraseFromEnvelope(events[3]!, ['/data/text']);
      },
    ],
    [
      'a member that is not an object',
      'malformed',
      2,
      ({ events }) => Object.assign(events[1]!, { salts: null }),
    ],
    [
      'another record',
      'file',
      1,
      (file) => {
        file.id = '731';
      },
    ],
    [
      'another title',
      'file',
      null,
      (file) => {
        file.title = 'Other';
      },
    ],
    ['a member of its own', 'file', null, (file) => Object.assign(file, { status: 'complete' })],
    [
      'something withheld that is there',
      'file',
      4,
      ({ events, withheld }) => withheld.push({ eventId: events[3]!.eventId, pointer: '/data/text' }),
    ],
    [
      'something withheld that never was',
      'file',
      4,
      ({ events, withheld }) => withheld.push({ eventId: events[3]!.eventId, pointer: '/data/other' }),
    ],
    [
      'something withheld of no event',
      'file',
      null,
      ({ withheld }) => withheld.push({ eventId: 'none', pointer: '/data/text' }),
    ],
  ])('given %s, then its place is named', async (_, code, version, change) => {
    expect(verifyExport(lifecycles, await changed(change))).toMatchObject({
      ok: false,
      firstDivergence: { code, version },
    });
  });

  test.each<[string, (event: Record<string, unknown>) => void]>([
    ['/events/5/note', (event) => Object.assign(event, { note: 'approved by all' })],
    ['/events/5/actor/name', ({ actor }) => Object.assign(actor as object, { name: 'Ann' })],
    ['/events/5/a~1b', (event) => Object.assign(event, { 'a/b': 1 })],
  ])(
    'given a member that no event has, and that was sealed with it, then it is named: %s',
    async (pointer, change) => {
      const text = await changed(({ events }) => {
        const last = events[5] as unknown as Record<string, unknown>;
        change(last);
        last['hash'] = envelopeHash(events[5]!);
      });
      expect(verifyExport(lifecycles, text)).toMatchObject({
        ok: false,
        divergenceCount: 1,
        firstDivergence: {
          code: 'malformed',
          version: 6,
          detail: `${pointer} is not a member of events`,
        },
      });
    },
  );

  test('given a last event without the member lifecycle, sealed anew, then it is named', async () => {
    const text = await changed(({ events }) => {
      const { lifecycle: _, ...rest } = events.pop()!;
      events.push({ ...rest, hash: envelopeHash(rest as Envelope) } as Envelope);
    });
    expect(verifyExport(lifecycles, text)).toMatchObject({
      ok: false,
      firstDivergence: {
        code: 'malformed',
        version: 6,
        detail: 'its lifecycle is neither null nor an object with name, version and digest',
      },
    });
  });

  test.each([
    ['/title', '{', '{"title":"Forged",'],
    ['/events/3/data/text', '"data": {\n        "text":', '"data": { "text": "Forged", "text":'],
    ['/withheld', '"withheld":', '"withheld": [], "withheld":'],
  ])('given %s twice, of which the last is unchanged, then it is named', async (pointer, from, to) => {
    const text = await exported();
    const forged = text.replace(from, to);
    expect(forged).not.toBe(text);
    expect(verifyExport(lifecycles, forged)).toMatchObject({
      ok: false,
      divergenceCount: 1,
      firstDivergence: { code: 'file', detail: `${pointer} occurs more than once` },
    });
  });

  test.each<[string, (entry: { pointer: string }, withheld: unknown[]) => void]>([
    [
      '/withheld/0/note is not a member of exports',
      (entry) => Object.assign(entry, { note: 'Approved by all' }),
    ],
    ['/withheld/1 is listed twice', (entry, withheld) => withheld.push({ ...entry })],
  ])('given a value that no export withholds, then it is named: %s', async (detail, change) => {
    const file = JSON.parse(await exported(without(4, '/data/text'))) as {
      withheld: { pointer: string }[];
    };
    expect(verifyExport(lifecycles, JSON.stringify(file))).toMatchObject({ ok: true });
    change(file.withheld[0]!, file.withheld);
    expect(verifyExport(lifecycles, JSON.stringify(file))).toMatchObject({
      ok: false,
      divergenceCount: 1,
      firstDivergence: { code: 'file', detail },
    });
  });

  test('given a missing end, then nothing reveals it: an export does not prove that', async () => {
    expect(verifyExport(lifecycles, await changed(({ events }) => void events.pop()))).toMatchObject({
      events: 5,
    });
  });
});

describe('the claims of a file about the record', () => {
  type Details = Record<string, unknown> & { report: Record<string, unknown> | null };
  const withDetails = async (events: readonly Envelope[], change: (file: Details) => void) => {
    const file = JSON.parse(await exported(events)) as Details;
    change(file);
    return verifyExport(lifecycles, JSON.stringify(file));
  };
  const differs = (name: string) => ({
    ok: false,
    firstDivergence: { code: 'file', detail: `the file's ${name} does not match its events` },
    divergenceCount: 1,
  });

  test.each(['title', 'text', 'reference', 'anomalies'])(
    'given a comment that is withheld, and another %s, then that is named',
    async (name) => {
      const change = (file: Details) => void (file[name] = 'other');
      expect(await withDetails(without(4, '/data/text'), change)).toMatchObject(differs(name));
    },
  );

  test.each(['title', 'report', 'issue', 'anomalies'])(
    'given a file that does not say %s, then that is named',
    async (name) => {
      const change = (file: Details) => {
        file[name] = undefined;
      };
      expect(await withDetails(without(4, '/data/text'), change)).toMatchObject(differs(name));
    },
  );

  test('given a title that is withheld from the events, then the file does not say it either', async () => {
    const events = without(1, '/data/title');
    expect(JSON.parse(await exported(events))).toMatchObject({ title: null });
    expect(verifyExport(lifecycles, await exported(events))).toMatchObject({ ok: true, withheld: 1 });
    const change = (file: Details) => void (file['title'] = 'other');
    expect(await withDetails(events, change)).toMatchObject(differs('title'));
  });

  test('given another text in an event, and another title, then both are reported', async () => {
    const text = await changed((file) => {
      file.title = 'Other';
      Object.assign(file.events[3]!.data, { text: 'other' });
    });
    expect(verifyExport(lifecycles, text).divergences).toMatchObject([
      { code: 'commitment' },
      { code: 'file' },
    ]);
  });

  test('given more anomalies than an event can have, then their number is compared as well', async () => {
    whole = await imported(
      Buffer.from(`T (731)\n\n[on]1st May 2015 ${'[status]x[/status]'.repeat(400)}[/on]`),
    );
    const file = JSON.parse(await exported()) as Details;
    expect(file['moreAnomalies']).toEqual(expect.any(Number));
    expect(verifyExport(lifecycles, JSON.stringify(file))).toMatchObject({ ok: true });
    file['moreAnomalies'] = 1;
    expect(verifyExport(lifecycles, JSON.stringify(file))).toMatchObject(differs('moreAnomalies'));
  });
});

describe('a file that is not an export', () => {
  test.each([
    ['', /is not JSON/],
    ['{"id":"730",\n "events": [}', /is not JSON from line 2, column 13/],
    ['null', /it is not an object/],
    ['[]', /it is not an object/],
    ['{"events":[]}', /\/id/],
    ['{"id":"730"}', /\/events is not a list/],
    ['{"id":"730","events":[]}', /\/events is not a list/],
    ['{"id":"730","events":[{"streamId":"x"},7]}', /\/events\/1 is not an event/],
    ['{"id":"730","events":[{"streamId":"x"}],"withheld":{}}', /\/withheld is not a list/],
    ['{"id":"730","events":[{"streamId":"x"}],"withheld":[{"eventId":"e"}]}', /\/withheld\/0/],
    [
      '{"id":"730","events":[{"streamId":"x"}],"withheld":[{"eventId":"e","pointer":["/a"]}]}',
      /\/withheld\/0/,
    ],
  ])('given %j, then the place is named', (text, message) => {
    expect(() => verifyExport(lifecycles, text)).toThrow(message);
  });

  test('given values in each other without end, then it is verified or refused, and never dies', () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    const event = JSON.stringify(whole[0]).replace('"data":{', `"data":{"deep":${deep},`);
    expect(verifyExport(lifecycles, `{"id":"730","events":[${event}]}`)).toMatchObject({ ok: false });
  });

  test('given an event without a hash whose content cannot be hashed, then it is invalid', async () => {
    const file = await changed(({ events }) =>
      Object.assign(events[0]!, { hash: null, commitments: [false] }),
    );
    expect(verifyExport(lifecycles, file)).toMatchObject({
      ok: false,
      firstDivergence: { version: 1, code: 'malformed' },
    });
  });

  test('given any JSON for events, then it is verified or refused, and never dies', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue(), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...Object.keys(whole[0]!)), fc.jsonValue()),
        (events, members) => {
          const text = JSON.stringify({ id: '730', events: [{ ...whole[0], ...members }, ...events] });
          try {
            verifyExport(lifecycles, text);
          } catch (error) {
            expect(error).toMatchObject({ name: 'NoExportError' });
          }
        },
      ),
    );
  });
});
