import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The open connections of a server, each with its pending responses, the current one first. */
export class Connections {
  readonly #answers = new Map<Socket, Set<ServerResponse>>();

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.#answers.set(socket, new Set());
      socket.once('close', () => this.#answers.delete(socket));
    });
    server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
      const forget = () => this.#answers.get(socket)?.delete(response);
      this.#answers.get(socket)?.add(response);
      // Runs before the listeners of Fastify.
      response.prependOnceListener('finish', forget).once('close', forget);
    });
  }

  get all(): Iterable<Socket> {
    return this.#answers.keys();
  }

  /** Returns the response that is being sent over a connection, if any. */
  responseOn(socket: Socket): ServerResponse | undefined {
    const [first] = this.#answers.get(socket) ?? [];
    return first;
  }
}
