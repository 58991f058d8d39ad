import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Lifecycle } from '#lifecycle/lifecycle';
import { fileOf } from '#statechart/picture';
import { drawingsOf } from '#server/web/record/drawings';

const FOLDER = fileURLToPath(new URL('../../dist/libs/statechart/charts/', import.meta.url));

/** Draws charts that the build did not, because their lifecycles belong to tests or were changed since. */
export async function storeCharts(lifecycles: {
  readonly all: readonly Pick<Lifecycle, 'definition' | 'reference'>[];
}): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  for (const lifecycle of lifecycles.all) {
    if (existsSync(FOLDER + fileOf(lifecycle.reference.digest, 'live'))) continue;
    for (const [file, picture] of Object.entries(await drawingsOf(lifecycle)))
      writeFileSync(FOLDER + file, picture);
  }
}
