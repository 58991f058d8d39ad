import { requireNode } from '../../../libs/platform/src/require-node.ts';

requireNode();
const { serve } = await import('./serve.ts');
await serve();
