import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A line to a server, which can fail as networks do. */
export interface Line {
  readonly port: number;
  /** Connections break, and new ones are refused at once. */
  cut(): void;
  /** Connections stay, also new ones, and nothing comes through: neither an answer nor an end. */
  silence(): void;
  /** It works again. What was sent over a silent line does not arrive: its connections break. */
  mend(): void;
  close(): Promise<void>;
}

/** Lays a line to a port of 127.0.0.1, from a port of its own. */
export async function layLine(port: number): Promise<Line> {
  const sockets = new Set<Socket>();
  let state: 'works' | 'silent' | 'cut' = 'works';
  const breakAll = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const hold = (socket: Socket, other: Socket | null) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      if (state !== 'silent') other?.destroy();
    });
    socket.on('data', (bytes) => {
      if (state === 'works') other?.write(bytes);
    });
  };
  const server = createServer((client) => {
    if (state === 'cut') {
      client.resetAndDestroy();
      return;
    }
    const upstream = state === 'works' ? connect(port, '127.0.0.1') : null;
    hold(client, upstream);
    if (upstream !== null) hold(upstream, client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      state = 'cut';
      breakAll();
    },
    silence() {
      state = 'silent';
    },
    mend() {
      if (state === 'silent') breakAll();
      state = 'works';
    },
    async close() {
      breakAll();
      server.close();
      await once(server, 'close');
    },
  };
}
