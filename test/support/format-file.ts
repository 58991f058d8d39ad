import { readFileSync } from 'node:fs';
import { format } from 'oxfmt';
import type { FormatConfig } from 'oxfmt';

const OPTIONS = new URL('../../.oxfmtrc.json', import.meta.url);

/** Returns a file's text as `npm run format` writes it. */
export async function formatFile(path: string, text: string): Promise<string> {
  const options = JSON.parse(readFileSync(OPTIONS, 'utf8')) as FormatConfig;
  const { code, errors } = await format(path, text, options);
  if (errors.length > 0) throw new Error(`${path} cannot be formatted: ${JSON.stringify(errors)}`);
  return code;
}
