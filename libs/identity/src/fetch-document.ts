/** The maximum size of a key set or a provider's metadata, which have a few kilobytes. */
const DOCUMENT_BYTES_MAX = 256 * 1024;

/**
 * Fetches the JSON object at an address. Refuses redirects, because only the address was validated, not their target.
 * @throws Error that describes the response, or why there was none.
 */
export async function fetchDocument(
  url: URL | string,
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(url, {
    headers: { accept: 'application/json, application/jwk-set+json' },
    redirect: 'manual',
    signal,
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`the response has the status ${response.status} instead of 200`);
  }
  const document: unknown = JSON.parse(await boundedText(response));
  if (typeof document === 'object' && document !== null) return document as Record<string, unknown>;
  throw new Error('the response is not a JSON object');
}

async function boundedText({ body }: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of (body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += piece.byteLength;
    // Leaving the loop cancels the download.
    if (bytes > DOCUMENT_BYTES_MAX)
      throw new Error(`the response is longer than ${DOCUMENT_BYTES_MAX} bytes`);
    pieces.push(piece);
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces));
}
