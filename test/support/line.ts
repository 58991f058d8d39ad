import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A line to a server, which can fail as networks do. */
export interface Line {
  readonly port: number;
  /** Connections break, and new ones are refused at once. */
  cut(): void;
  /** At the next such word of a client its connection alone breaks, unanswered: whether the server still gets what was said. */
  cutAt(word: string, heard: 'heard' | 'unheard'): void;
  /** Whether a cut at a word is still to come. */
  isArmed(): boolean;
  /** Connections stay, also new ones, and nothing comes through: neither an answer nor an end. */
  silence(): void;
  /** It works again. What was sent over a silent line does not arrive: its connections break. */
  mend(): void;
  close(): Promise<void>;
}

/** Lays a line to a port, from a port of its own. */
export async function layLine(port: number, host = '127.0.0.1'): Promise<Line> {
  const sockets = new Set<Socket>();
  let state: 'works' | 'silent' | 'cut' = 'works';
  let armed: { word: string; isHeard: boolean } | null = null;
  const breakAll = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const hold = (socket: Socket, other: Socket | null) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      // What the server has heard it carries out before it notices that nobody listens.
      if (state !== 'silent' && other?.writableEnded === false) other.destroy();
    });
  };
  const server = createServer((client) => {
    if (state === 'cut') {
      client.resetAndDestroy();
      return;
    }
    const upstream = state === 'works' ? connect(port, host) : null;
    hold(client, upstream);
    client.on('data', (bytes) => {
      if (state !== 'works') return;
      if (armed === null || !bytes.includes(armed.word)) {
        upstream?.write(bytes);
        return;
      }
      if (armed.isHeard) upstream?.end(bytes);
      armed = null;
      client.destroy();
    });
    if (upstream === null) return;
    hold(upstream, client);
    upstream.on('data', (bytes) => {
      if (state === 'works' && !client.destroyed) client.write(bytes);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      state = 'cut';
      breakAll();
    },
    cutAt(word, heard) {
      armed = { word, isHeard: heard === 'heard' };
    },
    isArmed: () => armed !== null,
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
