import type { KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import {
  ADD_CHECKPOINT_BYTES_MAX,
  parseAddCheckpoint,
  readForWitness,
  whyNotOn,
} from '#audit/tlog/add-checkpoint';
import { systemClock } from '#event-sourcing/clock';
import type { AddCheckpoint, Unwitnessed } from '#audit/tlog/add-checkpoint';
import { cosign } from '#audit/tlog/cosignature';
import { isFork } from '#audit/tlog/checkpoint';
import { MalformedNoteError, printSignatureLine } from '#audit/tlog/signed-note';
import type { VerifierKey } from '#audit/tlog/signed-note';
import { messageOf } from '#event-sourcing/errors';
import type { CosignerState } from './cosigner-state.ts';

export interface WitnessOptions {
  readonly name: string;
  readonly key: KeyObject;
  /** The keys of the known logs. */
  readonly logs: readonly VerifierKey[];
  readonly state: CosignerState;
  /** Called with a log's conflicting checkpoints, which prove its misbehaviour. */
  readonly onForked: (message: string, notes: readonly string[]) => void;
  readonly onError: (message: string) => void;
}

/** A response: its status and text. */
interface Answer {
  readonly status: number;
  readonly line: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The time limit for a request to arrive, in milliseconds. */
const REQUEST_MS_MAX = 10_000;
/** How often Node checks for late requests. By default, each could take half a minute longer. */
const TIMES_CHECKED_MS = 2_000;
const CONNECTIONS_MAX = 100;

/**
 * Creates an HTTP server of a witness (C2SP tlog-witness 1.0.0). It signs checkpoints of known logs that
 * extend everything it signed before.
 */
export function createWitness(options: WitnessOptions): Server {
  const logs = Map.groupBy(options.logs, ({ name }) => name);
  const server = createServer({
    requestTimeout: REQUEST_MS_MAX,
    headersTimeout: REQUEST_MS_MAX,
    connectionsCheckingInterval: TIMES_CHECKED_MS,
  });
  server.maxConnections = CONNECTIONS_MAX;
  // The only limit that ends a connection on which nothing is sent.
  server.setTimeout(REQUEST_MS_MAX);
  return server.on('request', (request, response) => {
    answerTo(request, (text) => witness(options, logs, text))
      .catch((error: unknown) => {
        // Reported only if the request was complete: otherwise the client may have disconnected.
        if (request.complete) options.onError(messageOf(error));
        return { status: 500, line: 'The witness cannot respond now. Try again later' };
      })
      .then(({ status, line, headers }: Answer) => {
        response
          .writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers })
          .end(`${line}\n`);
      })
      .catch(() => response.destroy());
  });
}

async function answerTo(request: IncomingMessage, decide: (text: string) => Answer): Promise<Answer> {
  if (request.url !== '/add-checkpoint')
    return { status: 404, line: 'Not found: the only path is /add-checkpoint' };
  if (request.method !== 'POST')
    return { status: 405, line: 'Method not allowed: use POST', headers: { allow: 'POST' } };
  const body = await bodyOf(request);
  if (body !== null) return decide(body);
  // The rest of the request is not read.
  return { status: 413, line: 'The request is too long for a checkpoint', headers: { connection: 'close' } };
}

/** Returns the body; null if it is too long. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > ADD_CHECKPOINT_BYTES_MAX) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}

function witness(
  options: WitnessOptions,
  logs: ReadonlyMap<string, readonly VerifierKey[]>,
  text: string,
): Answer {
  let request: AddCheckpoint;
  try {
    request = parseAddCheckpoint(text);
  } catch (error) {
    if (!(error instanceof MalformedNoteError)) throw error;
    return { status: 400, line: `The request ${error.message}` };
  }
  const read = readForWitness(request.note, logs);
  if ('status' in read) return refusal(read);
  const { name, key, state, onForked } = options;
  const { checkpoint, note } = read;
  const { why } = state.update(checkpoint.origin, (last) => {
    const why = whyNotOn(last, request, checkpoint);
    if (last !== null && isFork(last, checkpoint))
      onForked(`${checkpoint.origin} signed two roots at size ${last.size}`, [last.note, request.note]);
    return { why, seen: why === null ? request.note : null };
  });
  if (why !== null) return refusal(why);
  const seconds = BigInt(Math.floor(systemClock.now() / 1_000));
  return { status: 200, line: printSignatureLine(cosign(note.text, name, key, seconds)) };
}

const refusal = (why: Unwitnessed): Answer =>
  why.status === 409
    ? { status: 409, line: String(why.size), headers: { 'content-type': 'text/x.tlog.size' } }
    : { status: why.status, line: why.detail };
