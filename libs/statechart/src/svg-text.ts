import { LINE } from './text-size.ts';

/** Rounds a number to a tenth of a pixel. */
export const round = (value: number): string => String(Math.round(value * 10) / 10);

/** Returns a line of text with a class, at a point of its baseline. */
export const text = (kind: string, x: number, y: number, line: string, more = ''): string =>
  `<text class="${kind}" x="${round(x)}" y="${round(y)}"${more}>${escapeXml(line)}</text>`;

/** Returns a text escaped for XML, without characters that XML does not allow. */
export function escapeXml(line: string): string {
  return (
    line
      .toWellFormed()
      // eslint-disable-next-line no-control-regex -- XML 1.0 has none of these, not even escaped
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  );
}

interface TextLine {
  readonly kind: string;
  readonly size: number;
  readonly line: string;
}

/** Returns lines of text centred at a point. */
export function centreLines(lines: readonly TextLine[], x: number, y: number): string[] {
  const height = lines.reduce((sum, { size }) => sum + size * LINE, 0);
  let top = y - height / 2;
  return lines.map(({ kind, size, line }) => {
    const baseline = top + (size * (LINE + 0.72)) / 2;
    top += size * LINE;
    return text(kind, x, baseline, line, ' text-anchor="middle"');
  });
}
