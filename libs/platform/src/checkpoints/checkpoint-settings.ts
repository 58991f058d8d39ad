import { basename, dirname, join } from 'node:path';
import { ed25519Bytes } from '#audit/tlog/ed25519';
import { parseVerifierKey } from '#audit/tlog/signed-note';
import { messageOf } from '#event-sourcing/errors';
import type { Witness } from '#use-cases/audit/witnesses';

export interface CheckpointSettings {
  /** The path of the key. */
  readonly key: string;
  /** The path of the signer's memory. */
  readonly memory: string;
  /** The log's origin; null for the one in the signer's memory. */
  readonly origin: string | null;
  readonly witnesses: readonly Witness[];
}

/** Returns the path of the memory of a key that is not beside the store. */
const memoryPath = (key: string): string =>
  join(dirname(key), `${basename(key).replace(/(-key)?\.[^.]*$/, '')}-memory.sqlite`);

const LENGTH_MAX = 200;
/** A prefix reserved for statements in packs, so that none can be mistaken for a log's checkpoint. */
const NO_ORIGIN = 'docket-pack/';

/**
 * Reads the settings of checkpoints from the environment.
 * @param beside the paths of the key and the memory by default.
 * @throws RangeError that names the invalid setting
 */
export function readCheckpointSettings(
  env: NodeJS.ProcessEnv,
  beside: Pick<CheckpointSettings, 'key' | 'memory'>,
): CheckpointSettings {
  const key = env['DOCKET_CHECKPOINT_KEY'];
  return {
    ...(key === undefined ? beside : { key, memory: memoryPath(key) }),
    origin: parseOrigin(env['DOCKET_LOG_ORIGIN']),
    witnesses: parseWitnesses(env['DOCKET_WITNESSES'] ?? ''),
  };
}

function parseOrigin(origin: string | undefined): string | null {
  if (origin === undefined) return null;
  const isName = origin.length <= LENGTH_MAX && /^[\x21-\x2a\x2c-\x7e]+$/.test(origin);
  if (isName && !origin.startsWith(NO_ORIGIN)) return origin;
  throw new RangeError(
    `DOCKET_LOG_ORIGIN is "${origin}"; use a name such as records.example.org/docket: up to ${LENGTH_MAX} ASCII characters, without spaces or plus signs`,
  );
}

function parseWitnesses(text: string): Witness[] {
  const witnesses = text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .map(parseWitness);
  const keys = witnesses.map(({ key }) => ed25519Bytes(key.key).toString('hex'));
  if (new Set(keys).size === keys.length) return witnesses;
  throw new RangeError('DOCKET_WITNESSES contains a key twice; each witness needs a key of its own');
}

function parseWitness(text: string): Witness {
  const [, vkey = '', url = ''] = /^(.+)@(https?:\/\/.+)$/.exec(text) ?? [];
  if (!URL.canParse(url))
    throw new RangeError(
      `DOCKET_WITNESSES contains "${text}"; use VKEY@URL, with an address that begins with http, for each witness`,
    );
  try {
    const key = parseVerifierKey(vkey);
    if (key.type === 'cosignature') return { key, url };
  } catch (error) {
    throw new RangeError(`DOCKET_WITNESSES contains "${vkey}", which ${messageOf(error)}`, { cause: error });
  }
  throw new RangeError(`DOCKET_WITNESSES contains "${vkey}", which is the key of a log, not of a witness`);
}
