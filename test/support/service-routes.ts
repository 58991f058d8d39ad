import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { childEnvironment, DIST } from './service-child.ts';
import { temporaryFolder } from './temporary-folder.ts';

const START_MS_MAX = 40_000;

/**
 * A script that starts the built application in its own process, on a memory store, and prints its routes as a tree.
 */
const PRINT_ROUTES = `
  const at = (path) => import(new URL(path, process.argv[1]));
  const { createApp } = await at('apps/server/src/app.js');
  const { openNode } = await at('libs/platform/src/node.js');
  const { readSettings } = await at('libs/platform/src/settings.js');
  const { default: pino } = await import('pino');
  const none = () => undefined;
  const reports = { onError: none, onProjectorError: none, onFailure: none, onWarning: none, onSwept: none, onDelivery: none };
  const work = { http: true, project: true, sweep: null, checkpoints: null };
  const node = await openNode(readSettings(process.env), reports, work);
  const app = await createApp(node, pino({ level: 'silent' }));
  process.stdout.write(app.getHttpAdapter().getInstance().printRoutes({ includeHooks: false }));
  await app.close();
  await node.close();
`;

interface Route {
  readonly method: string;
  /** The path in the form of the document: `/api/recommendations/{id}`. */
  readonly path: string;
}

/** Returns every route that the application's router has registered. */
export async function registeredRoutes(): Promise<Route[]> {
  const base = pathToFileURL(join(DIST, '/')).href;
  const env = { DOCKET_STORE: 'memory:', DOCKET_DEVELOPMENT_KEY: join(temporaryFolder(), 'key.jwk') };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', PRINT_ROUTES, base],
    { env: childEnvironment(env), cwd: DIST, timeout: START_MS_MAX },
  );
  return routesOf(stdout);
}

/** Returns the routes of a tree. Each line extends the path of the line above it with less indentation. */
function routesOf(tree: string): Route[] {
  const pieces: string[] = [];
  const routes: Route[] = [];
  for (const line of tree.split('\n')) {
    const [, indent = '', piece = '', methods = ''] =
      /^((?:│ {3}| {4})*)[├└]── (.*?)(?: \(([A-Z, ]+)\))?$/.exec(line) ?? [];
    if (piece === '') continue;
    pieces.length = indent.length / 4;
    pieces.push(piece);
    const path = pieces
      .join('')
      .replaceAll(/:([A-Za-z]+)/g, '{$1}')
      .replace('*', '{path}');
    for (const method of methods.split(', ').filter((each) => each !== '')) routes.push({ method, path });
  }
  return routes;
}
