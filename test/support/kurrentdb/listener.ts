import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server as TcpServer, Socket } from 'node:net';
import type { ServerCredentials } from '@grpc/grpc-js';
import { Server } from '@grpc/grpc-js';

export const ADDRESS = '127.0.0.1';
/** The real server's limit in bytes: an event of 16 MiB and its envelope. */
const MESSAGE_MAX = 17 * 1024 * 1024;

/**
 * A gRPC server behind a port whose connections can be cut as those of a killed process. gRPC's own server closes them
 * gracefully.
 */
export class Listener {
  readonly server = new Server({ 'grpc.max_receive_message_length': MESSAGE_MAX });
  readonly #inject: (socket: Socket) => void;
  readonly #sockets = new Set<Socket>();
  #tcp: TcpServer | null = null;
  #port = 0;

  constructor(credentials: ServerCredentials) {
    const injector = this.server.createConnectionInjector(credentials);
    this.#inject = (socket) => {
      injector.injectConnection(socket);
    };
  }

  get port(): number {
    return this.#port;
  }

  get isListening(): boolean {
    return this.#tcp !== null;
  }

  /** Listens on a free port, and later on the same one. */
  async listen(): Promise<void> {
    if (this.#tcp !== null) return;
    this.#tcp = createServer((socket) => {
      this.#sockets.add(socket);
      // The calls notice a lost connection.
      socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
      this.#inject(socket);
    });
    this.#tcp.listen(this.#port, ADDRESS);
    await once(this.#tcp, 'listening');
    this.#port = (this.#tcp.address() as AddressInfo).port;
  }

  /** Stops listening, and cuts all connections. */
  cut(): void {
    this.#tcp?.close();
    this.#tcp = null;
    for (const socket of this.#sockets) socket.destroy();
  }
}
