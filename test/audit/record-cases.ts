// Records what judges judge: `node test/audit/record-cases.ts`. Keys and events are always the same, so that nothing moves but what
// was changed in the code; what moves is judged anew (`test/audit/judge`).
import { writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { judgedCases } from './judged-cases.ts';

const file = new URL('./recorded/cases.json', import.meta.url);
const options = await resolveConfig(file);
writeFileSync(file, await format(JSON.stringify(await judgedCases()), { ...options, parser: 'json' }));
