import type { Finding, Position } from './anomalies.ts';

const BOM = 0xfeff;
const REPLACEMENT = '\ufffd';

/** The source as text, decoded once. Invalid UTF-8 becomes U+FFFD. */
export interface SourceText {
  text: string;
  /** The start of the title: 1 after a BOM, otherwise 0. */
  start: number;
}

/** Decodes the bytes of a record. A BOM stays in the text, before `start`. */
export function decodeSource(source: Uint8Array): SourceText {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(source);
  return { text, start: text.charCodeAt(0) === BOM ? 1 : 0 };
}

function isReplacementItself(source: Uint8Array, at: number): boolean {
  return source[at] === 0xef && source[at + 1] === 0xbf && source[at + 2] === 0xbd;
}

/** Returns the number of bytes that may follow a first byte, and the bounds of the first of them, as in the WHATWG decoder. */
function sequenceOf(lead: number): { following: number; lowest: number; highest: number } {
  if (lead >= 0xc2 && lead <= 0xdf) return { following: 1, lowest: 0x80, highest: 0xbf };
  if (lead >= 0xe0 && lead <= 0xef) {
    return { following: 2, lowest: lead === 0xe0 ? 0xa0 : 0x80, highest: lead === 0xed ? 0x9f : 0xbf };
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    return { following: 3, lowest: lead === 0xf0 ? 0x90 : 0x80, highest: lead === 0xf4 ? 0x8f : 0xbf };
  }
  return { following: 0, lowest: 0, highest: 0 };
}

/** Returns the number of bytes that one U+FFFD of the text replaces. */
function replacedLength(source: Uint8Array, at: number): number {
  if (isReplacementItself(source, at)) return 3;
  const sequence = sequenceOf(source[at] ?? 0);
  let { lowest, highest } = sequence;
  let length = 1;
  while (length <= sequence.following) {
    const byte = source[at + length] ?? 0;
    if (byte < lowest || byte > highest) break;
    length += 1;
    [lowest, highest] = [0x80, 0xbf];
  }
  // With its last byte, the sequence would be complete, so one byte is always missing.
  return length;
}

/** Returns a function from rising text offsets to byte offsets. All calls together scan the text once. */
export function byteCursor(source: Uint8Array, text: string): (offset: number) => number {
  let at = 0;
  let bytes = 0;
  return (offset) => {
    while (at < offset) {
      const code = text.charCodeAt(at);
      if (code < 0x80) bytes += 1;
      else if (code < 0x800) bytes += 2;
      else if (code === 0xfffd) bytes += replacedLength(source, bytes);
      // Two code units are four bytes. The decoder never emits only one of them.
      else if (code >= 0xd800 && code <= 0xdfff) bytes += 2;
      else bytes += 3;
      at += 1;
    }
    return bytes;
  };
}

/** Returns a function from rising offsets to lines and columns. All calls together scan the text once. */
export function positionCursor({ text, start }: SourceText): (offset: number) => Position {
  let at = start;
  let line = 1;
  let lineStart = start;
  return (offset) => {
    for (; at < offset; at += 1) {
      const code = text.charCodeAt(at);
      const ends = code === 0x0a || (code === 0x0d && text.charCodeAt(at + 1) !== 0x0a);
      if (!ends) continue;
      line += 1;
      lineStart = at + 1;
    }
    return { line, column: offset - lineStart + 1 };
  };
}

/** Returns an anomaly for each run of invalid UTF-8. */
export function invalidUtf8(source: Uint8Array, { text }: SourceText): Finding[] {
  const findings: Finding[] = [];
  const byteAt = byteCursor(source, text);
  let runEnd = -1;
  let runBytes = 0;
  const close = (): void => {
    const last = findings.at(-1);
    if (last !== undefined && runBytes > 1) last.detail = `${runBytes} bytes are not valid UTF-8`;
  };
  for (let at = text.indexOf(REPLACEMENT); at !== -1; at = text.indexOf(REPLACEMENT, at + 1)) {
    const byte = byteAt(at);
    if (isReplacementItself(source, byte)) continue;
    if (at !== runEnd) {
      close();
      findings.push({ code: 'invalid-utf8', offset: at, detail: '1 byte is not valid UTF-8' });
      runBytes = 0;
    }
    runBytes += byteAt(at + 1) - byte;
    runEnd = at + 1;
  }
  close();
  return findings;
}
