import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { disturbedStore } from '#test/support/disturbed-store';
import { append, commit, draft, redaction, request } from '#test/support/event-commits';
import { collectLog } from '#test/support/event-streams';
import { createSealer } from '#audit/seal';
import { COMMAND_DIGEST } from '#event-sourcing/envelope';
import type { Envelope } from '#event-sourcing/envelope';
import type { EventStore } from '#event-sourcing/event-store';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { copyStore } from './copy-store.ts';

const newStore = () => new MemoryEventStore(createSealer());

let source: MemoryEventStore;
let target: MemoryEventStore;
beforeEach(() => {
  source = newStore();
  target = newStore();
});

/** Returns the log without positions, which differ per store. */
const sealedLog = async (store: EventStore) =>
  (await collectLog(store)).map(({ position: _, ...sealed }) => sealed);

async function expectEqualLogs(): Promise<void> {
  expect(await sealedLog(target)).toEqual(await sealedLog(source));
}

/** Appends commands of one event each to ten streams. */
async function fill(count: number, from = 0): Promise<void> {
  for (let index = from; index < from + count; index++) {
    await source.append(
      commit([append(`s-${index % 10}`, Math.floor(index / 10), draft(`text ${index}`))], {
        request: index % 3 === 0 ? request() : null,
      }),
    );
  }
}

/** A store that returns an altered event for one version of a stream. */
class TamperedStore extends MemoryEventStore {
  change: (event: Envelope) => Envelope = (event) => event;

  override async readAll(...of: Parameters<MemoryEventStore['readAll']>): Promise<Envelope[]> {
    return (await super.readAll(...of)).map((event) => this.change(event));
  }
}

describe('a copy', () => {
  test('of an empty log is empty', async () => {
    expect(await copyStore(source, target)).toMatchObject({ ok: true, events: 0, copied: 0 });
    await expectEqualLogs();
  });

  test('has all events unchanged and in order, and knows a repeated command', async () => {
    await fill(1_203);
    const twice = commit([append('s-0', 121, draft()), append('other', 0, draft())], { request: request() });
    await source.append(twice);
    expect(await copyStore(source, target)).toEqual({
      ok: true,
      stopped: false,
      events: 1_205,
      copied: 1_205,
      erased: 0,
      erasedInTarget: 0,
      firstDivergence: null,
    });
    await expectEqualLogs();
    expect(await target.append(twice)).toMatchObject({ repeated: true });
  });

  test('made again copies only new events', async () => {
    await fill(700);
    await copyStore(source, target);
    await fill(20, 700);
    expect(await copyStore(source, target)).toMatchObject({ ok: true, events: 720, copied: 20 });
    expect(await copyStore(source, target)).toMatchObject({ ok: true, events: 720, copied: 0 });
    await expectEqualLogs();
  });

  test('reports its phases, up to the positions of the source', async () => {
    await fill(1_100);
    await copyStore(source, target);
    await fill(10, 1_100);
    const reached: Record<string, number[]> = {};
    await copyStore(source, target, {
      onProgress: (phase, done, total) => {
        expect(done).toBeGreaterThanOrEqual(reached[phase]?.[0] ?? 0);
        reached[phase] = [done, total];
      },
    });
    expect(reached).toMatchObject({ copied: [1_110, 1_110], verified: [1_110, 1_110] });
    expect(reached['compared']).toEqual([1_000, 1_110]);
  });

  test('copies a command as a whole, or not at all', async () => {
    await fill(490);
    const many = Array.from({ length: 30 }, (_, index) => draft(`of many ${index}`));
    const large = commit([append('large', 0, ...many)], { request: request() });
    await source.append(large);
    await fill(600, 490);
    const found: number[] = [];
    const watched = disturbedStore(target, {
      afterSealed: async () => {
        found.push((await target.findCommand(large.command.id)).length);
      },
    });
    expect(await copyStore(source, watched)).toMatchObject({ ok: true, copied: 1_120 });
    expect(new Set(found)).toEqual(new Set([0, 30]));
    await expectEqualLogs();
  });

  test('of a command that is larger than a page', async () => {
    await source.append(commit([append('large', 0, ...Array.from({ length: 1_300 }, () => draft('x')))]));
    await fill(3);
    expect(await copyStore(source, target)).toMatchObject({ ok: true, copied: 1_303 });
    await expectEqualLogs();
  });
});

describe('a target with another history is refused, and left as it is', () => {
  async function expectRefused(place: object): Promise<void> {
    const before = await collectLog(target);
    const outcome = await copyStore(source, target);
    expect(outcome).toMatchObject({
      ok: false,
      copied: 0,
      erased: 0,
      firstDivergence: { code: 'other-history', ...place },
    });
    expect(await collectLog(target)).toEqual(before);
  }

  test('that is unrelated to the source', async () => {
    await fill(30);
    await target.append(commit([append('s-0', 0, draft('text 0'))]));
    await expectRefused({ position: '1', streamId: 's-0', version: 1 });
  });

  test('that diverged after a copy', async () => {
    await fill(30);
    await copyStore(source, target);
    await target.append(commit([append('s-4', 3, draft())]));
    await fill(10, 30);
    await expectRefused({ position: '31', streamId: 's-4', version: 4 });
  });

  test('that has more than the source', async () => {
    await fill(30);
    await copyStore(source, target);
    await target.append(commit([append('s-new', 0, draft())]));
    await expectRefused({ position: '31', streamId: 's-new', version: 1 });
  });

  test('that is ahead of the source, which is a copy of it', async () => {
    await fill(30);
    await copyStore(source, target);
    [source, target] = [target, source];
    await target.append(commit([append('s-0', 3, draft())]));
    await expectRefused({ position: '31', streamId: 's-0', version: 4 });
  });

  test('that has the same events in another order', async () => {
    await fill(30);
    const [first, second, ...others] = await sealedLog(source);
    await target.appendSealed([second!, first!, ...others]);
    await expectRefused({ position: '1', streamId: 's-1', version: 1 });
  });

  test('even if values were erased in the source since', async () => {
    await fill(30);
    await copyStore(source, target);
    await source.erase('s-0', 1, ['/data/text']);
    await target.append(commit([append('s-0', 3, draft())]));
    await expectRefused({ position: '31' });
  });
});

describe('a copy that ended in the middle', () => {
  test('by request reports that, and continues from its place', async () => {
    await fill(1_700);
    const ending = new AbortController();
    const watched = disturbedStore(target, {
      afterSealed: () => {
        ending.abort();
      },
    });
    const stopped = await copyStore(source, watched, { signal: ending.signal });
    expect(stopped).toMatchObject({ ok: false, stopped: true, firstDivergence: null });
    expect(stopped.copied).toBe((await collectLog(target)).length);
    expect(stopped.copied).toBeLessThan(1_700);
    expect(await copyStore(source, target)).toMatchObject({ ok: true, copied: 1_700 - stopped.copied });
    await expectEqualLogs();
  });
});

describe('an erased value', () => {
  const erase = async (store: EventStore) => {
    const [first] = await store.readStream('s-0');
    await source.append(commit([append('s-0', 3, redaction(first!.eventId, ['/data/text']))]));
    await store.erase('s-0', 1, ['/data/text']);
  };

  test('before the copy is copied as it is', async () => {
    await fill(30);
    await erase(source);
    expect(await copyStore(source, target)).toMatchObject({ ok: true, copied: 31, erased: 0 });
    await expectEqualLogs();
  });

  test('in the source after the copy is erased in the target', async () => {
    await fill(30);
    await copyStore(source, target);
    await erase(source);
    // The command's other event lost only the digest's salt.
    await source.erase('s-3', 1, [COMMAND_DIGEST]);
    expect(await copyStore(source, target)).toMatchObject({
      ok: true,
      copied: 1,
      // The redaction, when appended, removes the text from the target.
      erased: 1,
      erasedInTarget: 0,
    });
    await expectEqualLogs();
    expect(JSON.stringify(await collectLog(target))).not.toContain('"text 0"');
  });

  test('in the source while the copy is made is erased in the target', async () => {
    await fill(30);
    let pages = 0;
    const watched = disturbedStore(target, {
      afterSealed: async () => {
        if (++pages === 1) await erase(source);
      },
    });
    expect(await copyStore(source, watched)).toMatchObject({ ok: true, copied: 31, erased: 0 });
    await expectEqualLogs();
  });

  test('in the target only stays erased, is reported, and is invalid in both without a redaction', async () => {
    await fill(30);
    await copyStore(source, target);
    await target.erase('s-0', 3, ['/data/text']);
    expect(await copyStore(source, target)).toMatchObject({
      ok: false,
      erased: 0,
      erasedInTarget: 1,
      firstDivergence: { code: 'missing-value', streamId: 's-0', version: 3 },
    });
    expect((await target.readStream('s-0'))[2]!.data).not.toHaveProperty('text');
    expect((await source.readStream('s-0'))[2]!.data).toHaveProperty('text');
  });

  test('without a redaction is invalid in the copy too', async () => {
    await fill(30);
    await source.erase('s-0', 1, ['/data/text']);
    expect(await copyStore(source, target)).toMatchObject({
      ok: false,
      firstDivergence: { code: 'missing-value', streamId: 's-0', version: 1 },
    });
  });
});

describe('a concurrent write', () => {
  test('to the source: the copy follows to where its log ends', async () => {
    await fill(1_000);
    let pages = 0;
    const watched = disturbedStore(target, {
      afterSealed: async () => {
        if (++pages < 4) await fill(400, 600 + pages * 400);
      },
    });
    expect(await copyStore(source, watched)).toMatchObject({ ok: true, copied: 2_200 });
    await expectEqualLogs();
  });

  test('to the source after the last page: the copy is complete up to there', async () => {
    await fill(30);
    let phase = '';
    const outcome = copyStore(source, target, {
      onProgress: (reached) => {
        if (reached === 'verified' && phase !== reached) void fill(10, 30);
        phase = reached;
      },
    });
    expect(await outcome).toMatchObject({ ok: true, events: 30 });
    expect(await sealedLog(target)).toEqual((await sealedLog(source)).slice(0, 30));
  });

  test('to the target: the copy reports it, and accepts no page that does not fit', async () => {
    await fill(1_200);
    let pages = 0;
    const watched = disturbedStore(target, {
      beforeSealed: async () => {
        if (++pages === 2) await target.append(commit([append('s-9', 49, draft('in between'))]));
      },
    });
    const { copied, ...outcome } = await copyStore(source, watched);
    expect(outcome).toMatchObject({ ok: false, firstDivergence: { code: 'other-history', position: null } });
    expect(await collectLog(target)).toHaveLength(copied + 1);
  });

  test('to another stream of the target: the different order is detected', async () => {
    await fill(1_200);
    const watched = disturbedStore(target, {
      beforeSealed: async ([first]) => {
        if (first!.version === 1) await target.append(commit([append('s-other', 0, draft())]));
      },
    });
    expect(await copyStore(source, watched)).toMatchObject({
      ok: false,
      firstDivergence: { code: 'other-history', streamId: 's-other', position: '1' },
    });
  });

  test('of the same copy twice: both result in one complete log', async () => {
    await fill(1_200);
    const outcomes = await Promise.all([copyStore(source, target), copyStore(source, target)]);
    expect(outcomes.filter(({ ok }) => ok).length).toBeGreaterThan(0);
    await expectEqualLogs();
  });
});

describe('a copy that differs from the source', () => {
  let tampered: TamperedStore;
  beforeEach(() => {
    tampered = new TamperedStore(createSealer());
  });
  const withText = (text: string) => (event: Envelope) =>
    event.streamId === 's-2' && event.version === 2 ? { ...event, data: { ...event.data, text } } : event;

  test('is detected if the target stores different content', async () => {
    await fill(30);
    target = tampered;
    await copyStore(source, target);
    tampered.change = (event) =>
      event.streamId === 's-2' && event.version === 2 ? { ...event, effectiveOn: '2020-01-01' } : event;
    expect(await copyStore(source, target)).toMatchObject({
      ok: false,
      events: 30,
      firstDivergence: { code: 'hash', streamId: 's-2', version: 2, position: '13' },
    });
  });

  test('is detected if the source was altered before the copy', async () => {
    await fill(30);
    await copyStore(source, tampered);
    tampered.change = withText('another');
    expect(await copyStore(tampered, target)).toMatchObject({
      ok: false,
      copied: 30,
      firstDivergence: { code: 'commitment', streamId: 's-2', version: 2 },
    });
  });

  test('is detected if the source was altered since the copy', async () => {
    await fill(30);
    await copyStore(source, tampered);
    await copyStore(tampered, target);
    tampered.change = withText('another');
    expect(await copyStore(tampered, target)).toMatchObject({
      ok: false,
      firstDivergence: { code: 'other-values', streamId: 's-2', version: 2 },
    });
  });

  test('is detected if the target loses accepted events', async () => {
    await fill(30);
    target = tampered;
    const losing = disturbedStore(target, {});
    losing.readAll = async (options) =>
      (await target.readAll(options)).filter(({ position }) => Number(position) < 30);
    expect(await copyStore(source, losing)).toMatchObject({
      ok: false,
      firstDivergence: { code: 'missing-event', streamId: 's-8', version: 3 },
    });
  });
});

describe('for any log', () => {
  const step = fc.record({
    streams: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'ünï \u0000'), { minLength: 1, maxLength: 3 }),
    texts: fc.array(fc.string({ unit: 'grapheme', maxLength: 8 }), { minLength: 1, maxLength: 3 }),
    keyed: fc.boolean(),
    erased: fc.boolean(),
  });
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  async function applyStep(on: EventStore, { streams, texts, keyed, erased }: Step): Promise<void> {
    const appends = [];
    for (const streamId of streams) {
      const version = (await on.readStream(streamId)).length;
      appends.push(append(streamId, version, ...texts.map((text) => draft(text))));
    }
    await on.append(commit(appends, { id: randomUUID(), request: keyed ? request() : null }));
    const [first] = streams;
    if (!erased || first === undefined) return;
    const events = await on.readStream(first);
    const last = events.at(-1)!;
    await on.append(commit([append(first, last.version, redaction(last.eventId, ['/data/text']))]));
    await on.erase(first, last.version, ['/data/text']);
  }

  test('a copy that was interrupted anywhere and resumed is equal', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 12 }),
        fc.array(step, { maxLength: 4 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (before, after, cut) => {
          source = newStore();
          target = newStore();
          for (const each of before) await applyStep(source, each);
          const log = await collectLog(source);
          await target.appendSealed(log.slice(0, Math.round(cut * log.length)));
          for (const each of after) await applyStep(source, each);
          expect(await copyStore(source, target)).toMatchObject({ ok: true, firstDivergence: null });
          await expectEqualLogs();
          for (const { command } of log) {
            const found = await target.findCommand(command.id);
            expect(found.map(({ eventId }) => eventId)).toEqual(
              (await source.findCommand(command.id)).map(({ eventId }) => eventId),
            );
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
