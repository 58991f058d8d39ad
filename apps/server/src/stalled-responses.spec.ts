import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { eventually } from '#test/support/service-child';
import { Connections } from './connections.ts';
import { StalledResponses } from './stalled-responses.ts';

const MEGABYTE = 1024 * 1024;
const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

let server: Server;
let untaken: StalledResponses;
let cut: (string | null)[];
const clients: Socket[] = [];

beforeEach(async () => {
  // More than the socket buffers of the system.
  server = createServer((_, response) => {
    response.setHeader('x-correlation-id', 'one');
    response.end(Buffer.alloc(64 * MEGABYTE));
  });
  cut = [];
  untaken = new StalledResponses(new Connections(server), (id) => cut.push(id));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

/**
 * Sends a request and does not read the response until the client is resumed. Returns both ends of the
 * connection.
 */
async function sendRequest(): Promise<{ client: Socket; socket: Socket }> {
  const { port } = server.address() as AddressInfo;
  const client = connect({ port, host: '127.0.0.1' });
  clients.push(client);
  client.on('error', () => undefined);
  const [socket] = (await once(server, 'connection')) as [Socket];
  client.write(REQUEST);
  await eventually(
    () => Promise.resolve(socket.writableLength),
    (waiting) => waiting > 0,
  );
  return { client, socket };
}

const queuedBytes = (socket: Socket) =>
  (socket as Socket & { readonly _handle: { readonly writeQueueSize: number } })._handle.writeQueueSize;

/** Waits until the socket buffers are full. */
async function full(socket: Socket): Promise<void> {
  let before = -1;
  await eventually(
    async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const isStalled = queuedBytes(socket) === before;
      before = queuedBytes(socket);
      return isStalled;
    },
    (isStalled) => isStalled,
  );
}

describe('the connection of a peer that reads nothing of its response', () => {
  it('is closed after five minutes, and logged with the correlation id', async () => {
    const { socket } = await sendRequest();
    await full(socket);
    untaken.look(1_000);
    untaken.look(300_999);
    expect({ cut, isOpen: !socket.destroyed }).toEqual({ cut: [], isOpen: true });
    untaken.look(301_000);
    expect({ cut, isOpen: !socket.destroyed }).toEqual({ cut: ['one'], isOpen: false });
    await once(socket, 'close');
    untaken.look(1_000_000);
    expect(cut).toHaveLength(1);
  });

  it('is closed even if the peer still sends', async () => {
    const { client, socket } = await sendRequest();
    await full(socket);
    untaken.look(0);
    const read = socket.bytesRead;
    client.write(REQUEST);
    await eventually(
      () => Promise.resolve(socket.bytesRead),
      (bytes) => bytes > read,
    );
    untaken.look(300_000);
    expect(cut).toEqual(['one']);
  });
});

describe('a connection without a stalled response', () => {
  it('stays open while its peer reads now and then, though one chunk takes long', async () => {
    const { client, socket } = await sendRequest();
    for (let now = 0; now < 2_000_000; now += 300_000) {
      await full(socket);
      untaken.look(now);
      const waiting = queuedBytes(socket);
      let received = 0;
      client.on('data', (piece: Buffer) => {
        received += piece.length;
        if (received > 4 * MEGABYTE) client.pause();
      });
      client.resume();
      await eventually(
        () => Promise.resolve(queuedBytes(socket)),
        (size) => size < waiting,
      );
      client.removeAllListeners('data').pause();
    }
    expect(cut).toEqual([]);
  });

  it('stays open while no response is pending, however long', async () => {
    const { port } = server.address() as AddressInfo;
    const client = connect({ port, host: '127.0.0.1' });
    clients.push(client);
    await once(server, 'connection');
    for (const now of [0, 300_000, 30_000_000]) untaken.look(now);
    expect(cut).toEqual([]);
  });
});
