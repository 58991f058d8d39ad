import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { temporaryFolder } from '#test/support/temporary-folder';
import { loadOrCreateDevelopmentKey } from './development-key.ts';

let directory: string;
let path: string;

beforeEach(() => {
  directory = temporaryFolder();
  path = join(directory, 'data', 'development-key.jwk');
});

const secretAt = async (): Promise<string> =>
  (await loadOrCreateDevelopmentKey(path)).export().toString('hex');

async function write(text: string, mode = 0o600): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  await chmod(path, mode);
}

const jwk = (members: object) =>
  JSON.stringify({ kty: 'oct', alg: 'HS256', k: Buffer.alloc(32, 7).toString('base64url'), ...members });

describe('loadOrCreateDevelopmentKey', () => {
  test('creates the file and its directory, readable by the owner alone', async () => {
    await loadOrCreateDevelopmentKey(path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({
      kty: 'oct',
      alg: 'HS256',
      k: expect.stringMatching(/^[\w-]{43}$/),
    });
  });

  test('leaves nothing else behind', async () => {
    await loadOrCreateDevelopmentKey(path);
    expect(await readdir(dirname(path))).toEqual(['development-key.jwk']);
  });

  test('returns the same key again, and a new one once the file is deleted', async () => {
    const first = await secretAt();
    expect(first).toHaveLength(64);
    expect(await secretAt()).toBe(first);
    await rm(path);
    expect(await secretAt()).not.toBe(first);
  });

  test('accepts a longer key from a file', async () => {
    const k = Buffer.alloc(64, 9);
    await write(jwk({ k: k.toString('base64url'), kid: 'mine' }));
    expect(await secretAt()).toBe(k.toString('hex'));
  });

  test('returns the same key to concurrent callers', async () => {
    const secrets = await Promise.all(Array.from({ length: 20 }, secretAt));
    expect(new Set(secrets).size).toBe(1);
    expect(await readdir(dirname(path))).toEqual(['development-key.jwk']);
  });

  test('returns the same key to processes that start together', async () => {
    const module = join(import.meta.dirname, 'development-key.ts');
    // Both wait until the same time, so that they race to create the missing file.
    const program = `
      import { loadOrCreateDevelopmentKey } from ${JSON.stringify(module)};
      while (Date.now() < Number(process.argv[2]));
      const key = await loadOrCreateDevelopmentKey(process.argv[1]);
      process.stdout.write(key.export().toString('hex'));`;
    const start = String(Date.now() + 1_000);
    const run = promisify(execFile);
    const secrets = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program, path, start]);
        return stdout;
      }),
    );
    expect(new Set(secrets)).toEqual(new Set([await secretAt()]));
  });

  test.each([
    ['nothing', ''],
    ['half a file', '{"kty":"oct","alg":"HS256","k":"AAAA'],
    ['no object', 'null'],
    ['a list', '[]'],
    ['another kind of key', jwk({ kty: 'EC' })],
    ['another algorithm', jwk({ alg: 'HS512' })],
    ['no algorithm', jwk({ alg: undefined })],
    ['no secret', jwk({ k: undefined })],
    ['a secret of 31 bytes', jwk({ k: Buffer.alloc(31).toString('base64url') })],
    ['a secret that is not base64url', jwk({ k: '+/'.repeat(30) })],
  ])('refuses a file that contains %s, and says how to get a new key', async (_, text) => {
    await write(text);
    await expect(loadOrCreateDevelopmentKey(path)).rejects.toMatchObject({ code: 'key-unusable' });
    await expect(loadOrCreateDevelopmentKey(path)).rejects.toThrow(
      `The development key ${path} does not contain an HS256 JWK. Delete the file to create a new key at the next start`,
    );
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  test.each([0o640, 0o604, 0o620, 0o666])(
    'refuses a file that other users may access (mode %i)',
    async (mode) => {
      await write(jwk({}), mode);
      await expect(loadOrCreateDevelopmentKey(path)).rejects.toMatchObject({
        code: 'key-unusable',
        message: expect.stringMatching(
          `${path} can be used by other users \\(mode ${mode.toString(8)}\\). Run chmod 600`,
        ),
      });
    },
  );

  test('reports an invalid key file, whatever its permissions', async () => {
    await write('no key', 0o644);
    await expect(loadOrCreateDevelopmentKey(path)).rejects.toMatchObject({ code: 'key-unusable' });
  });

  test('does not put the secret into an error', async () => {
    await write(jwk({ k: 'c2VjcmV0' }));
    await expect(loadOrCreateDevelopmentKey(path)).rejects.toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('c2VjcmV0') }),
    );
  });

  test('reports that the path is a directory', async () => {
    await mkdir(path, { recursive: true });
    await expect(loadOrCreateDevelopmentKey(path)).rejects.toMatchObject({
      code: 'key-unusable',
      message: expect.stringContaining(path),
    });
  });

  test('reports that the file cannot be created', async () => {
    await writeFile(join(directory, 'data'), 'a file where the directory should be');
    await expect(loadOrCreateDevelopmentKey(path)).rejects.toMatchObject({
      code: 'key-unusable',
      message: expect.stringContaining(path),
    });
  });
});
