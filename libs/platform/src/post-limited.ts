import { messageOf } from '#event-sourcing/errors';
import type { WitnessAnswer } from '#use-cases/audit/witnesses';

/** The maximum size of a response in bytes. A witness sends some lines, a time-stamping authority some certificates. */
const ANSWER_BYTES_MAX = 64 * 1024;

/** Posts to an external service and returns its response. @throws Error if that fails, times out, or returns too much */
async function postLimited(
  url: string,
  sent: Pick<RequestInit, 'body' | 'headers'>,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly body: Buffer }> {
  try {
    const answer = await fetch(url, { ...sent, method: 'POST', signal, redirect: 'error' });
    return { status: answer.status, body: await bytesOf(answer) };
  } catch (error) {
    if (signal.aborted) throw new Error('did not respond in time', { cause: error });
    throw new Error(`cannot be reached: ${messageOf((error as Error).cause ?? error)}`, { cause: error });
  }
}

async function bytesOf({ body }: Response): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body ?? []) {
    length += piece.length;
    if (length > ANSWER_BYTES_MAX) throw new Error('its response is too long');
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** Posts a request to a witness (C2SP tlog-witness) and returns its response. @throws Error if that fails or times out */
export async function postToWitness(url: string, body: string, signal: AbortSignal): Promise<WitnessAnswer> {
  const address = `${url.replace(/\/$/, '')}/add-checkpoint`;
  const answer = await postLimited(address, { body }, signal);
  return { status: answer.status, text: answer.body.toString() };
}

const TIMESTAMP = { 'content-type': 'application/timestamp-query' };

/** Returns a function that posts requests to a time-stamping authority (RFC 3161, 3.4). */
export const postToAuthority =
  (url: string) =>
  async (request: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<Uint8Array> => {
    const { status, body } = await postLimited(url, { body: request, headers: TIMESTAMP }, signal);
    if (status !== 200) throw new Error(`responded with ${status}`);
    return body;
  };
