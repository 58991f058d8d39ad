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
