import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** Stands between a client and a server, and can cut their connection at a word that the client says. */
export interface CuttingProxy {
  readonly port: number;
  /** At the next such word: whether the server still gets it. The client gets no answer in either case. */
  cutAt(word: string, heard: 'heard' | 'unheard'): void;
  /** Whether a cut is still to come. */
  isArmed(): boolean;
  close(): Promise<void>;
}

export async function startCuttingProxy(host: string, port: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let cut: { word: string; heard: boolean } | null = null;
  const server = createServer((client) => {
    const upstream = connect(port, host);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.end();
      });
    }
    upstream.on('data', (bytes) => client.write(bytes));
    client.on('data', (bytes) => {
      if (cut === null || !bytes.includes(cut.word)) {
        upstream.write(bytes);
        return;
      }
      const { heard } = cut;
      cut = null;
      client.destroy();
      // What it has heard it carries out before it notices that nobody listens.
      if (heard) upstream.end(bytes);
      else upstream.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cutAt(word, heard) {
      cut = { word, heard: heard === 'heard' };
    },
    isArmed: () => cut !== null,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
