import { beforeAll, describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonLines, runDocket } from '../support/command-line.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { refusal, startService } from '../support/service.ts';
import type { RunningService } from '../support/service.ts';

const HEADER = 'slug,name,kind\n';
const KENT = { slug: 'kent', name: 'Kent Police', kind: 'police-force' };

let folder: string;
let service: RunningService;

const importing = (csv: string) => {
  writeFileSync(join(folder, 'bodies.csv'), csv);
  return runDocket(['--as', 'ann', 'bodies', 'import', 'bodies.csv', '--json'], { folder });
};

beforeAll(async () => {
  folder = temporaryFolder();
  service = await startService({ folder });
});

describe('bodies that are named at the command line', () => {
  it('are known to a service on the same store, to everyone with a token', async () => {
    const run = await importing(`${HEADER}kent,Kent Police,police-force\n`);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(jsonLines(run)).toEqual([{ file: 'bodies.csv', outcome: 'imported', bodies: 1, named: 1 }]);
    const forceLead = service.as('force-lead', { organisations: ['essex'] });
    expect(await forceLead.get('/api/bodies')).toMatchObject({
      status: 200,
      json: { items: [KENT], position: expect.stringMatching(/^[1-9][0-9]*$/) },
    });
    expect(await service.request('GET', '/api/bodies')).toMatchObject(refusal(401, 'unauthenticated'));
    expect(await forceLead.get('/api/bodies?slug=kent')).toMatchObject(refusal(400, 'invalid-parameter'));
    const { json } = await service.as('auditor').get('/api/events?type=BodyNamed');
    expect(json.items).toMatchObject([{ streamId: 'bodies', data: KENT, actor: { subject: 'cli:ann' } }]);
  });

  it('are valid when the store is verified, and are copied with it', async () => {
    expect(await runDocket(['verify'], { folder })).toMatchObject({ code: 0 });
    const copied = await runDocket(['copy', '--to', 'sqlite:copy.sqlite', '--json'], { folder });
    expect(jsonLines(copied)).toMatchObject([{ ok: true }]);
    expect(await runDocket(['--store', 'sqlite:copy.sqlite', 'verify'], { folder })).toMatchObject({
      code: 0,
    });
  });
});
