import { createPrivateKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { open } from 'node:fs/promises';
import { readOptionText, whyUnreadable } from './read-limited.ts';
import type { ExpectedFile } from './read-limited.ts';
import { UsageError, userPath } from './verb-context.ts';

const KEY_FILE: ExpectedFile = {
  option: '--sign',
  expected: 'an Ed25519 private key (PKCS#8 in PEM), such as from openssl genpkey -algorithm ed25519',
  bytesMax: 64 * 1024,
};

/**
 * Signs the printed output with the user's key, and writes the signature's 64 bytes to a file. Opens both files at the start, so that a
 * wrong path does not waste hours of work.
 * @throws UsageError
 */
export async function signingWith(
  keyFile: string,
  signatureFile: string,
): Promise<(printed: string) => Promise<void>> {
  const key = await readKey(keyFile);
  const file = await open(userPath(signatureFile), 'w').catch((error: unknown) => {
    throw new UsageError(`--signature ${signatureFile}: ${whyUnreadable(error as NodeJS.ErrnoException)}`);
  });
  return async (printed) => {
    await file.writeFile(sign(null, Buffer.from(printed), key));
    await file.close();
  };
}

async function readKey(file: string): Promise<KeyObject> {
  const pem = await readOptionText(file, KEY_FILE);
  const key = privateKeyIn(pem);
  if (key?.asymmetricKeyType === 'ed25519') return key;
  throw new UsageError(
    `--sign ${file}: it does not contain an Ed25519 private key. Expected ${KEY_FILE.expected}`,
  );
}

function privateKeyIn(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem);
  } catch {
    return null;
  }
}
