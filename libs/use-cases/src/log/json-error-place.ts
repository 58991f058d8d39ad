const SPACE = /[ \t\n\r]*/y;
const TOKEN =
  /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:]/y; // eslint-disable-line no-control-regex -- JSON forbids them in texts

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'comma or end';

/**
 * Returns where a text stops being JSON, as line and column from 1; null for valid JSON. The parser's own message quotes the text or lacks
 * the place.
 */
export function jsonErrorPlace(text: string): { readonly line: number; readonly column: number } | null {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  for (let at = 0; ;) {
    SPACE.lastIndex = at;
    at += SPACE.exec(text)?.[0].length ?? 0;
    if (expected === 'comma or end' && open.length === 0)
      return at === text.length ? null : placeAt(text, at);
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text)?.[0] ?? '';
    const next = after(token, expected, open);
    if (next === null) return placeAt(text, at);
    expected = next;
    at += token.length;
  }
}

/** Returns what may follow a token; null if the token is not allowed here. */
function after(token: string, expected: Expected, open: ('{' | '[')[]): Expected | null {
  const isClosing =
    (token === '}' && open.at(-1) === '{' && (expected === 'key or }' || expected === 'comma or end')) ||
    (token === ']' && open.at(-1) === '[' && (expected === 'value or ]' || expected === 'comma or end'));
  if (isClosing) {
    open.pop();
    return 'comma or end';
  }
  switch (expected) {
    case 'key':
    case 'key or }':
      return token.startsWith('"') ? 'colon' : null;
    case 'colon':
      return token === ':' ? 'value' : null;
    case 'comma or end':
      return token !== ',' ? null : open.at(-1) === '{' ? 'key' : 'value';
    case 'value':
    case 'value or ]':
      if (token === '{' || token === '[') {
        open.push(token);
        return token === '{' ? 'key or }' : 'value or ]';
      }
      return token === '' || '}],:'.includes(token) ? null : 'comma or end';
  }
}

function placeAt(text: string, at: number): { readonly line: number; readonly column: number } {
  const lines = text.slice(0, at).split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
