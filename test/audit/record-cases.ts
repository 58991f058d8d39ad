// Records the cases for the independent judges: `node test/audit/record-cases.ts`. Keys and events are fixed, so that
// only changed code changes cases; judge changed ones again (`test/audit/judge`).
import { writeFileSync } from 'node:fs';
import { formatFile } from '../support/format-file.ts';
import { judgedCases } from './judged-cases.ts';

const file = new URL('./recorded/cases.json', import.meta.url);
writeFileSync(file, await formatFile('cases.json', JSON.stringify(await judgedCases())));
