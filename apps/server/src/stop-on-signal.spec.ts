import { afterEach, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

let child: ChildProcess;
afterEach(() => {
  child.kill('SIGKILL');
});

/** A thread in a statement that never ends. */
const THREAD = `
  import Database from 'better-sqlite3';
  import { parentPort } from 'node:worker_threads';
  const endless = 'with recursive n (i) as (select 1 union all select i + 1 from n) select count(*) from n';
  parentPort.postMessage('begins');
  new Database(':memory:').prepare(endless).get();
`;

test('a process ends even if one of its threads never would', async () => {
  const program = `
    import { Worker } from 'node:worker_threads';
    import { setTimeout as sleep } from 'node:timers/promises';
    import { endAtOnce } from ${JSON.stringify(new URL('./stop-on-signal.ts', import.meta.url).href)};
    process.on('SIGTERM', () => console.log('handled'));
    const worker = new Worker(${JSON.stringify(THREAD)}, { eval: true });
    await new Promise((resolve) => worker.once('message', resolve));
    await sleep(300);
    void worker.terminate();
    endAtOnce();
    process.exit(0);
  `;
  child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  expect({ code, signal, said }).toEqual({ code: null, signal: 'SIGTERM', said: '' });
});
