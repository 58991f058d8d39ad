#!/usr/bin/env node
import { requireNode } from '../../../libs/platform/src/require-node.ts';

requireNode();
const { runDocket } = await import('./docket.ts');
process.exitCode = await runDocket(process.argv.slice(2));
