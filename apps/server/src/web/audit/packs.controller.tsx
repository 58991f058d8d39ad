import { Controller, Get, Inject, Post, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RecordReference } from '#lifecycle/kind';
import { seePackChoices } from '#use-cases/audit/see-pack-choices';
import type { PackChoices } from '#use-cases/audit/see-pack-choices';
import { invalidParameter } from '#use-cases/problems';
import { readerOf } from '../../api/authentication.ts';
import { size } from '../../api/audit-routes.ts';
import { OpenAnswers, OpenPacks } from '../../api/open-answers.ts';
import { sendPack } from '../../api/pack.controller.ts';
import { several, version } from '../../api/query-parameters.ts';
import { readQuery } from '../../api/route-query.ts';
import { OfRecord, pagesOfEachKind } from '../../of-each-kind.ts';
import { PARTS } from '../../parts.ts';
import type { Parts } from '../../parts.ts';
import { formOf } from '../form-values.ts';
import { sendPage } from '../send-page.tsx';
import { breadcrumbFor, recordPath } from '../page-paths.ts';
import { recordName } from '../words.ts';
import { ADDRESS_LENGTH_MAX, packAddresses, chosenIn, tickedIn } from './pack-choices.ts';
import { PackCheck } from './pack-check-view.tsx';
import type { Ticked } from './pack-choices.ts';
import { captionOf, EVENTS_ON_PAGE, PackForm } from './pack-form-view.tsx';

/** The withheld values, as in the API's route for packs, and a page of the events. */
const QUERY = {
  withhold: { ...several(''), read: (_: string, values: readonly string[]) => values },
  page: version('The page of the events.'),
};

/** The checkpoint that the pack continues from. */
const SINCE = size('');

interface Seen {
  readonly record: RecordReference;
  readonly choices: PackChoices;
  readonly withhold: readonly string[];
  readonly page: number;
}

/** Pages to choose, check and make a record's pack. */
@ApiExcludeController()
@Controller(pagesOfEachKind('/:id/pack'))
export class PackPages {
  @Inject(PARTS) private readonly parts!: Parts;
  @Inject(OpenPacks) private readonly packs!: OpenPacks;
  @Inject(OpenAnswers) private readonly answers!: OpenAnswers;

  @Get()
  async choose(@Res() reply: FastifyReply, @OfRecord() record: RecordReference): Promise<void> {
    const seen = await this.#see(reply, record);
    await sendForm(reply, seen, { choose: chosenIn(seen.withhold), errors: new Map() });
  }

  @Post()
  async chosen(@Res() reply: FastifyReply, @OfRecord() record: RecordReference): Promise<void> {
    const { request } = reply;
    const form = formOf(request);
    const { withhold = [], page = 1 } = queryOf(request);
    const ticked = tickedIn(form, chosenIn(withhold));
    const addresses = packAddresses(record, ticked.choose);
    const to = form.text('go') === 'next' ? addresses.form(page + 1) : addresses.check;
    const isLong = to.length > ADDRESS_LENGTH_MAX;
    if (ticked.errors.size === 0 && !isLong) {
      await reply.redirect(to, 303);
      return;
    }
    const seen = await this.#see(reply, record);
    await sendForm(reply, seen, ticked, isLong ? TOO_MANY : null);
  }

  @Get('check')
  async check(@Res() reply: FastifyReply, @OfRecord() record: RecordReference): Promise<void> {
    const { choices, withhold } = await this.#see(reply, record);
    const chosen = chosenIn(withhold);
    const addresses = packAddresses(record, chosen);
    await sendPage(reply, {
      title: ['What the pack leaves out', captionOf(record.id, choices)],
      section: 'audit',
      breadcrumbs: [...breadcrumbsTo(record), { text: 'Evidence pack', href: addresses.form() }],
      content: <PackCheck {...{ id: record.id, choices, chosen, addresses }} />,
    });
  }

  @Post('make')
  async make(@Res() reply: FastifyReply, @OfRecord() record: RecordReference): Promise<void> {
    const { request } = reply;
    const form = formOf(request);
    const since = form.text('since').replaceAll(/[\s,]/g, '');
    const { withhold = [] } = queryOf(request);
    const options = {
      record,
      withhold,
      ...(since !== '' && { since: { size: SINCE.read('since', [since]) } }),
    };
    await sendPack(request, reply, { parts: this.parts, packs: this.packs }, options);
  }

  async #see(reply: FastifyReply, record: RecordReference): Promise<Seen> {
    const { request } = reply;
    const { withhold = [], page = 1 } = queryOf(request);
    // The page needs the whole record in memory.
    await this.answers.admit(request, reply);
    const choices = await seePackChoices(this.parts, readerOf(request), record, withhold);
    if (page > Math.max(Math.ceil(choices.events.length / EVENTS_ON_PAGE), 1))
      throw invalidParameter('page', 'is beyond the last page of the events');
    return { record, choices, withhold, page };
  }
}

const TOO_MANY =
  'You have selected too many items. Select “Leave out all internal content” instead, or ask your administrator to make the pack from the command line.';

const queryOf = ({ query }: FastifyRequest) =>
  readQuery(QUERY, query as Readonly<Record<string, string | string[]>>);

const breadcrumbsTo = (record: RecordReference) => [
  breadcrumbFor(record.kind),
  { text: recordName(record), href: recordPath(record) },
];

async function sendForm(
  reply: FastifyReply,
  { record, choices, withhold, page }: Seen,
  ticked: Ticked,
  refusal: string | null = null,
): Promise<void> {
  const isRefused = ticked.errors.size > 0 || refusal !== null;
  const addresses = packAddresses(record, chosenIn(withhold));
  const content = <PackForm {...{ id: record.id, choices, ticked, addresses, page, refusal }} />;
  const title = ['Evidence pack', captionOf(record.id, choices)];
  const sent = { title, section: 'audit', breadcrumbs: breadcrumbsTo(record), isRefused, content } as const;
  await sendPage(reply, sent);
}
