import { beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { NOT_PROVED } from '#audit/pack/pack-report';
import { readZip } from '#audit/pack/read-zip';
import { verifyPack } from '#audit/pack/verify-pack';
import { readCheckpoint } from '#audit/tlog/checkpoint';
import type { Checkpoint } from '#audit/tlog/checkpoint';
import { parseVerifierKey } from '#audit/tlog/signed-note';
import { runDocket } from '../support/command-line.ts';
import { eventually } from '../support/service-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { refusal, startService } from '../support/service.ts';
import type { Answer, Client, RunningService } from '../support/service.ts';

let service: RunningService;
let auditor: Client;

beforeAll(async () => {
  service = await startService();
  auditor = service.as('auditor');
  await service.as('inspector').issue();
});

const sign = (who: Client): Promise<Answer> => who.post('/api/audit/checkpoints');
const eventsOf = async (query: string) => (await auditor.get(`/api/events?limit=10000${query}`)).json.items;

async function checked(note: string): Promise<Checkpoint> {
  const { stdout } = await runDocket(['checkpoint', '--key'], { folder: service.folder });
  const { checkpoint, signers } = readCheckpoint(Buffer.from(note), [parseVerifierKey(stdout.trim())]);
  expect(signers).toHaveLength(1);
  return checkpoint;
}

describe('the log, verified now', () => {
  it('is valid, as reported to the auditor who requested it, and to no one else', async () => {
    const verify = (who: Client): Promise<Answer> => who.post('/api/audit/verifications');
    expect(await verify(service.as('administrator'))).toMatchObject(refusal(403, 'role-not-permitted'));
    expect(await service.as('inspector').get('/api/audit/verifications')).toMatchObject(
      refusal(403, 'role-not-permitted'),
    );
    const first = await verify(auditor);
    expect(first).toMatchObject({ status: 202, json: { state: 'running', found: null } });
    const second = await verify(service.as('auditor', { subject: 'another' }));
    // If the first verification has ended meanwhile, the second is a new one.
    if (second.status === 200) expect(second.json.id).toBe(first.json.id);
    const { json } = await eventually(
      () => auditor.get('/api/audit/verifications'),
      ({ text }) => !text.includes('"running"'),
    );
    expect(json.items.at(-1)).toMatchObject({
      id: first.json.id,
      state: 'holds',
      found: { divergenceCount: 0 },
    });
  });
});

describe('a checkpoint', () => {
  it('is made for auditor and administrator alone, and where something happened', async () => {
    expect(await auditor.get('/api/audit/checkpoint')).toMatchObject(refusal(404, 'not-found'));
    const forceLead = service.as('force-lead', { organisations: ['body-1'] });
    expect(await sign(forceLead)).toMatchObject(refusal(403, 'role-not-permitted'));
    expect(await service.request('POST', '/api/audit/checkpoints')).toMatchObject(
      refusal(401, 'unauthenticated'),
    );
    expect(await eventsOf('&type=CheckpointSigned')).toEqual([]);

    const made = await sign(service.as('administrator'));
    expect(made).toMatchObject({ status: 201, headers: { 'content-type': 'text/plain; charset=utf-8' } });
    expect(await sign(auditor)).toMatchObject({ status: 200, text: made.text });
    expect(await auditor.get('/api/audit/checkpoint')).toMatchObject({ status: 200, text: made.text });
    const { size } = await checked(made.text);
    expect(await eventsOf('&type=CheckpointSigned')).toMatchObject([
      { streamId: 'checkpoints', data: { size: Number(size), note: made.text } },
    ]);
  });

  it('is needed with a token, and the tree is not published otherwise', async () => {
    expect(await service.request('GET', '/api/audit/checkpoint')).toMatchObject(
      refusal(401, 'unauthenticated'),
    );
    for (const path of ['tile/0/000', 'proofs/inclusion?index=0', 'proofs/consistency?from=1&to=1'])
      expect(await auditor.get(`/api/audit/${path}`)).toMatchObject(refusal(404, 'not-found'));
    expect((await runDocket(['verify'], { folder: service.folder })).stdout).toMatch(/Verified/);
  });
});

describe('an evidence pack', () => {
  const LEAD = { organisations: ['body-1'] };
  let id: string;
  let path: string;
  beforeAll(async () => {
    id = (await service.as('inspector').issue({ recipients: ['body-1'] })).json.recommendations[0]?.id ?? '';
    path = `/api/recommendations/${id}/pack`;
    const comment = { text: 'Marmalade is for us alone.', visibility: 'internal' };
    const ada = ['--subject', 'ada', '--name', 'Ada Lovelace', '--role', 'inspector'];
    const { stdout } = await runDocket(['token', ...ada], { folder: service.folder });
    const said = { token: stdout.trim(), body: comment };
    await service.request('POST', `/api/recommendations/${id}/commands/add-comment`, said);
  });

  const trust = async () => {
    const { stdout } = await runDocket(['checkpoint', '--key'], { folder: service.folder });
    return { keys: [parseVerifierKey(stdout.trim())], witnesses: [], authority: null, kept: null };
  };

  it("is sent as a valid zip, to an auditor and to the recipient's own people, and is recorded", async () => {
    const before = await checked((await sign(auditor)).text);
    const answer = await fetch(`${service.address}${path}?since=${before.size}`, {
      headers: { authorization: `Bearer ${service.as('force-lead', LEAD).token}` },
    });
    expect(answer.headers.get('content-type')).toBe('application/zip');
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${id}.pack.zip"`);
    const zip = Buffer.from(await answer.arrayBuffer());
    expect(zip.includes('Marmalade')).toBe(false);
    const { verification } = verifyPack(readZip(zip), await trust());
    expect(verification).toMatchObject({ verdict: 'signed', version: 2, withheld: 1, divergences: [] });
    expect(await eventsOf('&type=PackMade')).toMatchObject([
      { data: { streamId: `recommendation-${id}`, version: 2, withheld: { count: 1 } } },
    ]);
  });

  it('is refused otherwise, and nothing is recorded', async () => {
    const before = (await eventsOf('&type=PackMade')).length;
    const refused: [Answer | Promise<Answer>, number, string][] = [
      [service.as('inspector').get(path), 403, 'role-not-permitted'],
      [service.as('force-lead', { organisations: ['body-2'] }).get(path), 404, 'not-found'],
      [auditor.get('/api/recommendations/none/pack'), 404, 'not-found'],
      [auditor.get(`${path}?since=1`), 400, 'invalid-parameter'],
      [auditor.get(`${path}?withhold=1:/data/text`), 400, 'invalid-parameter'],
      [auditor.get(`${path}?withhold=9:/data/text=a`), 400, 'invalid-parameter'],
    ];
    for (const [answer, status, code] of refused) expect(await answer).toMatchObject(refusal(status, code));
    expect((await service.request('HEAD', path, { token: auditor.token })).status).toBe(405);
    expect(await eventsOf('&type=PackMade')).toHaveLength(before);
  });

  it('is made at the command line, as a folder or a file, whole or not at all', async () => {
    const docket = (...words: string[]) => runDocket(['pack', id, ...words], { folder: service.folder });
    const made = await docket('--out', 'pack', '--withhold', '2:/data/text=FOI.s40', '--names');
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(made.stdout).toContain('1 text withheld');
    const folder = join(service.folder, 'pack');
    const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const files = new Map(
      names.map(({ parentPath, name }): [string, Buffer] => [
        relative(folder, join(parentPath, name)).replaceAll('\\', '/'),
        readFileSync(join(parentPath, name)),
      ]),
    );
    const { verification } = verifyPack(files, await trust());
    expect(verification).toMatchObject({ verdict: 'signed', withheld: 1, divergences: [] });
    expect(JSON.parse(files.get('data/withheld.json')?.toString() ?? '')).toEqual([
      { code: 'FOI.s40', pointer: '/data/text', version: 2 },
    ]);
    expect(JSON.parse(files.get('data/names.json')?.toString() ?? '')).toEqual({ ada: 'Ada Lovelace' });
    expect(await docket('--out', 'pack')).toMatchObject({ code: 1 });
    expect(await docket('--zip', '--out', 'pack.zip')).toMatchObject({ code: 0 });
    const zip = readFileSync(join(service.folder, 'pack.zip'));
    expect(verifyPack(readZip(zip), await trust()).verification.verdict).toBe('signed');
    const own = await runDocket(['verify', '--pack', 'pack.zip'], { folder: service.folder });
    expect(own.code).toBe(4);
    const vkey = (await runDocket(['checkpoint', '--key'], { folder: service.folder })).stdout.trim();
    const signed = await runDocket(['verify', '--pack', 'pack.zip', '--key', vkey], {
      folder: service.folder,
    });
    expect(signed).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Signed by /) as unknown });
    expect(own.stdout.split('\n').slice(0, 5)).toEqual([
      expect.stringMatching(/^Consistent with itself, but nobody vouches for it/),
      ...NOT_PROVED.map((what) => `  Not proved: ${what}`),
    ]);
    expect(readdirSync(service.folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});

describe('a service that cannot sign', () => {
  it('reports that at once, and does all else', async () => {
    const folder = temporaryFolder();
    const key = join(folder, 'checkpoint-key.pem');
    writeFileSync(key, 'no key', { mode: 0o600 });
    const env = { DOCKET_CHECKPOINTS: '* * * * *', DOCKET_CHECKPOINT_KEY: key };
    const lame = await startService({ folder, env });
    await lame.as('inspector').issue();
    const ready = await eventually(
      () => lame.request('GET', '/health/ready'),
      ({ text }) => text.includes('"name":"checkpoints","ok":false'),
    );
    expect(ready).toMatchObject({ status: 200, json: { status: 'ready' } });
    // Readiness requires no token, so it must not name a file.
    expect(ready.text).not.toContain('checkpoint-key.pem');
    expect((await lame.request('GET', '/metrics')).text).toMatch(/^docket_checkpoint_refused 1$/m);
    const refused = await sign(lame.as('auditor'));
    expect(refused).toMatchObject(refusal(409, 'checkpoint-refused'));
    expect((await lame.as('auditor').get('/api/events?type=CheckpointSigned')).json.items).toEqual([]);
    await lame.stop();
    expect(lame.stderr().match(/The log is not signed/g)).toHaveLength(1);
  });
});
