import type { FastifyInstance } from 'fastify';
import type { Connections } from './connections.ts';

/**
 * Closes connections when the server stops: those without a request at once, the others after their response.
 * Node would wait for keep-alive clients to disconnect.
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
  // Covers responses whose headers were sent before the stop.
  fastify.addHook('onResponse', ({ raw: { socket } }, _, done) => {
    if (isStopping && connections.responseOn(socket) === undefined) socket.destroySoon();
    done();
  });
}
