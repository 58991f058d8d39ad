// Draws the chart of each lifecycle in `dist`: the service colours these pictures for each record.
import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const MODULES = pathToFileURL(`${resolve('dist/modules')}/`);
const TO = 'dist/libs/statechart/charts';

const { lifecycles } = await import(new URL('state-machines/lifecycles.js', MODULES).href);
const { drawingsOf } = await import(new URL('apps/server/src/web/record/drawings.js', MODULES).href);

mkdirSync(TO, { recursive: true });
for (const lifecycle of lifecycles.all) {
  for (const [file, picture] of Object.entries(await drawingsOf(lifecycle))) {
    writeFileSync(`${TO}/${file}`, picture);
  }
}
