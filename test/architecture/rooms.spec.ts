import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { roomsOf } from './rooms.ts';

const ROOT = join(import.meta.dirname, '../..');

test('every file of the product belongs to one room', () => {
  const files = ['apps', 'libs', 'state-machines'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(?:tsx?|[cm]?js|s?css|html|py)$/.test(path) && !/\.spec\.tsx?$/.test(path))
      .map((path) => `${folder}/${path}`),
  );
  expect(files.length).toBeGreaterThan(500);
  expect(files.filter((path) => roomsOf(path).length !== 1)).toEqual([]);
});
