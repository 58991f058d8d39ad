import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startMailReceiver, startServerThat } from '#test/support/receivers';
import type { MailReceiver } from '#test/support/receivers';
import { DeliveryError } from './delivery-error.ts';
import { messageIdOf, sendEmail } from './email.ts';
import { mailOf } from './message-text.ts';

const FROM = 'Docket <docket@inspectorate.example>';
const ID = '0b6c1f0e-6a55-5b0a-9c53-5f1f6f2f0d3e';
const text = mailOf('News', [{ text: 'Zürich – “quoted”', url: 'https://docket.example' }], []);

let server: MailReceiver;

beforeEach(async () => {
  server = await startMailReceiver();
});

afterEach(() => server.close());

const send = (url = server.url, signal = AbortSignal.timeout(10_000)): Promise<void> =>
  sendEmail({ url, from: FROM }, { id: ID, to: 'ada@kent.example', ...text }, { timeoutMs: 10_000, signal });

const failure = async (url?: string, signal?: AbortSignal): Promise<DeliveryError> => {
  const error: unknown = await send(url, signal).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DeliveryError);
  return error as DeliveryError;
};

describe('a mail', () => {
  test('arrives with text, HTML, and an id that is the same at every attempt', async () => {
    await send();
    await send();
    expect(server.mails).toHaveLength(2);
    for (const mail of server.mails) {
      expect(mail).toMatchObject({ messageId: `<${ID}@inspectorate.example>`, subject: text.subject });
      expect(mail.text?.trim()).toBe(text.text.trim());
      expect(mail.html).toContain('Zürich – “quoted”');
      expect(mail.from?.text).toContain('docket@inspectorate.example');
      expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
      expect(mail.headers.get('x-docket-message')).toBe(ID);
    }
  });

  test('has an id even if the sender has no domain', () => {
    expect(messageIdOf(ID, 'docket')).toBe(`<${ID}@docket.invalid>`);
  });
});

describe('a mail server', () => {
  test('that refuses temporarily is retried, and only its reply code is recorded', async () => {
    server.recipientCode = 450;
    expect(await failure()).toMatchObject({
      message: 'the mail server replied 450',
      isFinal: false,
    });
  });

  test('that refuses permanently is not retried', async () => {
    server.recipientCode = 550;
    expect(await failure()).toMatchObject({ message: 'the mail server replied 550', isFinal: true });
  });

  test('that is unreachable is retried', async () => {
    const { url } = await startMailReceiver().then(async (other) => {
      await other.close();
      return other;
    });
    expect((await failure(url)).message).toBe('not sent: ESOCKET');
  });

  test('that drops the connection is retried', async () => {
    const other = await startServerThat((socket) => socket.destroy());
    expect(await failure(`smtp://${other.address}`)).toMatchObject({ isFinal: false });
    await other.close();
  });

  test('that sends other data now and then is disconnected', async () => {
    const ending = new AbortController();
    const other = await startServerThat((socket) => {
      socket.write('220-not yet\r\n', () => {
        ending.abort();
      });
    });
    expect(await failure(`smtp://${other.address}`, ending.signal)).toMatchObject({
      message: 'no response before the timeout',
    });
    // The connection is closed, not only abandoned.
    await new Promise<void>((resolve) => {
      const [socket] = other.sockets;
      if (socket?.closed !== false) resolve();
      else socket.once('close', resolve);
    });
    await other.close();
  });

  test('that sends an endless reply is disconnected', async () => {
    let written = 0;
    const other = await startServerThat((socket) => {
      const flood = (): void => {
        written += 65_536;
        if (!socket.destroyed && written < 64 * 1024 * 1024) socket.write(Buffer.alloc(65_536, 'x'), flood);
      };
      flood();
    });
    expect(await failure(`smtp://${other.address}`)).toMatchObject({
      message: expect.stringMatching(/^not sent: /),
    });
    expect(written).toBeLessThan(64 * 1024 * 1024);
    await other.close();
  });
});
