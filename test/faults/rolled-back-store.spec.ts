import { expect, it } from '@jest/globals';
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openStore } from '#platform/open-store';
import { parseStore } from '#platform/settings';
import { runDocket } from '../support/command-line.ts';
import { issuedEvent, recordOn } from '../support/records.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { recommendation, refusal, startService } from '../support/service.ts';

const RECORD = fileURLToPath(new URL('../fixtures/730.txt', import.meta.url));

/** Replaces the folder's store by that of another folder, and deletes its newer read models. */
function rollBack(folder: string, older: string): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith('docket.')) rmSync(join(folder, name));
  }
  for (const name of readdirSync(older)) {
    if (name.startsWith('docket.sqlite')) cpSync(join(older, name), join(folder, name));
  }
}

it('a store that was rolled back, with its read models deleted, is not ready and refuses appends until it is adopted', async () => {
  const folder = temporaryFolder();
  const env = {
    DOCKET_STORE: `sqlite:${join(folder, 'docket.sqlite')}`,
    DOCKET_CHECKPOINT_KEY: join(folder, 'checkpoint-key.pem'),
  };
  const store = await openStore(parseStore(env.DOCKET_STORE, 'DOCKET_STORE'), { create: true });
  await recordOn(store, 'kept', '2016-01-10', issuedEvent());
  await store.close();
  const older = temporaryFolder();
  cpSync(folder, older, { recursive: true });
  const signing = await startService({ folder, env });
  await signing.as('inspector').issue({ id: 'lost' });
  await signing.as('administrator').post('/api/audit/checkpoints');
  await signing.stop();
  rollBack(folder, older);

  const lost = 'an older copy or another store replaced it';
  const status = await runDocket(['status'], { folder, env });
  expect(status).toMatchObject({ code: 1, stderr: expect.stringContaining(lost) });
  const verified = await runDocket(['verify'], { folder, env });
  expect(verified).toMatchObject({ code: 1, stdout: expect.stringContaining(lost) });

  const service = await startService({ folder, env });
  const inspector = service.as('inspector');
  const ready = () => service.request('GET', '/health/ready');
  const issueRecord = () => inspector.post('/api/recommendations', recommendation({ id: 'next' }));
  expect(await ready()).toMatchObject({ status: 503 });
  expect((await ready()).json.checks).toContainEqual({
    name: 'store',
    ok: false,
    detail: expect.stringContaining('docket checkpoint --adopt'),
  });
  expect(await issueRecord()).toMatchObject(refusal(503, 'log-rolled-back'));
  // The service serves the events that it has.
  expect(await inspector.get('/api/recommendations/kept')).toMatchObject({ status: 200 });
  const imported = await runDocket(['import', RECORD], { folder, env });
  expect(imported).toMatchObject({ code: 1, stderr: expect.stringContaining('log-rolled-back') });
  expect(await runDocket(['checkpoint'], { folder, env })).toMatchObject({ code: 1 });

  expect(await runDocket(['checkpoint', '--adopt', 'The disk was lost'], { folder, env })).toMatchObject({
    code: 0,
  });
  const adopted = await service.as('auditor').get('/api/events?type=StoreAdopted');
  expect(adopted.json.items).toMatchObject([
    { data: { reason: 'The disk was lost', lost: { size: expect.any(Number) } } },
  ]);
  expect(await ready()).toMatchObject({ status: 200 });
  expect(await issueRecord()).toMatchObject({ status: 201 });
  await service.stop();
  expect(service.stderr()).toContain(lost);
  expect(await runDocket(['verify'], { folder, env })).toMatchObject({ code: 0 });
});
