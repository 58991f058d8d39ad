import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { commentBlock, file, INSPECTOR, RegisterImports, statusBlock } from '#test/support/register-imports';
import { withoutReplaced } from '#state-machines/capabilities/comments';
import { recordDetails } from '#state-machines/inspection-recommendation/v1/record';
import { parseRegisterRecord } from '#register-format/parse-register-record';
import { normaliseText } from '#register-format/white-space';
import { currentState } from '../records/read-record.ts';
import { entryOf } from './register-history.ts';
import { lifecycles } from '#state-machines/lifecycles';

let imports: RegisterImports;
beforeEach(() => {
  imports = new RegisterImports();
});

const first = statusBlock('1st May 2016', 'awaiting-review');
const second = commentBlock('3rd May 2017', 'second');
const completed = statusBlock('4th May 2018', 'complete');
const correcting = { actor: INSPECTOR, corrects: 'typo' };

const printed = async (from = imports): Promise<string> => Buffer.from(await from.exported()).toString();

/** Returns what an export must contain: every current entry, in any order. */
const currentEntries = async (from: RegisterImports): Promise<string[]> =>
  withoutReplaced(await from.stream())
    .map(entryOf)
    .filter((entry) => entry !== null)
    .map((entry) => {
      const said = entry.kind === 'comment' ? normaliseText(entry.text ?? '') : entry.status;
      return `${entry.kind} ${String(entry.date)} ${String(said)}`;
    })
    .sort();

const entriesPrinted = (text: string): string[] =>
  parseRegisterRecord(Buffer.from(text))
    .entries.map((entry) =>
      entry.kind === 'comment'
        ? `comment ${String(entry.date)} ${normaliseText(entry.text)}`
        : `status ${String(entry.date)} ${entry.status}`,
    )
    .sort();

const statusOf = async (from: RegisterImports) =>
  currentState(lifecycles, await from.stream())?.value['progress'];

/** Imports an export into another store, as its reader would. */
async function copyOf(text: string): Promise<RegisterImports> {
  const elsewhere = new RegisterImports();
  await elsewhere.importFile(text, { anyway: true });
  return elsewhere;
}

describe('a file that changes a record and lacks some of its history', () => {
  test('given that it corrects a comment, then the export still has the missing parts', async () => {
    await imports.importFile(file(first, commentBlock('2nd May 2016', 'frist'), second, completed));
    await imports.importFile(file(first, commentBlock('2nd May 2016', 'first')), correcting);

    const text = await printed();
    expect(entriesPrinted(text)).toEqual([
      'comment 2016-05-02 first',
      'comment 2017-05-03 second',
      'status 2016-05-01 awaiting-review',
      'status 2018-05-04 complete',
    ]);
    expect(await statusOf(await copyOf(text))).toBe('complete');
  });

  test('given that it completes a comment and ends in another, then both are whole in the export', async () => {
    const cut = file(first, '[on]2nd May 2016 [comment]\n\nThe fir');
    await imports.importFile(cut);
    await imports.importFile(file(first, commentBlock('2nd May 2016', 'The first.'), second, completed));
    await imports.importFile(
      `${file(first, commentBlock('2nd May 2016', 'The 1st.'))}[on]3rd May 2017 [comment]\n\nsec`,
      {
        ...correcting,
      },
    );

    expect(entriesPrinted(await printed())).toEqual([
      'comment 2016-05-02 The 1st.',
      'comment 2017-05-03 second',
      'status 2016-05-01 awaiting-review',
      'status 2018-05-04 complete',
    ]);
  });

  test('given that it has no history and another title, then the export has both, and the record keeps the problems', async () => {
    await imports.importFile(file(first, second, completed, second));
    const odd = recordDetails(await imports.stream()).anomalies;
    expect(odd.length).toBeGreaterThan(0);
    await imports.importFile(file().replace('Units', 'Unit'), correcting);

    const text = await printed();
    expect(text.startsWith('Unit (7)')).toBe(true);
    expect(entriesPrinted(text)).toHaveLength(4);
    expect(recordDetails(await imports.stream()).anomalies).toEqual(odd);
  });

  test('given a whole file after it, then that one is returned byte for byte', async () => {
    await imports.importFile(file(first, commentBlock('2nd May 2016', 'frist'), completed));
    await imports.importFile(file(first, commentBlock('2nd May 2016', 'first')), correcting);
    const whole = file(
      first,
      commentBlock('2nd May 2016', 'first'),
      completed,
      commentBlock('5th May 2018', 'New.'),
    );
    await imports.importFile(whole);

    expect(await printed()).toBe(whole);
  });
});

test('given files in any order, then a copy of the export has the same status and entries', async () => {
  const comments = fc
    .tuple(
      fc.constantFrom('1st May 2016', '2nd May 2016', '3rd May 2016'),
      fc.constantFrom('One', 'One two', 'Three'),
    )
    .map(([on, said]) => commentBlock(on, said));
  const statuses = fc
    .tuple(fc.constantFrom('1st May 2016', '2nd May 2016'), fc.constantFrom('being-progressed', 'complete'))
    .map(([on, said]) => statusBlock(on, said));
  const source = fc
    .tuple(
      fc.array(fc.oneof(comments, statuses), { maxLength: 3 }),
      fc.integer({ min: 0, max: 12 }),
      fc.constantFrom('Units', 'Unit'),
    )
    .map(([blocks, cut, title]) => {
      const all = file(...blocks).replace('Units', title);
      return blocks.length === 0 ? all : all.slice(0, all.length - cut);
    });
  await fc.assert(
    fc.asyncProperty(fc.array(source, { minLength: 2, maxLength: 5 }), async (sources) => {
      imports = new RegisterImports();
      for (const each of sources) {
        await imports.importFile(each, { ...correcting, anyway: true }).catch((error: unknown) => {
          expect(error).toMatchObject({ code: 'history-differs' });
        });
      }
      const text = await printed();
      expect(entriesPrinted(text)).toEqual(await currentEntries(imports));
      const copy = await copyOf(text);
      expect(await statusOf(copy)).toBe(await statusOf(imports));
      expect(await currentEntries(copy)).toEqual(await currentEntries(imports));
    }),
    { numRuns: 300 },
  );
});
