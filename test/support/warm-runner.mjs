// Runs command lines or programs (services, schedulers, OpenID providers) one after another in one process, each with
// its own environment, folder and output: starting a process costs more than most commands, and three times as much as
// starting a service.
import { Buffer } from 'node:buffer';
import process from 'node:process';

const { runDocket, serve, schedule } = await import(process.argv[2]);
const exit = process.exit.bind(process);
const { write } = process.stdout;

// Otherwise a running service would outlive its spec.
process.on('disconnect', () => exit());

process.on('message', ({ words, env, cwd }) => {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  process.chdir(cwd);
  return words === undefined ? runProgram() : runCommand(words);
});

function clean() {
  for (const signal of ['SIGTERM', 'SIGINT']) process.removeAllListeners(signal);
  for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error');
  process.exitCode = undefined;
  // The folder will be removed.
  process.chdir('/');
}

async function runCommand(words) {
  const written = { stdout: [], stderr: [] };
  for (const [stream, pieces] of Object.entries(written)) {
    process[stream].write = (piece) => pieces.push(Buffer.from(piece)) > 0;
  }
  const code = await runDocket(words);
  clean();
  process.send({
    code,
    bytes: Buffer.concat(written.stdout),
    stderr: Buffer.concat(written.stderr).toString(),
  });
}

/** Runs a service or scheduler to its end. After its output, each stream gets a NUL. */
async function runProgram() {
  process.exit = (code = process.exitCode ?? 0) => {
    clean();
    for (const stream of [process.stdout, process.stderr]) write.call(stream, '\0');
    process.send({ code });
  };
  // A service that has started returns its address, and later exits by itself.
  if ((await (serve ?? schedule)()) === undefined) process.exit();
}
