import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { SMTPServer } from 'smtp-server';

// A mail server and a webhook receiver that discard messages. They run in their own process, so that they are not
// measured.
const received = { mails: 0, webhooks: 0 };

const smtp = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS', 'AUTH'],
  logger: false,
  onData(stream, _session, callback) {
    stream.resume().on('end', () => {
      received.mails += 1;
      callback();
    });
  },
});
smtp.on('error', () => undefined);
const http = createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(JSON.stringify(received));
    return;
  }
  request.resume().on('end', () => {
    received.webhooks += 1;
    response.writeHead(204).end();
  });
});

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
smtp.listen(0, '127.0.0.1');
http.listen(0, '127.0.0.1');
await Promise.all([once(smtp.server, 'listening'), once(http, 'listening')]);
const [mail, hook] = [`smtp://127.0.0.1:${portOf(smtp.server)}`, `http://127.0.0.1:${portOf(http)}`];
process.stdout.write(`${JSON.stringify({ mail, hook })}\n`);
