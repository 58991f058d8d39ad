import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { commentBlock, file, NOW, RegisterImports, statusBlock } from '#test/support/register-imports';
import { lifecycles } from '#state-machines/lifecycles';
import { currentState } from '../records/read-record.ts';
import { summariseFile } from './summarise-file.ts';

describe('the summary of a register record', () => {
  test('has its title, its last status, its comments and the deadlines of its text', () => {
    const summary = summariseFile(readFileSync('test/fixtures/730.txt'), NOW);
    expect(summary).toMatchObject({ status: 'being-progressed', comments: 2, deadlines: 1, proposals: 0 });
    expect(summary.title).not.toContain('730');
  });

  test('counts dates apart that an inspector has to confirm', () => {
    const source = 'A title (r-1)\nThe force should act by the end of 2098.\n';
    expect(summariseFile(Buffer.from(source), NOW)).toMatchObject({
      deadlines: 0,
      proposals: 1,
      comments: 0,
    });
  });

  test('matches the events of its import', async () => {
    const day = fc.integer({ min: 1, max: 28 }).map((number) => `${number}th May 2016`);
    const status = fc.constantFrom('awaiting-review', 'being-progressed', 'complete', 'unheard-of');
    const block = fc.oneof(
      fc.tuple(day, status).map(([on, said]) => statusBlock(on, said)),
      fc.tuple(day, fc.constantFrom('one', 'two')).map(([on, said]) => commentBlock(on, said)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(block, { maxLength: 6 }), async (blocks) => {
        const imports = new RegisterImports();
        const source = file(...blocks);
        await imports.importFile(source);
        const events = await imports.stream();
        const summary = summariseFile(Buffer.from(source), NOW);
        expect(summary.comments).toBe(events.filter(({ type }) => type === 'CommentAdded').length);
        const last = events.at(-1);
        const state = currentState(lifecycles, events);
        expect(summary.status).toBe(last && state && lifecycles.of(last).statusOf(state.value));
      }),
      { numRuns: 50 },
    );
  });
});
