import { expect, test } from '@jest/globals';
import fastify from 'fastify';
import type { FastifyReply } from 'fastify';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { Connections } from './connections.ts';
import { endConnections } from './end-connections.ts';

/** A keep-alive connection, with what it received until the server closed it. */
function connection(port: number): { readonly socket: Socket; readonly ended: Promise<string> } {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => (text += part));
  return { socket, ended: once(socket, 'close').then(() => text) };
}

const SLOW_REQUEST = 'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n';

test('a stop ends each connection after its current response, and idle connections at once', async () => {
  // Longer than the test's timeout, so that no connection closes by itself.
  const app = fastify({ forceCloseConnections: 'idle', keepAliveTimeout: 600_000 });
  endConnections(app, new Connections(app.server));
  const replies: FastifyReply[] = [];
  app.get('/slow', (_, reply) => {
    replies.push(reply);
    return reply.sent ? undefined : new Promise(() => undefined);
  });
  const streamed = new PassThrough();
  app.get('/streamed', (_, reply) => reply.send(streamed));
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;

  const silent = connection(port);
  const asking = connection(port);
  asking.socket.write(SLOW_REQUEST);
  const reading = connection(port);
  reading.socket.write('GET /streamed HTTP/1.1\r\nHost: x\r\n\r\n');
  streamed.write('first');
  await once(reading.socket, 'data');
  while (replies.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));

  const closed = app.close();
  expect(await silent.ended).toBe('');
  void replies[0]?.send('whole');
  streamed.end('last');
  await closed;
  expect(await asking.ended).toMatch(/^HTTP\/1\.1 200 [^]*connection: close[^]*\r\n\r\nwhole$/i);
  expect(await reading.ended).toMatch(/^HTTP\/1\.1 200 [^]*first[^]*last\r\n0\r\n\r\n$/);
});
