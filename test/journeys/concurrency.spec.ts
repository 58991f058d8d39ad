import { beforeAll, describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runDocket } from '../support/command-line.ts';
import { startService } from '../support/service.ts';
import type { Answer, Client, RunningService } from '../support/service.ts';

let service: RunningService;
let inspector: Client;

beforeAll(async () => {
  service = await startService();
  inspector = service.as('inspector');
});

const times = <Result>(count: number, action: (index: number) => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => action(index)));

const countsByStatus = (answers: readonly Answer[]): Record<string, number> =>
  Object.fromEntries(
    [...Map.groupBy(answers, ({ status }) => status)].map(([status, all]) => [status, all.length]),
  );

const eventsOf = async (id: string) => (await inspector.get(`/api/recommendations/${id}/events`)).json.items;

describe('many at once', () => {
  it('of 20 imports of one file, one creates the record and the others find it unchanged', async () => {
    const source = 'Contested (imp-1)\n\nText.\n\n[on]1st June 2016 [status]being-progressed[/status][/on]';
    const answers = await times(20, () => inspector.import(source));
    const outcomes = answers.map(({ json }) => json.outcome);
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'unchanged')).toHaveLength(19);
  });
});

describe('beside another process on the same store', () => {
  const history = (...blocks: string[]) => ['Shared (shared-1)', '', 'Text.', '', blocks.join('')].join('\n');
  const started = '[on]1st June 2016 [status]being-progressed[/status][/on]';
  const completed = '[on]1st June 2017 [status]complete[/status][/on]';

  const importFile = (source: string) => {
    const file = join(service.folder, 'shared.txt');
    writeFileSync(file, source);
    return runDocket(['import', file], { folder: service.folder });
  };

  it("the server knows at once the other's appends, and refuses and allows by them", async () => {
    await inspector.import(history(started));
    expect((await inspector.get('/api/recommendations/shared-1')).json.status).toBe('being-progressed');
    expect(await importFile(history(started, completed))).toMatchObject({ code: 0 });
    const approver = service.as('approver');
    expect(await approver.command('shared-1', 'reopen', { reason: 'Again.' })).toMatchObject({
      status: 200,
      json: { status: 'being-progressed' },
    });
  });

  it('comments still succeed while the other imports', async () => {
    await inspector.issue({ id: 'busy' });
    const files = Array.from({ length: 40 }, (_, index) => {
      const file = join(service.folder, `beside-${index}.txt`);
      writeFileSync(file, `Beside ${index} (beside-${index})\n\nText.\n\n${started}`);
      return file;
    });
    const importing = runDocket(['import', ...files], { folder: service.folder });
    const state = { isImporting: true };
    void importing.finally(() => {
      state.isImporting = false;
    });
    let comments = 0;
    while (state.isImporting) {
      const answers = await times(4, () =>
        inspector.command('busy', 'add-comment', { text: 'Beside.', visibility: 'public' }),
      );
      expect(countsByStatus(answers)).toEqual({ 200: 4 });
      comments += 4;
    }
    expect(await importing).toMatchObject({ code: 0 });
    expect(await eventsOf('busy')).toHaveLength(1 + comments);
    expect((await inspector.get('/api/recommendations/beside-39')).json.status).toBe('being-progressed');
  });
});
