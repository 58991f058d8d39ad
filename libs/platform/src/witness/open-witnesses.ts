import { readFile } from 'node:fs/promises';
import { parseWitnessPolicy, PolicyError } from '#audit/tlog/witness-policy';
import type { WitnessPolicy } from '#audit/tlog/witness-policy';
import { messageOf } from '#event-sourcing/errors';
import type { WitnessAnswer } from '#use-cases/audit/witnesses';
import { postLimited } from '../post-limited.ts';
import { SettingsError } from '../settings.ts';

/**
 * Returns the log's witness policy; null if no file is configured.
 * @throws SettingsError that names the line of a file that cannot be used
 */
export async function readWitnessPolicy(path: string | null): Promise<WitnessPolicy | null> {
  if (path === null) return null;
  try {
    const policy = parseWitnessPolicy(await readFile(path));
    for (const { key, url } of policy.witnesses)
      if (url !== null && !/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
        throw new RangeError(`the address of the witness ${key.name}, ${url}, does not begin with http`);
    return policy;
  } catch (error) {
    const isOurs = error instanceof PolicyError || error instanceof RangeError;
    throw new SettingsError(
      `DOCKET_WITNESS_POLICY names ${path}, ${isOurs ? 'which is not a policy' : 'which cannot be read'}: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** Posts a request to a witness and returns its response. @throws Error if that fails or times out */
export async function postToWitness(url: string, body: string, signal: AbortSignal): Promise<WitnessAnswer> {
  const address = `${url.replace(/\/$/, '')}/add-checkpoint`;
  const answer = await postLimited(address, { body }, signal);
  return { status: answer.status, text: answer.body.toString() };
}
