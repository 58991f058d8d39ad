import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import type { CertificateExtension } from 'selfsigned';

/** The TLS files for a server and its clients, in a new folder. */
export interface Certificates {
  readonly authorityFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  remove(): void;
}

/** Creates a certificate authority, and its certificate for localhost. */
export async function makeCertificates(): Promise<Certificates> {
  const folder = mkdtempSync(join(tmpdir(), 'docket-certificates-'));
  const authority = await makeCertificate('Docket test authority', [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
  ]);
  const leaf = await makeCertificate(
    'localhost',
    [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
    ],
    { key: authority.private, cert: authority.cert },
  );
  const write = (name: string, text: string) => {
    const file = join(folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  return {
    authorityFile: write('authority.pem', authority.cert),
    certificateFile: write('certificate.pem', leaf.cert),
    keyFile: write('key.pem', leaf.private),
    remove() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const makeCertificate = (
  commonName: string,
  extensions: CertificateExtension[],
  ca?: { key: string; cert: string },
) =>
  generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions,
    ...(ca && { ca }),
  });
