import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemOf } from '#use-cases/problems';
import { visibleState } from '#use-cases/records/visible-record';
import { ANY_RECORD_ID } from '#lifecycle/kind';
import { kinds, recordOf } from '#state-machines/record-streams';
import { referencesOf } from '#use-cases/records/named-record';
import { identityOf } from '../../api/authentication.ts';
import { PACKS } from '../../parts.ts';
import type { PackParts } from '../../parts.ts';
import { addressOf } from '../lists/list-address.ts';
import { listPath } from '../page-paths.ts';
import { sendPage } from '../send-page.tsx';
import { packPath } from './pack-choices.ts';
import type { Element } from '../components/macro-options.ts';
import { Link } from '../components/button.tsx';
import { StackedTable } from '../lists/stacked-table.tsx';

/** The page on checking packs, and the redirect to a record's pack. */
@ApiExcludeController()
@Controller('audit')
export class CheckPacksPages {
  readonly #parts: PackParts;

  constructor(@Inject(PACKS) parts: PackParts) {
    this.#parts = parts;
  }

  @Get('packs')
  async ofRecord(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { record } = request.query as { readonly record?: string | string[] };
    const id = typeof record === 'string' ? record.trim() : '';
    await reply.redirect(id === '' ? '/audit#packs' : await this.#pathFor(request, id), 303);
  }

  /** Returns the pack page of the first visible record with this id, else a search for it. */
  async #pathFor(request: FastifyRequest, id: string): Promise<string> {
    for (const record of ANY_RECORD_ID.test(id) ? referencesOf(kinds, id) : []) {
      try {
        await visibleState(this.#parts, identityOf(request), record);
        return packPath(record);
      } catch (error) {
        if (problemOf(error)?.code !== 'not-found') throw error;
      }
    }
    return addressOf(listPath(recordOf('').kind), new URLSearchParams({ q: id }));
  }

  @Get('packs/check')
  async howToCheck(@Res() reply: FastifyReply): Promise<void> {
    const breadcrumbs = [{ text: 'Audit', href: '/audit' }];
    const content = <CheckPacks />;
    await sendPage(reply, { title: ['Check a pack'], section: 'audit', breadcrumbs, content });
  }
}

/** The verdicts, in the words of the verifiers. */
const VERDICTS: readonly (readonly [string, string])[] = [
  [
    'Does not hold',
    'Part of the pack is wrong, missing or changed. The lines below the verdict say what is wrong. Request another pack.',
  ],
  [
    'Unanchored, it only agrees with itself',
    'You did not enter a key, so anyone could have made the pack. Get the key separately from the pack, and check again.',
  ],
  [
    'Holds as … signed it',
    'It matches the log that was signed with this key. The holder of the key could have rewritten events before they were signed.',
  ],
  [
    'Holds, and follows the checkpoint you kept',
    'Nothing up to your checkpoint has been changed since you received it, not even by the holder of the key.',
  ],
  [
    'Holds, and is witnessed',
    'The witnesses that your policy requires have seen the same log, so everyone sees that log. This does not prove that the log has only one history for the record. Compare packs that were made for different people.',
  ],
  [
    'Holds, and is examined',
    'It is witnessed, and the examiners that your policy requires have verified the whole log. The record has one history, and its states follow its rules.',
  ],
  [
    '…, but not all that you require is met',
    'The pack itself is valid, but one of your requirements is not met: the key, the checkpoint, the witnesses or the challenge. The lines below the verdict say which.',
  ],
];

/** Explains how to check a pack. */
export const CheckPacks = (): Element => (
  <>
    <h1 class="govuk-heading-l">Check a pack</h1>
    <p class="govuk-body">
      Check a pack on your own computer. If you checked it here, you would have to trust the operator of this
      service. None of the three methods uses a network or this service.
    </p>
    <h2 class="govuk-heading-m">In a browser</h2>
    <ol class="govuk-list govuk-list--number">
      <li>
        <Link href="/verify/verify.html" download>
          Download verify.html
        </Link>
        , and open it from your disk. Each pack also contains it.
      </li>
      <li>Paste the log’s key, which you received separately from the pack.</li>
      <li>Drop the original zip file on the page, and read the first line.</li>
    </ol>
    <h2 class="govuk-heading-m">With Python, or on the command line</h2>
    <p class="govuk-body">
      <Link href="/verify/verify.py" download>
        Download verify.py
      </Link>
      , an independent program that needs only Python, and run{' '}
      <code>python3 verify.py 730.zip --key 'KEY'</code>. If Docket is installed,{' '}
      <code>docket verify --pack FILE --key 'KEY'</code> does the same.
    </p>
    <p class="govuk-body">
      <Link href="/verify">Compare the digest of the verifier</Link> with one from someone other than the
      operator of this service.
    </p>
    <FirstLine />
  </>
);

const FirstLine = (): Element => (
  <>
    <h2 class="govuk-heading-m">What the first line means</h2>
    <StackedTable
      caption="What the first line means"
      columns={['First line', 'Meaning']}
      rows={VERDICTS.map(([verdict, meaning]) => [<strong>{verdict}</strong>, meaning])}
    />
    <h2 class="govuk-heading-m">What no pack proves</h2>
    <ul class="govuk-list govuk-list--bullet">
      <li>that the log has no second history for the record</li>
      <li>that people kept to the rules and their roles, beyond the states that the pack shows</li>
      <li>which person each user ID (“subject”) belongs to</li>
      <li>
        that no newer pack exists: check the time below the verdict, or send a challenge with your request
      </li>
    </ul>
    <p class="govuk-body">
      The result also counts the values that were erased or left out of the pack. Each event lists its own,
      with their codes.
    </p>
  </>
);
