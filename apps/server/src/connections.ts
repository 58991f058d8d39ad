import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The open connections of a server, each with the answers that are still to be sent over it, the one on its way first. */
export class Connections {
  readonly #answers = new Map<Socket, Set<ServerResponse>>();

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.#answers.set(socket, new Set());
      socket.once('close', () => this.#answers.delete(socket));
    });
    server.on('request', ({ socket }: IncomingMessage, answer: ServerResponse) => {
      const forget = () => this.#answers.get(socket)?.delete(answer);
      this.#answers.get(socket)?.add(answer);
      // Before the hooks of what answers it.
      answer.prependOnceListener('finish', forget).once('close', forget);
    });
  }

  get all(): Iterable<Socket> {
    return this.#answers.keys();
  }

  /** The answer that is sent over a connection; undefined where none is. */
  answerOf(socket: Socket): ServerResponse | undefined {
    const [first] = this.#answers.get(socket) ?? [];
    return first;
  }
}
