import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { printTimeStampRequest } from '#audit/time-stamp';

/** The options of an authority's certificate: alternatives to one that signs itself. */
interface AuthorityOptions {
  /** Whether another certificate issued it. */
  readonly isIssued?: boolean;
  readonly key?: 'ec' | 'rsa';
}

const NONCE = Buffer.alloc(8, 7);
const KEYS = { ec: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'], rsa: ['rsa:2048'] } as const;

/** A time-stamping authority, which is OpenSSL in a folder. */
export class Authority {
  readonly #folder: string;
  /** The certificate that a verifier needs, in PEM: the authority's own, or that of its issuer. */
  readonly certificate: string;

  constructor(folder: string, { isIssued = false, key = 'ec' }: AuthorityOptions = {}) {
    this.#folder = folder;
    const made = ['-newkey', ...KEYS[key], '-nodes', '-keyout', 'tsa.key', '-days', '2'];
    const uses = ['-subj', '/CN=An authority', '-addext', 'extendedKeyUsage=critical,timeStamping'];
    const issuer = ['-x509', '-newkey', ...KEYS.ec, '-nodes', '-keyout', 'ca.key', '-subj', '/CN=An issuer'];
    if (isIssued) {
      this.#openssl('req', ...issuer, '-out', 'ca.pem', '-days', '2');
      this.#openssl('req', '-x509', ...made, ...uses, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-out', 'tsa.pem');
    } else this.#openssl('req', '-x509', ...made, ...uses, '-out', 'tsa.pem');
    this.certificate = this.#read(isIssued ? 'ca.pem' : 'tsa.pem').toString();
    this.#write(
      'tsa.cnf',
      '[tsa]\nserial = serial\nsigner_cert = tsa.pem\nsigner_key = tsa.key\nsigner_digest = sha256\n' +
        'default_policy = 1.2.3.4\ndigests = sha256\ness_cert_id_alg = sha256\n',
    );
  }

  #openssl(...words: readonly string[]): void {
    execFileSync('openssl', words, { cwd: this.#folder, stdio: 'pipe' });
  }

  #read(name: string): Buffer {
    return readFileSync(join(this.#folder, name));
  }

  #write(name: string, content: string | Uint8Array): void {
    writeFileSync(join(this.#folder, name), content);
  }

  /** Returns the authority's response for some content. */
  stamp(content: string | Uint8Array): Buffer {
    return this.answer(printTimeStampRequest({ digest: hash('sha256', content, 'buffer'), nonce: NONCE }));
  }

  /** Returns the authority's response to a request. */
  answer(request: Uint8Array): Buffer {
    this.#write('q', request);
    this.#openssl('ts', '-reply', '-config', 'tsa.cnf', '-section', 'tsa', '-queryfile', 'q', '-out', 'a');
    return this.#read('a');
  }
}

/** A time-stamp of a checkpoint in the vectors, in base64, and the authority's certificate in PEM. */
export interface RecordedStamp {
  readonly content: string;
  readonly response: string;
  readonly certificate: string;
}

export const RECORDED_STAMP = new URL('./vectors/time-stamp.json', import.meta.url);
export const recordedStamp = (): RecordedStamp =>
  JSON.parse(readFileSync(RECORDED_STAMP, 'utf8')) as RecordedStamp;
