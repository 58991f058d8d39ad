import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Cluster } from './cluster.ts';
import type { ControlCommands } from './control.ts';

/** Listens for commands, each a JSON list of its name and arguments, and returns its URL. */
export async function startControl(cluster: Cluster): Promise<string> {
  const commands = commandsOf(cluster);
  const server = createServer((request, response) => {
    // A kept connection could end when a spec sends the next command.
    response.setHeader('connection', 'close');
    text(request)
      .then((body) => obey(commands, body))
      .then(
        (answer) => response.end(JSON.stringify(answer ?? null)),
        (error: unknown) => response.writeHead(400).end(String(error)),
      );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

type Commands = {
  readonly [Name in keyof ControlCommands]: (
    ...args: Parameters<ControlCommands[Name]>
  ) => ReturnType<ControlCommands[Name]> | Promise<ReturnType<ControlCommands[Name]>>;
};

async function obey(commands: Commands, body: string): Promise<unknown> {
  const [name, ...args] = JSON.parse(body) as [string, ...unknown[]];
  if (!Object.hasOwn(commands, name)) throw new Error(`there is no command '${name}'`);
  const command = commands[name as keyof Commands] as (...args: readonly unknown[]) => unknown;
  return await command(...args);
}

function commandsOf(cluster: Cluster): Commands {
  const { faults, store, subscriptions } = cluster;
  return {
    fail: (scope) => {
      faults.fail(scope);
    },
    denyLeadership: (scope) => {
      faults.denyLeadership(scope);
    },
    loseAnswers: (scope) => {
      faults.loseAnswers(scope);
    },
    refuse: (scope) => {
      faults.refuse(scope);
    },
    pauseAppends: (scope) => {
      faults.pauseAppends(scope);
    },
    interleave: (seed, clients) => {
      faults.interleave(seed, clients);
    },
    release: (how) => faults.release(how),
    lock: (prefix) => {
      faults.lock(prefix);
    },
    unlock: (prefix) => {
      faults.unlock(prefix);
    },
    dropSubscriptions: (how) => subscriptions.drop(how),
    scavenge: () => store.scavenge(),
    kill: (node, ms) => {
      cluster.kill(node, ms);
    },
    revive: (node) => cluster.revive(node),
    makeLeader: (node) => {
      cluster.makeLeader(node);
    },
    reset: async () => {
      faults.clear();
      cluster.makeLeader(0);
      for (const node of cluster.endpoints.keys()) await cluster.revive(node);
    },
    status: () => ({ waiting: faults.waiting, walked: store.walked }),
  };
}
