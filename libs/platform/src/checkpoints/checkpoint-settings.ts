/** How the log is signed. */
export interface CheckpointSettings {
  /** The file of the key. */
  readonly key: string;
  /** The file of what the signer remembers. */
  readonly memory: string;
  /** Which log it is; null for the name that the memory keeps. */
  readonly origin: string | null;
}

const DEFAULT_KEY = 'data/checkpoint-key.pem';
const DEFAULT_MEMORY = 'data/checkpoint-memory.sqlite';
const LENGTH_MAX = 200;
/** What a pack's own statement begins with: no log's checkpoint can be taken for one. */
const NO_ORIGIN = 'docket-pack/';

/** @throws RangeError for a name that no checkpoint can begin with. */
export function assertOrigin(origin: string): void {
  const isName = origin.length <= LENGTH_MAX && /^[\x21-\x2a\x2c-\x7e]+$/.test(origin);
  if (!isName || origin.startsWith(NO_ORIGIN))
    throw new RangeError(
      `is "${origin}"; it takes a name such as records.example.org/docket: up to ${LENGTH_MAX} signs of ASCII, without spaces and plus`,
    );
}

/** @throws RangeError naming the setting that cannot be used. */
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
