import { requireNode } from '../../../libs/platform/src/require-node.ts';

requireNode();
const { demonstrate } = await import('./demonstrate.ts');
await demonstrate();
