import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runDocket } from '../support/command-line.ts';
import { postgresqlSettings, sqliteSettings } from '../support/journey-store.ts';
import { dropStore, postgresqlUrl } from '../support/postgresql-stores.ts';
import { startService } from '../support/service.ts';
import type { Answer } from '../support/service.ts';
import { eventually, pause } from '../support/service-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ROUNDS = Number(process.env['DOCKET_FAULT_ROUNDS'] ?? 1);
/** A redaction takes about this long, in milliseconds. */
const REDACTION_MS = 30;
const WORD = 'Brackenbury';

describe.each(['a file', 'PostgreSQL'])('a service that is killed while it redacts, in %s', (name) => {
  let folder: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    folder = temporaryFolder();
    const settings =
      name === 'PostgreSQL' ? postgresqlSettings(folder, await postgresqlUrl()) : sqliteSettings(folder);
    env = { ...settings, DOCKET_SWEEP: 'off' };
  });
  afterAll(async () => {
    if (name === 'PostgreSQL') await dropStore(env['DOCKET_STORE'] ?? '');
  });

  const filesWithWord = (): string[] =>
    readdirSync(folder).filter(
      (file) => file.includes('sqlite') && readFileSync(join(folder, file), 'latin1').includes(WORD),
    );

  it('has redacted everywhere once the same command is answered after the next start', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const id = `killed-${round}`;
      let service = await startService({ folder, env });
      await service.as('inspector').issue({ id });
      const comment = { text: `${WORD} rang`, visibility: 'public' };
      const added = await service.as('inspector').command(id, 'add-comment', comment);
      const body = { eventId: added.json.events[0]?.eventId, pointers: ['/data/text'], reason: 'A name.' };
      const redact = (): Promise<Answer> =>
        service.as('approver').command(id, 'redact-comment', body, { 'idempotency-key': `redact-${id}` });

      const unanswered = redact().catch(() => null);
      await pause(((round + 0.5) / ROUNDS) * REDACTION_MS);
      await service.kill9();
      await unanswered;

      service = await startService({ folder, env });
      await eventually(redact, ({ status }) => status === 200);
      const { json } = await service.as('auditor').get(`/api/recommendations/${id}/events`);
      expect(json.items.map(({ type }) => type)).toEqual([
        'RecommendationIssued',
        'CommentAdded',
        'CommentRedacted',
      ]);
      for (const path of ['', '/comments', '/events'])
        expect((await service.as('auditor').get(`/api/recommendations/${id}${path}`)).text).not.toContain(
          WORD,
        );
      const found = await service.as('auditor').get(`/api/recommendations?q=${WORD}`);
      expect(found).toMatchObject({ status: 200, json: { items: [] } });
      expect(filesWithWord()).toEqual([]);
      await service.stop();
    }
    expect(await runDocket(['verify', '--read-models'], { folder, env })).toMatchObject({ code: 0 });
  }, 240_000);
});
