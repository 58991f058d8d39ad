import type { FastifyInstance } from 'fastify';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What Node keeps at a socket: the answer that is to be sent next. */
type AnsweringSocket = Socket & { readonly _httpMessage?: ServerResponse | null };

/**
 * Ends connections when the server stops. It closes those that are idle then, and would wait for the others until their
 * clients let go of them: each ends with its answer, and one over which nothing was asked at once.
 */
export function endConnections(fastify: FastifyInstance): void {
  const connections = new Set<Socket>();
  let isStopping = false;
  fastify.server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  fastify.addHook('preClose', (done) => {
    isStopping = true;
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
    done();
  });
  fastify.addHook('onSend', (_, reply, payload, done) => {
    if (isStopping) void reply.header('connection', 'close');
    done(null, payload);
  });
  // For those whose headers had gone before.
  fastify.addHook('onResponse', ({ raw: { socket } }, _, done) => {
    if (isStopping && !(socket as AnsweringSocket)._httpMessage) socket.destroySoon();
    done();
  });
}
