// Records the cases for the independent judges: `node test/audit/record-cases.ts`. Keys and events are fixed, so that
// only changed code changes cases; judge changed ones again (`test/audit/judge`).
import { writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { judgedCases } from './judged-cases.ts';

const file = new URL('./recorded/cases.json', import.meta.url);
const options = await resolveConfig(file);
writeFileSync(file, await format(JSON.stringify(await judgedCases()), { ...options, parser: 'json' }));
