import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { ROOT } from '../support/document-lines.ts';
import { freePort } from '../support/free-port.ts';
import { eventually } from '../support/service-child.ts';
import { startService } from '../support/service.ts';
import type { RunningService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Ports {
  readonly http: number;
  readonly https: number;
  readonly service: number;
}

/**
 * Functions for the command that starts a proxy with an example of `deploy/proxy`, in which only addresses and files
 * are changed.
 */
const PROXIES: Readonly<Record<string, (folder: string, ports: Ports) => readonly string[]>> = {
  nginx(folder, { http, https, service }) {
    const site = example('nginx.conf')
      .replaceAll(/^ *listen \[::\].*\n/gm, '')
      .replace('listen 443', `listen 127.0.0.1:${https}`)
      .replace('listen 80', `listen 127.0.0.1:${http}`)
      .replaceAll('docket.example', 'localhost')
      .replace('/etc/ssl/docket/fullchain.pem', join(folder, 'certificate.pem'))
      .replace('/etc/ssl/docket/key.pem', join(folder, 'key.pem'))
      .replace('127.0.0.1:3000', `127.0.0.1:${service}`);
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((name) => `${name}_temp_path ${join(folder, name)};`)
      .join('\n');
    const user = process.getuid?.() === 0 ? 'user root;' : '';
    const main = `${user} daemon off; worker_processes 1; pid ${join(folder, 'pid')}; error_log stderr;
events {} http { access_log off; ${temporary} ${site} }`;
    writeFileSync(join(folder, 'nginx.conf'), main);
    return ['nginx', '-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')];
  },
  caddy(folder, { http, https, service }) {
    const tls = `tls ${join(folder, 'certificate.pem')} ${join(folder, 'key.pem')}`;
    const site = example('Caddyfile')
      .replace('{$DOCKET_SITE:docket.example} {', `https://localhost:${https} {\nbind 127.0.0.1\n${tls}`)
      .replace('{$DOCKET_NODES:127.0.0.1:3000}', `127.0.0.1:${service}`)
      .replace('health_interval 5s', 'health_interval 200ms');
    // Without the grace period the proxy would wait for open connections.
    const main = `{\nadmin off\ngrace_period 1s\nhttp_port ${http}\nhttps_port ${https}\ndefault_bind 127.0.0.1\n}\n${site}`;
    writeFileSync(join(folder, 'Caddyfile'), main);
    return ['caddy', 'run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')];
  },
};

const example = (name: string): string => readFileSync(join(ROOT, 'deploy/proxy', name), 'utf8');

const isInstalled = (program: string): boolean => spawnSync(program, ['-h']).error === undefined;

describe.each(Object.entries(PROXIES))('the example for %s', (program, prepare) => {
  if (!isInstalled(program)) {
    it.skip(`is not tested: ${program} is not installed`, () => undefined);
    return;
  }

  let service: RunningService;
  let proxy: ChildProcess;
  let ports: Ports;
  let ca: string;
  let said = '';

  interface Sent {
    readonly method?: string;
    readonly headers?: OutgoingHttpHeaders;
    readonly body?: string;
  }

  const open = async (path: string, { body, headers = {}, ...sent }: Sent = {}): Promise<IncomingMessage> => {
    const options = { ...sent, agent: false, host: '127.0.0.1', port: ports.https, servername: 'localhost' };
    const request = httpsRequest({
      ...options,
      headers: { host: `localhost:${ports.https}`, ...headers },
      ca,
      path,
    });
    request.end(body);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response;
  };

  const send = async (path: string, sent?: Sent) => {
    const response = await open(path, sent);
    let text = '';
    for await (const piece of response.setEncoding('utf8')) text += String(piece);
    return { status: response.statusCode, headers: response.headers, text };
  };

  beforeAll(async () => {
    const folder = temporaryFolder();
    const made = await generate([{ name: 'commonName', value: 'localhost' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
    });
    ca = made.cert;
    writeFileSync(join(folder, 'certificate.pem'), made.cert);
    writeFileSync(join(folder, 'key.pem'), made.private);
    service = await startService();
    ports = {
      http: await freePort(),
      https: await freePort(),
      service: Number(new URL(service.address).port),
    };
    const [command = '', ...words] = prepare(folder, ports);
    proxy = spawn(command, words, {
      env: { ...process.env, HOME: folder },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    proxy.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
    const isUp = () =>
      send('/health/live').then(
        ({ status }) => status === 200,
        () => false,
      );
    await eventually(isUp, Boolean).catch(() => {
      throw new Error(`${program} did not start:\n${said.slice(-2_000)}`);
    });
  }, 60_000);

  afterAll(async () => {
    if (proxy.exitCode !== null) return;
    const exit = once(proxy, 'exit');
    proxy.kill('SIGTERM');
    await exit;
  });

  it('serves HTTPS, and redirects to it', async () => {
    expect((await send('/health/live')).headers).toHaveProperty('strict-transport-security');
    const plain = httpRequest({ host: '127.0.0.1', port: ports.http, headers: { host: 'localhost' } }).end();
    const [{ statusCode, headers }] = (await once(plain, 'response')) as [IncomingMessage];
    expect([301, 308]).toContain(statusCode);
    expect(headers.location).toMatch(/^https:\/\/localhost/);
  });

  it('passes events on as they happen', async () => {
    const token = service.token('auditor');
    const feed = await open('/api/events', {
      headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
    });
    let text = '';
    feed.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    await service.as('inspector').issue({ id: 'through-a-proxy' });
    await eventually(
      () => Promise.resolve(text),
      (all) => all.includes('recommendation-through-a-proxy'),
      5_000,
    );
    feed.destroy();
  });

  it('does not let a client name another host', async () => {
    const headers = { 'x-forwarded-host': 'elsewhere.example' };
    expect((await send('/api/openapi.json', { headers })).status).toBe(200);
  });

  it('refuses metrics', async () => {
    expect((await send('/metrics')).status).toBe(403);
  });

  // Caddy counts the received bytes, whereas nginx trusts the header.
  (program === 'nginx' ? it : it.skip)('refuses bodies that are too large', async () => {
    const headers = { 'content-length': String(2 ** 27), connection: 'close' };
    expect((await send('/api/recommendations', { method: 'POST', headers })).status).toBe(413);
  });
});
