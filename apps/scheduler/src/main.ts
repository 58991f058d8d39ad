import { requireNode } from '../../../libs/platform/src/require-node.ts';

requireNode();
const { schedule } = await import('./schedule.ts');
await schedule();
