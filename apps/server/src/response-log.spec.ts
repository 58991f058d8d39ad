import { afterEach, expect, test } from '@jest/globals';
import fastify from 'fastify';
import { Readable } from 'node:stream';
import pino from 'pino';
import { ReadersBusyError } from '#projections/limited-reads';
import { ResponseLog } from './response-log.ts';

let app: { readonly close: () => PromiseLike<unknown> };
afterEach(async () => {
  await app.close();
});

/** Returns the log lines for a response made of these pieces, and whether the client received all of it. */
async function sendResponse(
  pieces: () => AsyncGenerator<string>,
): Promise<{ lines: object[]; isWhole: boolean }> {
  const lines: object[] = [];
  const logger = pino({ level: 'info' }, { write: (line) => lines.push(JSON.parse(line) as object) });
  const server = fastify({ loggerInstance: logger, logController: new ResponseLog(), genReqId: () => 'c-1' });
  app = server;
  server.get('/list', (_, reply) => reply.send(Readable.from(pieces(), { objectMode: false })));
  const address = await server.listen({ port: 0, host: '127.0.0.1' });
  lines.length = 0;
  const response = await fetch(`${address}/list`);
  const isWhole = await response.text().then(
    () => true,
    () => false,
  );
  return { lines, isWhole };
}

test('an aborted response is logged with its correlation id and the reason', async () => {
  const { lines, isWhole } = await sendResponse(async function* () {
    yield 'a';
    await new Promise((resolve) => setTimeout(resolve, 50));
    throw new ReadersBusyError('other reads have gone on');
  });
  expect(isWhole).toBe(false);
  expect(lines).toMatchObject([
    {
      level: 40,
      correlationId: 'c-1',
      route: '/list',
      msg: expect.stringMatching(/^A response was cut off/),
      err: { message: 'other reads have gone on' },
    },
  ]);
});

test('a complete response is not logged separately', async () => {
  const { lines, isWhole } = await sendResponse(async function* () {
    yield await Promise.resolve('a');
  });
  expect([isWhole, lines]).toEqual([true, []]);
});
