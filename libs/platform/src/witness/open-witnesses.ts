import { readFile } from 'node:fs/promises';
import { parseWitnessPolicy, PolicyError } from '#audit/tlog/witness-policy';
import type { WitnessPolicy } from '#audit/tlog/witness-policy';
import { messageOf } from '#event-sourcing/errors';
import type { WitnessAnswer } from '#use-cases/audit/witnesses';
import { SettingsError } from '../settings.ts';

/** What a witness answers is some lines. */
const ANSWER_BYTES_MAX = 64 * 1024;

/**
 * Whom the log has sign its checkpoints; null where no file says it.
 * @throws SettingsError for a file that cannot be used, naming the line.
 */
export async function readWitnessPolicy(path: string | null): Promise<WitnessPolicy | null> {
  if (path === null) return null;
  try {
    const policy = parseWitnessPolicy(await readFile(path, 'utf8'));
    for (const { key, url } of policy.witnesses)
      if (url !== null && !/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
        throw new RangeError(`the address of the witness ${key.name}, ${url}, does not begin with http`);
    return policy;
  } catch (error) {
    const isOurs = error instanceof PolicyError || error instanceof RangeError;
    throw new SettingsError(
      `DOCKET_WITNESS_POLICY names ${path}, ${isOurs ? 'which is no policy' : 'which cannot be read'}: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** Posts a request to a witness. @throws where that cannot be done, or takes too long. */
export async function postToWitness(url: string, body: string, signal: AbortSignal): Promise<WitnessAnswer> {
  try {
    const address = `${url.replace(/\/$/, '')}/add-checkpoint`;
    const answer = await fetch(address, { method: 'POST', body, signal, redirect: 'error' });
    return { status: answer.status, text: await textOf(answer) };
  } catch (error) {
    if (signal.aborted) throw new Error('did not answer in time', { cause: error });
    throw new Error(`cannot be asked: ${messageOf((error as Error).cause ?? error)}`, { cause: error });
  }
}

async function textOf({ body }: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body ?? []) {
    length += piece.length;
    if (length > ANSWER_BYTES_MAX) throw new Error('its answer has no end');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}
