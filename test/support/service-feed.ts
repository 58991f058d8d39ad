import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { pause } from './service-child.ts';

interface FeedEvent {
  readonly id: string;
  readonly event: string;
  readonly data: { readonly eventId: string; readonly position: string; readonly streamId: string };
}

/** A live feed of the log, as a browser reads it. */
export interface Feed {
  readonly response: IncomingMessage;
  readonly events: readonly FeedEvent[];
  /** The last id that was sent, with an event or alone, at which a browser would resume. */
  readonly lastId: string;
  /** True if the service has ended the feed. */
  readonly ended: boolean;
  /** Waits for a number of events. */
  until(count: number, withinMs?: number): Promise<readonly FeedEvent[]>;
  close(): void;
}

const OPEN_MS_MAX = 10_000;

/** Opens `/api/events` as server-sent events. Resolves when the headers arrive. */
export async function openFeed(
  address: string,
  token: string,
  { query = '', headers = {} }: { readonly query?: string; readonly headers?: Record<string, string> } = {},
): Promise<Feed> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = get(`${address}/api/events${query}`, {
      agent: false,
      headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream', ...headers },
      timeout: OPEN_MS_MAX,
    });
    request.once('response', (response) => {
      // A feed may be silent for longer.
      request.setTimeout(0);
      resolve(response);
    });
    request.once('timeout', () => request.destroy(new Error(`no feed within ${OPEN_MS_MAX} ms`)));
    request.once('error', reject);
  });
  const events: FeedEvent[] = [];
  let text = '';
  let ended = false;
  let lastId = '';
  response.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
    const messages = text.split('\n\n');
    text = messages.pop() ?? '';
    for (const message of messages) {
      const fields = new Map(
        message
          .split('\n')
          .map(
            (line) =>
              [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trimStart()] as const,
          ),
      );
      lastId = fields.get('id') ?? lastId;
      if (!fields.has('data')) continue;
      const data = JSON.parse(fields.get('data') ?? '') as FeedEvent['data'];
      events.push({ id: fields.get('id') ?? '', event: fields.get('event') ?? '', data });
    }
  });
  response.on('close', () => {
    ended = true;
  });
  response.on('error', () => undefined);
  return {
    response,
    events,
    get lastId() {
      return lastId;
    },
    get ended() {
      return ended;
    },
    async until(count, withinMs = 20_000) {
      const end = performance.now() + withinMs;
      while (events.length < count) {
        if (performance.now() > end)
          throw new Error(`${events.length} and not ${count} events came within ${withinMs} ms`);
        await pause(5);
      }
      return events;
    },
    close() {
      response.destroy();
    },
  };
}
