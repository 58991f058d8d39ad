import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { eventually } from '#test/support/service-child';
import { LateRequests, longestMs, allowSlowUpload } from './late-requests.ts';

const MEGABYTE = 1024 * 1024;

let server: Server;
let late: LateRequests;
let ended: Socket[];
let arrived: number;
let client: Socket;

beforeEach(async () => {
  [ended, arrived] = [[], 0];
  server = createServer((request, response) => {
    if (request.url === '/longer') allowSlowUpload(request);
    request.on('data', (piece: Buffer) => (arrived += piece.length));
    request.on('end', () => response.end('done'));
  });
  late = new LateRequests(server, (socket) => {
    ended.push(socket);
    socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  client.on('error', () => undefined);
});
afterEach(async () => {
  client.destroy();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

/** Sends the first `bytes` of a longer body, and waits until the server has received them. */
async function send(path: string, bytes: number): Promise<number> {
  const requested = once(server, 'request') as Promise<[IncomingMessage]>;
  client.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${100 * MEGABYTE}\r\n\r\n`);
  await requested;
  const begun = performance.now();
  client.write(Buffer.alloc(bytes));
  await eventually(
    () => Promise.resolve(arrived),
    (count) => count === bytes,
  );
  return begun;
}

describe('a request that keeps arriving', () => {
  test('is ended after 30 seconds, however many bytes have arrived', async () => {
    const begun = await send('/', 8 * MEGABYTE);
    late.look(begun + 29_000);
    expect(ended).toHaveLength(0);
    late.look(begun + 31_000);
    expect(ended).toHaveLength(1);
  });

  test('may take longer where its route allows it, while its bytes arrive fast enough', async () => {
    // At the minimum rate this takes more than half a minute longer.
    const begun = await send('/longer', 2 * MEGABYTE);
    late.look(begun + 59_000);
    expect(ended).toHaveLength(0);
    late.look(begun + 65_000);
    expect(ended).toHaveLength(1);
  });

  test('is not ended once it is complete, nor is its connection', async () => {
    client.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab');
    await once(client, 'data');
    late.look(performance.now() + 3_600_000);
    expect(ended).toHaveLength(0);
  });
});

test('a request may last 30 seconds longer than its bytes need at the minimum rate', () => {
  expect(longestMs(64 * 1024)).toBe(31_000);
});
