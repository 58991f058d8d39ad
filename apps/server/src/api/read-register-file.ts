import type { FastifyRequest } from 'fastify';
import type { Readable } from 'node:stream';
import { IMPORTS } from '#use-cases/register-files/export-formats';
import { ProblemError } from '#use-cases/problems';
import type { ProblemCode } from '#use-cases/problems';
import { FILE_BYTES_MAX } from '#use-cases/register-files/import-file';
import { allowSlowUpload } from '../late-requests.ts';

/** The route for register files, which are not parsed as JSON. */
const IMPORT_ROUTE = '/api/imports';

export const isImport = ({ routeOptions }: FastifyRequest): boolean => routeOptions.url === IMPORT_ROUTE;

export const notPlainText = (): ProblemError =>
  new ProblemError(
    'unsupported-media-type',
    'The media type is not supported here. Send the register record as text/plain',
  );

/** The limit for plain text from callers who may not import, and on all other routes. */
const OTHER_TEXT_BYTES_MAX = 1024 * 1024;

/** Reads the bytes of a register's file; large ones only from callers who may import. */
export async function readRegisterFile(request: FastifyRequest, body: Readable): Promise<Buffer> {
  const isLarge = isImport(request) && IMPORTS.some((role) => request.identity?.roles.includes(role));
  if (isLarge) allowSlowUpload(request.raw);
  const most = isLarge ? FILE_BYTES_MAX : OTHER_TEXT_BYTES_MAX;
  const refuseMore = (bytes: number) => {
    if (bytes > most) throw tooLarge(isImport(request) ? 'file-too-large' : 'payload-too-large', most);
  };
  refuseMore(Number(request.headers['content-length'] ?? 0));
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    size += piece.length;
    refuseMore(size);
    pieces.push(piece);
  }
  return Buffer.concat(pieces, size);
}

const tooLarge = (code: ProblemCode, most: number): ProblemError =>
  new ProblemError(
    code,
    `The request body is larger than ${most} bytes, your limit on this route. Send less at a time`,
  );
