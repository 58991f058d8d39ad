import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SETTINGS, settingsWarnings } from './settings-warnings.ts';

describe('an unknown setting', () => {
  test.each([
    [
      'DOCKET_STROE',
      /^DOCKET_STROE is not a setting of this version; it has no effect. Did you mean DOCKET_STORE\?$/,
    ],
    ['DOCKET_READMODELS', /Did you mean DOCKET_READ_MODELS/],
    ['docket_store', /Did you mean DOCKET_STORE/],
    ['DOCKET_FRUIT', /^DOCKET_FRUIT is not a setting of this version; it has no effect$/],
  ])('%s is reported, with the nearest known name', (name, message) => {
    expect(settingsWarnings({ [name]: 'x', PATH: '/bin' })).toEqual([expect.stringMatching(message)]);
  });

  test('is not reported for a setting', () => {
    expect(settingsWarnings(Object.fromEntries(SETTINGS.map((name) => [name, ''])))).toEqual([]);
  });

  test('is known from every name that the source code reads, and from no others', () => {
    const root = fileURLToPath(new URL('../../..', import.meta.url));
    const sources = ['apps', 'libs'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
        .filter((name) => !name.endsWith('settings-warnings.ts'))
        .map((name) => readFileSync(join(root, folder, name), 'utf8')),
    );
    const read = sources.flatMap((text) =>
      [...text.matchAll(/(?:env\['|\.env\(\s*')(DOCKET_\w+)'/g)].map(([, name]) => name),
    );
    expect(new Set(SETTINGS)).toEqual(new Set(read));
  });
});
