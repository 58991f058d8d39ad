import { Busboy } from '@fastify/busboy';
import type { BusboyFileStream, BusboyHeaders, BusboyInstance } from '@fastify/busboy';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ProblemError } from '#use-cases/problems';
import { FormValues } from './form-values.ts';
import type { SentFile } from './form-values.ts';
import { isForPages } from './page-paths.ts';

/** URL encoding can triple the size of a long text. */
const FORM_BYTES_MAX = 4 * 1024 * 1024;
const FIELDS_MAX = 1_000;
/** A file that is too large is read to its end up to here, so that the page can say so. */
const UPLOAD_BYTES_MAX = 32 * 1024 * 1024;

/** The field with a register record, and how much of it is read: the form keeps it between steps. */
export const RECORD_FIELD = 'file';
export const REGISTER_FILE_BYTES_MAX = 2 * 1024 * 1024;

const NO_UTF8 = 'The form is not valid UTF-8; nothing was changed';
const TOO_MANY_FIELDS = 'The form has too many fields';
const FORM_TOO_LARGE = 'The form is too large for this page';
const INCOMPLETE = 'The form is incomplete';

/** Registers the parsers for forms sent to pages. The API refuses them as an unsupported media type. */
export function addFormParsers(fastify: FastifyInstance): void {
  fastify.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'buffer', bodyLimit: FORM_BYTES_MAX },
    (request, body: Buffer, done) => {
      const text = body.toString();
      const values = new FormValues(text);
      if (!isForPages(request)) done(unsupportedForm());
      else if (!isUtf8(body) || !isUtf8Encoded(text)) done(new ProblemError('malformed-request', NO_UTF8));
      else if (values.size > FIELDS_MAX) done(new ProblemError('malformed-request', TOO_MANY_FIELDS));
      else done(null, values);
    },
  );
  fastify.addContentTypeParser('multipart/form-data', (request: FastifyRequest, body: Readable) =>
    isForPages(request) ? readMultipart(request, body) : Promise.reject(unsupportedForm()),
  );
}

/** Returns whether the percent-encoded bytes are valid UTF-8. */
function isUtf8Encoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

const unsupportedForm = (): ProblemError =>
  new ProblemError(
    'unsupported-media-type',
    'Send JSON as application/json, and a register record as text/plain',
  );

/** Parses a multipart form. */
async function readMultipart(request: FastifyRequest, body: Readable): Promise<FormValues> {
  const form = new FormValues();
  let typedLength = 0;
  const reader = readerOf(request);
  // An error thrown in these listeners, or of a stream without a listener, would end the process.
  const refuse = (detail: string): unknown => reader.destroy(new ProblemError('malformed-request', detail));
  // Busboy reports the empty name of an empty file field as undefined, and so the missing name of a part.
  reader.on('file', (field: string | undefined, stream, name: string | undefined) => {
    stream.on('error', () => refuse(INCOMPLETE));
    readFile({ field: field ?? '', name: name ?? '' }, stream, (file) => form.files.push(file));
  });
  reader.on('field', (name: string | undefined, value) => {
    if (name === undefined) {
      refuse('A part of the form has no name');
      return;
    }
    typedLength += name.length + value.length;
    if (typedLength > FORM_BYTES_MAX) reader.destroy(new ProblemError('payload-too-large', FORM_TOO_LARGE));
    else form.append(name, value);
  });
  for (const limit of ['fieldsLimit', 'partsLimit'] as const) reader.on(limit, () => refuse(TOO_MANY_FIELDS));
  await pipeline(body, limited, reader).catch((error: unknown) => {
    throw error instanceof ProblemError ? error : new ProblemError('malformed-request', INCOMPLETE);
  });
  return form;
}

/** @throws ProblemError beyond the limit of a whole form. */
async function* limited(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > UPLOAD_BYTES_MAX) throw new ProblemError('payload-too-large', FORM_TOO_LARGE);
    yield piece;
  }
}

function readerOf({ headers }: FastifyRequest): BusboyInstance {
  const limits = {
    fieldSize: FORM_BYTES_MAX,
    fields: FIELDS_MAX,
    files: 1,
    parts: FIELDS_MAX + 1,
    fileSize: FORM_BYTES_MAX,
  };
  try {
    return new Busboy({ headers: headers as BusboyHeaders, limits });
  } catch {
    throw new ProblemError('malformed-request', 'The Content-Type header has no multipart boundary');
  }
}

/** Reads a file as it arrives; bytes beyond the limit are discarded, and the record is refused as too large. */
function readFile(
  { field, name }: Pick<SentFile, 'field' | 'name'>,
  stream: BusboyFileStream,
  onFile: (file: SentFile) => void,
): void {
  const pieces: Buffer[] = [];
  let size = 0;
  stream.on('data', (piece: Buffer) => {
    if (size <= REGISTER_FILE_BYTES_MAX) pieces.push(piece);
    size += piece.length;
  });
  stream.on('end', () => {
    // Browsers send an empty file field as a file without a name.
    if (name !== '' || size > 0) onFile({ field, name, bytes: Buffer.concat(pieces) });
  });
}

/** The hidden field with the bytes of a register record, kept between the steps of an import. */
export const RECORD_SOURCE = 'source';
export const PASTED_FIELD = 'pasted';

/** Returns whether the form has both a file and pasted text; one would be lost. */
export const hasTwoSources = (values: FormValues): boolean =>
  values.files.some(({ field }) => field === RECORD_FIELD) && values.text(PASTED_FIELD).trim() !== '';

/**
 * Returns the register record of a form: uploaded, pasted, or kept from the step before; null if there is
 * none.
 */
export function recordFrom(values: FormValues): Buffer | null {
  const file = values.files.find(({ field }) => field === RECORD_FIELD);
  if (file !== undefined) return file.bytes;
  const pasted = values.text(PASTED_FIELD);
  // Browsers send line ends as CRLF.
  if (pasted.trim() !== '') return Buffer.from(pasted.replaceAll('\r\n', '\n'));
  const kept = values.text(RECORD_SOURCE);
  return kept === '' ? null : Buffer.from(kept, 'base64url');
}
