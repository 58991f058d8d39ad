// Runs command lines one after another in one process, each with its own environment, folder and output: starting a
// process costs more than most commands.
import { Buffer } from 'node:buffer';
import process from 'node:process';

const { runDocket } = await import(process.argv[2]);

process.on('message', async ({ words, env, cwd }) => {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  process.chdir(cwd);
  const written = { stdout: [], stderr: [] };
  for (const [stream, pieces] of Object.entries(written)) {
    process[stream].removeAllListeners('error');
    process[stream].write = (piece) => pieces.push(Buffer.from(piece)) > 0;
  }
  const code = await runDocket(words);
  process.send({
    code,
    bytes: Buffer.concat(written.stdout),
    stderr: Buffer.concat(written.stderr).toString(),
  });
});
