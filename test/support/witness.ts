import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { readCheckpoint, sizeOf } from '#audit/tlog/checkpoint';
import type { Checkpoint } from '#audit/tlog/checkpoint';
import { cosign } from '#audit/tlog/cosignature';
import type { AddCheckpoint } from '#audit/tlog/cosignature';
import { fromBase64, printSignatureLine, printVerifierKey, verifierKey } from '#audit/tlog/signed-note';
import type { VerifierKey } from '#audit/tlog/signed-note';
import { isConsistent } from '#audit/tlog/tree-proofs';

export interface Witness {
  /** Its entry in DOCKET_WITNESSES. */
  readonly setting: string;
  readonly key: VerifierKey;
  readonly url: string;
  /** The checkpoints that conflict with the one that it signed last. */
  readonly forks: readonly Checkpoint[];
  close(): Promise<void>;
}

interface WitnessOptions {
  readonly name: string;
  readonly logKey: VerifierKey;
  readonly privateKey?: KeyObject;
}

/** Starts a witness of one log (C2SP tlog-witness 1.0.0), which remembers what it signed until it is closed. */
export async function startWitness({
  name,
  logKey,
  privateKey = generateKeyPairSync('ed25519').privateKey,
}: WitnessOptions): Promise<Witness> {
  let last: Checkpoint | null = null;
  const forks: Checkpoint[] = [];
  const answerTo = (request: AddCheckpoint): readonly [status: number, line: string] => {
    const { checkpoint, note, signers } = readCheckpoint(Buffer.from(request.note), [logKey]);
    if (checkpoint.origin !== logKey.name) return [404, 'The log is unknown to this witness'];
    if (signers.length === 0) return [403, 'No known key of the log signed the checkpoint'];
    const size = last?.size ?? 0n;
    const isFork = last?.size === checkpoint.size && Buffer.compare(last.root, checkpoint.root) !== 0;
    if (isFork) forks.push(checkpoint);
    if (request.old > checkpoint.size) return [400, 'The checkpoint is smaller than the old size'];
    if (request.old !== size || isFork) return [409, String(size)];
    const isExtension = last === null || isConsistent(last, checkpoint, request.proof);
    if (!isExtension) return [422, `The proof does not show that ${checkpoint.size} events extend ${size}`];
    last = checkpoint;
    const seconds = BigInt(Math.floor(Date.now() / 1_000));
    return [200, printSignatureLine(cosign(note.text, name, privateKey, seconds))];
  };
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const [status, line] = answerTo(parse(body));
      const type = status === 409 ? 'text/x.tlog.size' : 'text/plain';
      response.writeHead(status, { 'content-type': type }).end(`${line}\n`);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const key = verifierKey(name, 'cosignature', createPublicKey(privateKey));
  return {
    setting: `${printVerifierKey(key)}@${url}`,
    ...{ key, url, forks },
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function parse(body: string): AddCheckpoint {
  const end = body.indexOf('\n\n');
  const [first = '', ...lines] = body.slice(0, end).split('\n');
  const old = sizeOf(first.replace(/^old /, ''));
  const proof = lines.map((line) => fromBase64(line));
  if (old === null || proof.includes(null)) throw new Error(`not a request: ${body}`);
  return { old, proof: proof.filter((hash) => hash !== null), note: body.slice(end + 2) };
}
