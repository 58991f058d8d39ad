import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import type { Sealer } from '#event-sourcing/sealer';
import { openWriter } from './database.ts';
import { LogWriter } from './log-writer.ts';
import type { WriteOutcome, WriteRequest } from './log-writer.ts';
import { encodeError } from './thread-errors.ts';
import type { EncodedError } from './thread-errors.ts';

/** What the thread is started with. */
export interface WriterOptions {
  readonly path: string;
  /** Address of a module that exports `createSealer`. */
  readonly sealerModule: string;
}

export type WriterMessage = readonly WriteRequest[] | 'close';
export type WriterAnswer = Exclude<WriteOutcome, { failed: unknown }> | { readonly failed: EncodedError };
export type WriterReply =
  { readonly ready: true } | { readonly unusable: EncodedError } | readonly WriterAnswer[];

const GROUP_REQUESTS_MAX = 256;
/** So few are written at once: a group less costs more than it overlaps. */
const GROUP_REQUESTS_MIN = 32;

if (parentPort !== null) await serve(parentPort, workerData as WriterOptions);

async function serve(port: MessagePort, { path, sealerModule }: WriterOptions): Promise<void> {
  const reply = (message: WriterReply) => {
    port.postMessage(message);
  };
  try {
    const { createSealer } = (await import(sealerModule)) as { createSealer: () => Sealer };
    const writer = new LogWriter(openWriter(path), createSealer());
    port.on('message', (message: WriterMessage) => {
      if (drain(port, message, writer, reply)) port.close();
    });
    reply({ ready: true });
  } catch (error) {
    reply({ unusable: encodeError(error) });
  }
}

/** Writes the message and all that wait behind it, group by group; true when one of them was `close`. */
function drain(
  port: MessagePort,
  first: WriterMessage,
  writer: LogWriter,
  reply: (answers: readonly WriterAnswer[]) => void,
): boolean {
  let closing = first === 'close';
  let waiting: WriteRequest[] = first === 'close' ? [] : [...first];
  for (;;) {
    while (!closing && waiting.length < GROUP_REQUESTS_MAX) {
      const next = receiveMessageOnPort(port) as { message: WriterMessage } | undefined;
      if (next === undefined) break;
      if (next.message === 'close') closing = true;
      else waiting.push(...next.message);
    }
    if (waiting.length === 0) break;
    // Half of them, so that while these are answered and ask again the writer has the others to write.
    const group = waiting.slice(0, Math.max(GROUP_REQUESTS_MIN, Math.ceil(waiting.length / 2)));
    const outcomes = writer.writeGroup(group);
    reply(
      outcomes.map((outcome) => ('failed' in outcome ? { failed: encodeError(outcome.failed) } : outcome)),
    );
    waiting = waiting.slice(outcomes.length);
    writer.checkpoint();
  }
  if (closing) writer.close();
  return closing;
}
