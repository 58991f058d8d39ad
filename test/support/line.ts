import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A connection to a server that can simulate network faults. */
export interface Line {
  readonly port: number;
  /** Breaks connections, and refuses new ones. */
  cut(): void;
  /**
   * Breaks the connection at the client's next message with this word, without a response, before or after the server
   * receives it.
   */
  cutAt(word: string, heard: 'heard' | 'unheard'): void;
  /** Returns whether a cut at a word has not happened yet. */
  isArmed(): boolean;
  /** Keeps connections open and accepts new ones, but transfers nothing. */
  silence(): void;
  /** Ends the fault. Data sent while it was silent is lost, so its connections break. */
  mend(): void;
  close(): Promise<void>;
}

/** Starts a proxy to a port, on a free port. */
export async function layLine(port: number, host = '127.0.0.1'): Promise<Line> {
  const sockets = new Set<Socket>();
  let state: 'works' | 'silent' | 'cut' = 'works';
  let armed: { word: string; isHeard: boolean } | null = null;
  const breakAll = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const watch = (socket: Socket, other: Socket | null) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      // The server executes the data that it has received before it notices the end.
      if (state !== 'silent' && other?.writableEnded === false) other.destroy();
    });
  };
  const server = createServer((client) => {
    if (state === 'cut') {
      client.resetAndDestroy();
      return;
    }
    const upstream = state === 'works' ? connect(port, host) : null;
    watch(client, upstream);
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
    watch(upstream, client);
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
