import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { createHash } from 'node:crypto';
import { VERIFIER_FILES, verifierFile } from '#platform/verifiers';
import { NOT_PROVED } from '#audit/pack/pack-report';
import { ProblemError } from '#use-cases/problems';
import { sendPage } from '../send-page.tsx';
import { VERSION } from '#platform/package-json';
import type { Element } from '../components/macro-options.ts';
import { WarningText, SummaryList } from '../components/blocks.tsx';
import { Link } from '../components/button.tsx';
import { StackedTable } from '../lists/stacked-table.tsx';
import { sizeInWords } from '../file-size.ts';

/** The verifiers, their source and their digests; no sign-in needed. */
@ApiExcludeController()
@Controller('verify')
export class VerifiersPages {
  @Get()
  async page(@Res() reply: FastifyReply): Promise<void> {
    const [html, python] = await Promise.all([verifierFile('verify.html'), verifierFile('verify.py')]);
    const content = <VerifiersView html={describe(html)} python={describe(python)} />;
    await sendPage(reply, { title: ['Verify a pack'], content });
  }

  /** Sent as a download: a verifier must never run as a page of this service. */
  @Get(':name')
  async file(@Param('name') name: string, @Res() reply: FastifyReply): Promise<void> {
    const file = VERIFIER_FILES.find((each) => each === name);
    if (file === undefined) throw new ProblemError('not-found', `There is no verifier ${name}`);
    await reply
      .type('application/octet-stream')
      .header('content-disposition', `attachment; filename="${file}"`)
      .send(Buffer.from(await verifierFile(file)));
  }
}

const describe = (bytes: Uint8Array) => ({
  size: bytes.length,
  digest: createHash('sha256').update(bytes).digest('hex'),
});

interface DescribedFile {
  readonly size: number;
  readonly digest: string;
}

/** Offers the verifiers, and explains how to use them and where else to get them. */
const VerifiersView = ({
  html,
  python,
}: {
  readonly html: DescribedFile;
  readonly python: DescribedFile;
}): Element => (
  <>
    <h1 class="govuk-heading-l">Verify a pack</h1>
    <p class="govuk-body">
      These programs verify evidence packs on your own computer. They need no network, and do not send
      anything to anyone.
    </p>
    <WarningText>
      A verifier from this page proves nothing against the operator of this service. An operator who changed a
      history could also serve a verifier that accepts it.
    </WarningText>
    <h2 class="govuk-heading-m">Download a verifier</h2>
    <ul class="govuk-list govuk-list--bullet">
      <li>
        <Download name="verify.html" /> ({sizeInWords(html.size)}) runs in a browser: save it, and open it
        from your disk
      </li>
      <li>
        <Download name="verify.py" /> ({sizeInWords(python.size)}) runs with Python 3, without other packages
      </li>
      <li>
        <Download name="verify-source.txt" /> is the source of verify.html; verify.py is its own source
      </li>
    </ul>
    <h2 class="govuk-heading-m">Compare its digest</h2>
    <p class="govuk-body">
      These are the SHA-256 digests of version {VERSION}. On your computer, <code>sha256sum verify.html</code>{' '}
      prints the digest of your file. On Windows, use <code>certutil -hashfile verify.html SHA256</code>.
    </p>
    <SummaryList
      rows={[
        { key: 'verify.html', value: <Digest digest={html.digest} /> },
        { key: 'verify.py', value: <Digest digest={python.digest} /> },
      ]}
    />
    <p class="govuk-body">
      <Download name="SHA256SUMS" /> lists these digests for <code>sha256sum --check</code>.
    </p>
    <OtherSources />
    <Verdicts />
  </>
);

const VERDICTS: readonly (readonly [string, string])[] = [
  [
    'Does not hold',
    'Something was changed, or something that you entered does not fit. The lines below the verdict say what. Request another pack.',
  ],
  [
    'Consistent with itself, but nobody vouches for it',
    'You did not enter a key, so anyone could have made the pack. Get the key separately from the pack, and verify again.',
  ],
  ['Signed by …', 'The key that you entered signed a log that contains these events.'],
  [
    'Signed by …, and witnessed by …',
    'More than half of the witnesses that you entered also signed the same checkpoint. A witness that the operator runs proves nothing.',
  ],
];

const Verdicts = (): Element => (
  <>
    <h2 class="govuk-heading-m">What the first line means</h2>
    <p class="govuk-body">
      In verify.html, paste the log’s key and drop the original zip file on the page. With Python, run{' '}
      <code>python3 verify.py 730.zip --key 'KEY'</code>. If Docket is installed,{' '}
      <code>docket verify --pack 730.zip --key 'KEY'</code> does the same.
    </p>
    <StackedTable
      caption="What the first line means"
      columns={['First line', 'Meaning']}
      rows={VERDICTS.map(([verdict, meaning]) => [<strong>{verdict}</strong>, meaning])}
    />
    <h2 class="govuk-heading-m">What no pack proves</h2>
    <ul class="govuk-list govuk-list--bullet">
      {NOT_PROVED.map((what) => (
        <li>{what}</li>
      ))}
    </ul>
  </>
);

const OtherSources = (): Element => (
  <>
    <h2 class="govuk-heading-m">Get the verifier from someone else</h2>
    <p class="govuk-body">
      Get the verifier, or its digest, from a source that the operator does not control:
    </p>
    <ul class="govuk-list govuk-list--bullet">
      <li>the Docket {VERSION} release, which has the verifiers and their digests</li>
      <li>another organisation that runs Docket {VERSION}: open this page at its address</li>
      <li>
        the Docket repository: <code>npm ci</code> builds <code>dist/apps/verifier/verify.html</code> from its
        source, and the digest is the same
      </li>
    </ul>
  </>
);

const Download = ({ name }: { readonly name: string }): Element => (
  <Link href={`/verify/${name}`} download>
    {name}
  </Link>
);

const Digest = ({ digest }: { readonly digest: string }): Element => (
  <code class="docket-digest">{digest}</code>
);
