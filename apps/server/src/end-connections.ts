import type { FastifyInstance } from 'fastify';
import type { Connections } from './connections.ts';

/**
 * Ends connections when the server stops. It closes those that are idle then, and would wait for the others until their
 * clients let go of them: each ends with its answer, and one over which nothing was asked at once.
 */
export function endConnections(fastify: FastifyInstance, connections: Connections): void {
  let isStopping = false;
  fastify.addHook('preClose', (done) => {
    isStopping = true;
    for (const socket of connections.all) if (socket.bytesRead === 0) socket.destroy();
    done();
  });
  fastify.addHook('onSend', (_, reply, payload, done) => {
    if (isStopping) void reply.header('connection', 'close');
    done(null, payload);
  });
  // For those whose headers had gone before.
  fastify.addHook('onResponse', ({ raw: { socket } }, _, done) => {
    if (isStopping && connections.answerOf(socket) === undefined) socket.destroySoon();
    done();
  });
}
