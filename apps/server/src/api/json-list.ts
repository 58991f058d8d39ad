import { Readable } from 'node:stream';
import { inPieces } from '#use-cases/json-page';

/** Streams `{"items": […]}`, so that a list of long texts is never in memory as a whole. */
export const jsonList = (items: AsyncIterable<unknown>): Readable =>
  Readable.from(inPieces(textsOf(items)), { objectMode: false });

async function* textsOf(items: AsyncIterable<unknown>): AsyncGenerator<string> {
  yield '{"items":[';
  let isFirst = true;
  for await (const item of items) {
    yield (isFirst ? '' : ',') + JSON.stringify(item);
    isFirst = false;
  }
  yield ']}';
}
