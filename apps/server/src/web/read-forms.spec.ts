import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import type { Session } from '#identity/sessions';
import type { FormValues } from './form-values.ts';
import { addFormParsers } from './read-forms.ts';

let fastify: FastifyInstance;
let signedIn: FastifyInstance;

/** Echoes the parsed form. */
async function echoServer(session: Session | null): Promise<FastifyInstance> {
  const server = Fastify();
  server.decorateRequest('session', null);
  server.addHook('onRequest', (request, _, done) => {
    request.session = session;
    done();
  });
  addFormParsers(server);
  const formParts = ({ body }: { body: unknown }) => {
    const form = body as FormValues;
    const files = form.files.map(({ bytes, ...file }) => ({ ...file, kept: bytes.length }));
    return { fields: [...form], files };
  };
  server.post('/page', formParts);
  server.post('/api/x', formParts);
  server.post('/recommendations/:id/commands/:command', formParts);
  await server.listen({ port: 0, host: '127.0.0.1' });
  return server;
}

beforeAll(async () => {
  fastify = await echoServer(null);
  const identity = { subject: 'ann', name: null, roles: [], organisations: [], expiresAt: 0, issuedAt: null };
  signedIn = await echoServer({ id: 's', identity });
});
afterAll(() => Promise.all([fastify.close(), signedIn.close()]));

async function sendForm(server: FastifyInstance, path: string, body: FormData | URLSearchParams) {
  const { port } = server.server.address() as { port: number };
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body });
  return { status: response.status, json: (await response.json()) as { fields: unknown; files: unknown } };
}

function form(
  fields: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  for (const [name, content] of Object.entries(files)) data.append(name, new Blob([content]), `${name}.txt`);
  return data;
}

const MIB = 1024 * 1024;

describe('a form that breaks the rules of its encoding', () => {
  const part = (disposition: string): string => `--x\r\nContent-Disposition: ${disposition}\r\n\r\n1`;
  test.each([
    ['a part without a name', `${part('form-data')}\r\n--x--\r\n`, 'A part of the form has no name'],
    ['a file cut off in the middle', part('form-data; name="file"; filename="a"'), 'The form is incomplete'],
    ['a field cut off in the middle', part('form-data; name="text"'), 'The form is incomplete'],
  ])('is refused with %s, and the service goes on', async (_, body, message) => {
    const { port } = fastify.server.address() as { port: number };
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    const sent = await fetch(`http://127.0.0.1:${port}/page`, { method: 'POST', headers, body });
    expect(await sent.json()).toMatchObject({ code: 'malformed-request', message });
    expect(await sendForm(fastify, '/page', form({ text: 'a' }))).toMatchObject({ status: 200 });
  });
});

describe('a form with files', () => {
  test('returns the typed values, and the file', async () => {
    const data = form({ text: 'ä\r\nb' }, { file: 'a record' });
    expect(await sendForm(signedIn, '/page', data)).toEqual({
      status: 200,
      json: { fields: [['text', 'ä\r\nb']], files: [{ field: 'file', name: 'file.txt', kept: 8 }] },
    });
  });

  test('returns no files if none was chosen', async () => {
    const data = new FormData();
    data.append('files', new Blob([]), '');
    expect(await sendForm(signedIn, '/page', data)).toMatchObject({ status: 200, json: { files: [] } });
  });

  test('keeps at most the permitted bytes of a file with records', async () => {
    const { json } = await sendForm(signedIn, '/page', form({}, { file: 'x'.repeat(4 * MIB) }));
    const [file] = json.files as [{ kept: number }];
    expect(file.kept).toBeGreaterThan(2 * MIB);
    expect(file.kept).toBeLessThan(2.5 * MIB);
  });

  test('is refused when it has more fields than any page has', async () => {
    const long = form({ a: 'x'.repeat(3 * MIB), b: 'x'.repeat(3 * MIB) });
    expect((await sendForm(signedIn, '/page', long)).status).not.toBe(200);
  });

  test('is refused when it is larger than any page needs', async () => {
    const sent = form({}, { file: 'x'.repeat(33 * MIB) });
    expect((await sendForm(signedIn, '/page', sent)).json).toMatchObject({ code: 'payload-too-large' });
  });

  test('is refused if it is truncated', async () => {
    const response = await signedIn.inject({
      method: 'POST',
      url: '/page',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
      payload: '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb',
    });
    expect(response.statusCode).not.toBe(200);
  });
});

describe.each([
  ['typed', () => new URLSearchParams({ a: 'b' })],
  ['with files', () => form({ a: 'b' })],
])('a form %s', (_, made) => {
  test('is read by pages, and not by the API', async () => {
    expect(await sendForm(signedIn, '/page', made())).toMatchObject({
      status: 200,
      json: { fields: [['a', 'b']] },
    });
    expect((await sendForm(signedIn, '/api/x', made())).status).not.toBe(200);
  });
});

describe('a form without files', () => {
  const sendTyped = async (body: string | Uint8Array<ArrayBuffer>) => {
    const { port } = fastify.server.address() as { port: number };
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const response = await fetch(`http://127.0.0.1:${port}/page`, { method: 'POST', headers, body });
    return { status: response.status, json: (await response.json()) as { fields?: unknown } };
  };

  test('returns typed values in any script', async () => {
    expect(await sendTyped('text=%C3%A4+%F0%9F%98%80%25&more=')).toMatchObject({
      status: 200,
      json: {
        fields: [
          ['text', 'ä 😀%'],
          ['more', ''],
        ],
      },
    });
  });

  test.each([
    ['written with %', 'text=%ff%fe'],
    ['as they are', Uint8Array.of(0x74, 0x3d, 0xff)],
  ])('is refused if bytes %s are not UTF-8', async (_, body) => {
    expect(await sendTyped(body)).toMatchObject({
      status: 500,
      json: { message: expect.stringContaining('UTF-8') as unknown },
    });
  });
});
