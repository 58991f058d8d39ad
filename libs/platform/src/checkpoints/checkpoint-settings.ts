export interface CheckpointSettings {
  /** The path of the key. */
  readonly key: string;
  /** The path of the signer's memory. */
  readonly memory: string;
  /** The log's origin; null for the one in the memory. */
  readonly origin: string | null;
}

const DEFAULT_KEY = 'data/checkpoint-key.pem';
const DEFAULT_MEMORY = 'data/checkpoint-memory.sqlite';
const LENGTH_MAX = 200;
/** A prefix reserved for statements in packs, so that none can be mistaken for a log's checkpoint. */
const NO_ORIGIN = 'docket-pack/';

/** Throws unless a name can be an origin. @throws RangeError */
export function assertOrigin(origin: string): void {
  const isName = origin.length <= LENGTH_MAX && /^[\x21-\x2a\x2c-\x7e]+$/.test(origin);
  if (!isName || origin.startsWith(NO_ORIGIN))
    throw new RangeError(
      `is "${origin}"; use a name such as records.example.org/docket: up to ${LENGTH_MAX} ASCII characters, without spaces or plus signs`,
    );
}

/** Reads the settings of checkpoints from the environment. @throws RangeError that names the invalid setting */
export function readCheckpointSettings(env: NodeJS.ProcessEnv): CheckpointSettings {
  const origin = env['DOCKET_LOG_ORIGIN'] ?? null;
  try {
    if (origin !== null) assertOrigin(origin);
  } catch (error) {
    throw new RangeError(`DOCKET_LOG_ORIGIN ${(error as Error).message}`, { cause: error });
  }
  return {
    key: env['DOCKET_CHECKPOINT_KEY'] ?? DEFAULT_KEY,
    memory: env['DOCKET_CHECKPOINT_MEMORY'] ?? DEFAULT_MEMORY,
    origin,
  };
}
