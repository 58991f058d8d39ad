import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { simpleParser } from 'mailparser';
import type { ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { Webhook } from 'standardwebhooks';

/** A webhook receiver that records requests; `answer` may be changed at any time. */
export interface WebhookReceiver {
  readonly url: string;
  readonly requests: readonly ReceivedWebhook[];
  answer: (request: ReceivedWebhook, response: ServerResponse) => void;
  close(): Promise<void>;
}

export interface ReceivedWebhook {
  readonly id: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const accept = (_: ReceivedWebhook, response: ServerResponse): void => {
  response.writeHead(204).end();
};

export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const requests: ReceivedWebhook[] = [];
  const read = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const headers = request.headers as Record<string, string>;
    const received = {
      id: headers['webhook-id'] ?? '',
      path: request.url ?? '',
      headers,
      body: Buffer.concat(pieces).toString(),
    };
    requests.push(received);
    receiver.answer(received, response);
  };
  const server = createServer((request, response) => void read(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const receiver: WebhookReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    requests,
    answer: accept,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}

/** Returns the body if the specification's own library accepts the signature. */
export const verified = (secret: string, { body, headers }: ReceivedWebhook): unknown =>
  new Webhook(secret).verify(body, { ...headers });

/** Starts a server that only calls a function for each connection. Closing it also closes the remaining connections. */
export async function startServerThat(connected: (socket: Socket) => void = () => undefined) {
  const sockets: Socket[] = [];
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    sockets.push(socket);
    connected(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A mail server that records mails. */
export interface MailReceiver {
  readonly url: string;
  readonly mails: readonly ParsedMail[];
  /** The reply to a recipient; 0 accepts. */
  recipientCode: number;
  /** Runs for each mail before its sender gets the reply. */
  onMail: () => Promise<void> | void;
  close(): Promise<void>;
}

export async function startMailReceiver(): Promise<MailReceiver> {
  const mails: ParsedMail[] = [];
  const refusal = (responseCode: number): Error => Object.assign(new Error('not this one'), { responseCode });
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    onRcptTo(_address, _session, callback) {
      callback(receiver.recipientCode === 0 ? null : refusal(receiver.recipientCode));
    },
    onData(stream, _session, callback) {
      simpleParser(stream)
        .then(async (mail) => {
          mails.push(mail);
          await receiver.onMail();
        })
        .then(() => {
          callback(null);
        }, callback);
    },
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const receiver: MailReceiver = {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    mails,
    recipientCode: 0,
    onMail: () => undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
      }),
  };
  return receiver;
}
