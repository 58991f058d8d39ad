import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { requestCheckpoint } from '#use-cases/audit/sign-log';
import { seeCheckpoint, seeLogStatus } from '#use-cases/audit/see-log-status';
import type { LogStatus, WitnessSight } from '#use-cases/audit/see-log-status';
import { requestVerification, seeVerifications } from '#use-cases/audit/verify-now';
import type { LogVerification } from '#use-cases/audit/verify-now';
import { problemOf } from '#use-cases/problems';
import { referencesOf } from '#use-cases/records/named-record';
import { visibleState } from '#use-cases/records/visible-record';
import { ANY_RECORD_ID } from '#lifecycle/kind';
import { kinds, recordOf } from '#state-machines/record-streams';
import { callContext } from '../../api/call-context.ts';
import { identityOf } from '../../api/authentication.ts';
import { PARTS } from '../../parts.ts';
import type { Parts } from '../../parts.ts';
import { formOf } from '../form-values.ts';
import { addressOf } from '../lists/list-address.ts';
import { listPath } from '../page-paths.ts';
import { sendPage } from '../send-page.tsx';
import { withArticle } from '#lifecycle/words';
import { Button, Link } from '../components/button.tsx';
import { Input, Textarea } from '../components/fields.tsx';
import type { Element } from '../components/macro-options.ts';
import { WarningText, Part } from '../components/blocks.tsx';
import { longInstant } from '../dates.ts';
import { Mark } from '../forms/post-form.tsx';
import { RECORD, countWords, formatCount } from '../words.ts';
import { packPath } from './pack-choices.ts';
import { Verifications } from './verifications-view.tsx';

@ApiExcludeController()
@Controller('audit')
export class AuditPages {
  @Inject(PARTS) private readonly parts!: Parts;

  @Get()
  async audit(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const viewer = identityOf(request);
    const [standing, verifications] = await Promise.all([
      seeLogStatus(this.parts, viewer),
      seeVerifications(this.parts.verifications, viewer),
    ]);
    const content = <AuditView {...{ standing, verifications }} />;
    await sendPage(reply, { title: ['Audit'], section: 'audit', content });
  }

  @Post('verifications')
  async verify(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    formOf(request);
    await requestVerification(this.parts.verifications, identityOf(request));
    await reply.redirect('/audit#verify', 303);
  }

  @Post('checkpoints')
  async sign(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    formOf(request);
    await requestCheckpoint(this.parts.signing, callContext(request));
    await reply.redirect('/audit#protected', 303);
  }

  /** Redirects to a record's pack. */
  @Get('packs')
  async pack(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { record } = request.query as { readonly record?: string | string[] };
    const id = typeof record === 'string' ? record.trim() : '';
    await reply.redirect(id === '' ? '/audit#packs' : await this.#packOf(request, id), 303);
  }

  /** Returns the pack page of the first visible record with this id, else a search for it. */
  async #packOf(request: FastifyRequest, id: string): Promise<string> {
    for (const record of ANY_RECORD_ID.test(id) ? referencesOf(kinds, id) : []) {
      try {
        await visibleState(this.parts, identityOf(request), record);
        return packPath(record);
      } catch (error) {
        if (problemOf(error)?.code !== 'not-found') throw error;
      }
    }
    return addressOf(listPath(recordOf('').kind), new URLSearchParams({ q: id }));
  }

  @Get('checkpoint')
  async checkpoint(@Res() reply: FastifyReply): Promise<void> {
    const note = await seeCheckpoint(this.parts.readModels);
    const [, size = ''] = note.split('\n');
    await reply
      .type('text/plain; charset=utf-8')
      .header('content-disposition', `attachment; filename="checkpoint-${size}.txt"`)
      .send(note);
  }
}

interface AuditOptions {
  readonly standing: LogStatus;
  readonly verifications: readonly LogVerification[];
}

export const AuditView = ({ standing, verifications }: AuditOptions): Element => (
  <>
    <h1 class="govuk-heading-l">Audit</h1>
    <Protected standing={standing} />
    <Verifications verifications={verifications} />
    <Packs />
    <OnRecord />
  </>
);

type Standing = Pick<AuditOptions, 'standing'>;

const Protected = ({ standing }: Standing): Element => (
  <Part id="protected" heading="How the history is protected">
    {standing.refusal !== null && (
      <WarningText>{`The history is not being signed: ${standing.refusal}`}</WarningText>
    )}
    <Signed standing={standing} />
    <Seen standing={standing} />
    <Unprotected standing={standing} />
    <form method="post" action="/audit/checkpoints" class="docket-not-on-paper">
      <Mark />
      <p class="govuk-body" id="sign-does">
        Signs everything recorded until now. The signature is recorded in the history permanently.
      </p>
      <Button
        classes="govuk-button--secondary"
        attributes={{ 'aria-describedby': 'sign-does' }}
        preventDoubleClick
      >
        Sign the history
      </Button>
    </form>
    <Keys standing={standing} />
  </Part>
);

function Signed({ standing: { events, checkpoint } }: Standing): Element {
  if (checkpoint === null)
    return (
      <p class="govuk-body">
        {`The history has ${countWords(events, 'event')}. None of them is signed yet. No one could tell if recent events were removed or the whole history was rewritten.`}
      </p>
    );
  const { origin, size, signedAt, isTimestamped } = checkpoint;
  return (
    <>
      <p class="govuk-body">
        {`The history up to event ${formatCount(size)} was signed on ${longInstant(signedAt)} by `}
        <code class="docket-id">{origin}</code>
        {isTimestamped && ', and a third party has confirmed the time'}
        {
          '. With this checkpoint anyone can prove later if any of these events was changed, removed or added. '
        }
        <Link href="/audit/checkpoint" download>
          Download the checkpoint
        </Link>
        {', and keep it where the operator of this service cannot change it.'}
      </p>
    </>
  );
}

function Seen({ standing: { witnesses, checkpoint } }: Standing): Element | null {
  if (checkpoint === null) return null;
  if (witnesses === null || witnesses.length === 0)
    return (
      <p class="govuk-body">
        <strong>No witness has seen it.</strong> An operator with the signing key could rewrite the history.
        Only a person who kept an earlier checkpoint would notice. Download a checkpoint each time you visit
        this page, and ask the administrator to set up an independent witness.
      </p>
    );
  return (
    <>
      <ul class="govuk-list govuk-list--bullet">
        {witnesses.map((witness) => (
          <li>
            <Sight {...witness} />
          </li>
        ))}
      </ul>
      <p class="govuk-body">
        A witness signs only a history that continues the one it saw before. Up to the last event that a
        witness saw, no one can rewrite the history without that witness. A witness that the operator of this
        service runs proves nothing.
      </p>
    </>
  );
}

function Sight({ name, seen, failure }: WitnessSight): Element {
  const failed = failure === null ? '' : ` It did not sign last time: ${failure}.`;
  const who = <code class="docket-id">{name}</code>;
  if (seen === null)
    return (
      <>
        {who}
        {` has not seen any recent checkpoint.${failed}`}
      </>
    );
  return (
    <>
      {`The history up to event ${formatCount(seen.size)} was seen by `}
      {who}
      {` on ${longInstant(seen.at)}.${failed}`}
    </>
  );
}

const Unprotected = ({ standing: { events, checkpoint, unprotected } }: Standing): Element | null =>
  checkpoint === null ? null : (
    <p class="govuk-body">
      {unprotected === 0
        ? `Only the signature itself has been recorded since then${afterSigning(events - checkpoint.size)}. Everything else is signed.`
        : `Not signed yet: ${countWords(unprotected, 'event')} since then. Until ${unprotected === 1 ? 'it is' : 'they are'} signed, no one could tell if ${unprotected === 1 ? 'it was' : 'they were'} removed.`}
    </p>
  );

/** The event that records a checkpoint comes after the events that it covers. */
const afterSigning = (count: number): string => (count <= 0 ? '' : `, in ${countWords(count, 'event')}`);

const ONE_KEY = {
  label: 'Key to check signatures',
  hint: 'Send it once to the people who check packs or checkpoints. Send it separately from the packs, on paper or in its own email.',
  copy: 'Copy the key',
};
const SEVERAL_KEYS = {
  label: 'Keys to check signatures',
  hint: 'Send them once to the people who check packs or checkpoints. Send them separately from the packs, on paper or in their own email.',
  copy: 'Copy the keys',
};

function Keys({ standing: { verifierKeys } }: Standing): Element | null {
  if (verifierKeys.length === 0) return null;
  const { label, hint, copy } = verifierKeys.length === 1 ? ONE_KEY : SEVERAL_KEYS;
  return (
    <Textarea
      name="vkey"
      label={label}
      hint={hint}
      rows={2 * verifierKeys.length + 1}
      value={verifierKeys.join('\n')}
      attributes={{ readonly: true, 'data-copy': copy }}
    />
  );
}

const Packs = (): Element => (
  <Part id="packs" heading="Evidence packs">
    <p class="govuk-body">
      A pack is a record with proof that its events are in the signed log. Anyone who receives it can check it
      without this service, and without trusting its operator.
    </p>
    <form method="get" action="/audit/packs" class="docket-not-on-paper">
      <Input
        name="record"
        label={`Make a pack for ${withArticle(RECORD.singular)}`}
        hint="Its reference, as shown on its page, or words to search for"
        classes="govuk-input--width-20"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
      />
      <Button classes="govuk-button--secondary">Choose the contents</Button>
    </form>
    <p class="govuk-body">
      <Link href="/verify">Verify a pack</Link>
    </p>
  </Part>
);

const LISTS = [
  {
    href: '/audit/log',
    text: 'The log',
    description: `all events except accesses to the log itself`,
  },
  {
    href: '/audit/accesses',
    text: 'Accesses',
    description: 'who accessed exports, packs, the log and internal content',
  },
  {
    href: '/audit/refusals',
    text: 'Refusals',
    description: 'refused requests, with the person and the reason',
  },
] as const;

const OnRecord = (): Element => (
  <Part id="on-record" heading="Audit trail">
    <ul class="govuk-list govuk-list--bullet">
      {LISTS.map(({ href, text, description }) => (
        <li>
          <Link href={href}>{text}</Link>
          {`: ${description}`}
        </li>
      ))}
    </ul>
  </Part>
);
