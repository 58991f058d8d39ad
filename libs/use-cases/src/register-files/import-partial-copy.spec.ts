import type { CommandRefusedError } from '#lifecycle/refused';
import { beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { commentBlock, file, RegisterImports, statusBlock } from '#test/support/register-imports';
import { withoutReplaced } from '#state-machines/capabilities/comments';
import { parseRegisterRecord } from '#register-format/parse-register-record';
import { normaliseText } from '#register-format/white-space';
import { currentState } from '../records/read-record.ts';
import { entryOf } from './register-history.ts';
import { lifecycles } from '#state-machines/lifecycles';

let imports: RegisterImports;
beforeEach(() => {
  imports = new RegisterImports();
});

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
  await elsewhere.importFile(text);
  return elsewhere;
}

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
        await imports.importFile(each).catch((error: unknown) => {
          expect(['history-differs', 'not-a-register-record']).toContain((error as CommandRefusedError).code);
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
