import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import Fastify from 'fastify';
import { lineAt } from '#register-format/white-space';
import { unknownEntries } from '#register-format/compare-history';
import type { HistoryEntry } from '#register-format/compare-history';
import { parseRegisterRecord } from '#register-format/parse-register-record';
import { sliceRegisterFile } from '#register-format/slice-register-file';
import { readZip } from '#audit/pack/read-zip';
import { verifyPack } from '#audit/pack/verify-pack';
import { readTrust } from '#audit/pack/read-trust';
import { zipPack } from '#audit/pack/zip-pack';
import { CommandRefusedError } from '#lifecycle/refused';
import { NOT_BLANK, ONE_LINE, onOneLine } from '#lifecycle/text-rules';
import { readSearch } from '#read-models/register/search-conditions';
import { addFormParsers } from '#server/web/read-forms';
import { markedText } from '#server/web/record/marked-text';
import { readBodies } from '#use-cases/bodies/read-bodies';
import { divideFile, importRecords } from '#use-cases/register-files/import-file';
import { growthOf } from '../support/growth.ts';

/** The input is doubled three times: linear work takes 8 times as long, and quadratic work 64 times. */
const TIMES = 8;
const BOUND = 3 * TIMES;

async function expectLinear(work: (size: number) => unknown, from: number): Promise<void> {
  expect(await growthOf(work, { from, to: TIMES * from, bound: BOUND })).toBeLessThan(BOUND);
}

const filled = (length: number, piece: string): Buffer =>
  Buffer.from(piece.repeat(Math.ceil(length / piece.length)));

const BLOCK = '[on]30th November 2015 [status]awaiting-review[/status][/on]';
/** Pieces of register files, without and with line ends, whose tags, dates and titles are often incomplete. */
const PIECES = [
  ...[
    BLOCK,
    '\n',
    ' \n',
    '[on]',
    '[comment]',
    '[status]x',
    '[on]1 May 2016 [comment]x[/on]',
    '[on]1 May 2016 x',
  ],
  ...[
    '[on]1 May 2016 [comment]',
    'Units (1)\n\n',
    '1 May 2016\n',
    '1 May 2016 ',
    'a-',
    '(',
    '1 ',
    '[on]1 ',
    '\u0085',
  ],
  `Units (1)\n\nDo it.\n\n${BLOCK}`,
  '[comment]Units (1)\n\n[on]1 May 2016 ',
];

describe('a register file', () => {
  const divide = (file: Buffer) => {
    const slicing = sliceRegisterFile(file, 10_000);
    while (slicing.next().done !== true);
  };

  test.each(PIECES)('of %j is divided and read in time that grows with its length', async (piece) => {
    await expectLinear((length) => {
      divide(filled(length, piece));
    }, 64 * 1024);
    await expectLinear((length) => {
      divide(Buffer.concat([Buffer.from(BLOCK), filled(length, piece)]));
    }, 64 * 1024);
    await expectLinear((length) => parseRegisterRecord(filled(length, piece), '2026-11-24'), 32 * 1024);
  });

  test.each(['\n', BLOCK, '[comment]', '1 May 2016\n'])(
    'of %j is divided in short steps, between which other work runs',
    (piece) => {
      const steps = (length: number) => [...sliceRegisterFile(filled(length, piece))].length;
      expect(steps(4 * 1024 * 1024)).toBeGreaterThanOrEqual(12);
    },
  );

  test('with a record beyond the limit is not parsed beyond it', async () => {
    const sizes = [1, 16].map((megabytes) => megabytes * 1024 * 1024);
    const files = new Map(
      await Promise.all(
        sizes.map(
          async (size) =>
            [size, await divideFile(Buffer.from(`Plan (1)\n\n${'x\n'.repeat(size / 2)}`))] as const,
        ),
      ),
    );
    const tooLarge = () => Promise.reject(new Error('too large'));
    const read = async (size: number) => {
      await expect(importRecords(files.get(size)!, tooLarge).next()).rejects.toThrow('too large');
    };
    const [from = 0, to = 0] = sizes;
    expect(await growthOf(read, { from, to, bound: 6 })).toBeLessThan(6);
  });

  test('with one record again and again is compared in time that grows with its length', async () => {
    const refused = () => Promise.reject(new CommandRefusedError('state', 'history-differs', 'differs'));
    await expectLinear(async (count) => {
      const long = `Plan (1)\n\n${'Text. '.repeat(100 * count)}\n\n${BLOCK}\n`;
      const again = `Plan (1)\n\nOther.\n\n${BLOCK}\n`.repeat(count);
      const outcomes = await Array.fromAsync(
        importRecords(await divideFile(Buffer.from(long + again)), refused),
      );
      expect(outcomes).toHaveLength(count + 1);
    }, 100);
  });

  test('whose entries a record does not have is compared in time that grows with their number', async () => {
    const comments = (count: number, text: string): HistoryEntry[] =>
      Array.from({ length: count }, (_, index) => ({
        kind: 'comment',
        date: '2016-05-01',
        text: `${text} ${index}`,
      }));
    await expectLinear((count) => unknownEntries(comments(count, 'a'), comments(count, 'b')), 1_000);
  });

  test('has lines that are read without the text behind them', async () => {
    const text = 'x'.repeat(2 * 1024 * 1024);
    await expectLinear((count) => {
      for (let from = 0; from < count; from++) lineAt(text, from, from + 5);
    }, 10_000);
  });
});

describe('other input is read in time that grows with its length:', () => {
  test('a text with marks', async () => {
    await expectLinear((count) => {
      const marks = Array.from({ length: count }, (_, index) => ({
        from: 2 * index,
        to: 2 * index + 1,
        found: index,
      }));
      return markedText('x\n'.repeat(count), marks);
    }, 4_000);
  });

  test.each([' ', '\u200b', '\u2028', 'x ', '\ud800'])('a text of a payload of %j', async (piece) => {
    await expectLinear((length) => {
      const text = piece.repeat(length);
      return [NOT_BLANK.test(text), ONE_LINE.test(text), onOneLine(text)];
    }, 8 * 1024);
  });

  test('a search, of which only the beginning is read', () => {
    expect(readSearch('"a '.repeat(100_000))?.required.join(' ').length).toBeLessThan(500);
  });

  test('a table of bodies', async () => {
    await expectLinear((count) => {
      const rows = Array.from({ length: count }, (_, index) => `body-${index},"A ""name""",force\n`);
      return readBodies(`slug,name,kind\n${rows.join('')}`);
    }, 1_000);
  });

  test('a pack of many files', async () => {
    await expectLinear((count) => {
      const files = new Map(
        Array.from({ length: count }, (_, index) => [
          `data/events/${String(index + 1).padStart(6, '0')}.json`,
          Buffer.from('{}'),
        ]),
      );
      const zip = Buffer.concat([...zipPack(files, 'pack', Date.UTC(2026))]);
      const trust = readTrust({ keys: [], witnesses: [], authority: null, kept: null });
      return verifyPack(readZip(zip), trust);
    }, 500);
  });

  test.each([
    ['application/x-www-form-urlencoded', (length: number) => `text=${'%C3%A4+'.repeat(length / 8)}`],
    [
      'multipart/form-data; boundary=x',
      (length: number) =>
        `--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n${'\r\n--\r\n-'.repeat(length / 8)}\r\n--x--\r\n`,
    ],
  ])('a form as %s', async (type, bodyOf) => {
    const fastify = Fastify();
    addFormParsers(fastify);
    fastify.post('/page', () => ({}));
    await expectLinear(async (length) => {
      const headers = { 'content-type': type };
      const sent = await fastify.inject({ method: 'POST', url: '/page', headers, payload: bodyOf(length) });
      expect(sent.statusCode).toBe(200);
    }, 128 * 1024);
    await fastify.close();
  });
});
