import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { hash, randomUUID } from 'node:crypto';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { attemptImport, requireImporter } from '#use-cases/register/attempt-import';
import type { BroughtFile } from '#use-cases/register/attempt-import';
import type { ImportOutcome } from '#use-cases/register/import-record';
import { tellFile } from '#use-cases/register/tell-file';
import { askedBy } from '../../api/asked.ts';
import { identityOf } from '../../api/authentication.ts';
import { RECORDS } from '../../parts.ts';
import { FormValues, typedInto } from '../form-values.ts';
import { ACTION_FIELD, keyOf } from '../forms/action-form.tsx';
import { payloadOf } from '../forms/fields.ts';
import { forPeople } from '../forms/for-people.ts';
import { formErrors } from '../forms/form-errors.ts';
import type { FormError } from '../forms/form-errors.ts';
import { recordFrom } from '../forms/record-source.ts';
import { refusedForm } from '../forms/refused-form.ts';
import type { RefusedForm } from '../forms/refused-form.ts';
import { holdTyped, isResumed } from '../forms/session-ended.tsx';
import { contextOf } from '../page-context.ts';
import { RECORD_FIELD } from '../read-forms.ts';
import { sendPage } from '../send-page.tsx';
import { recordAddress } from '../way-back.ts';
import { ABOUT_FIELDS, aboutFields } from './import-fields.ts';
import { CHECK, ImportView } from './import-view.tsx';

/** How the page is shown, and what came of looking at the record. */
interface Showing {
  readonly values: FormValues;
  readonly formKey?: string | null;
  readonly outcome?: ImportOutcome | null;
  readonly errors?: readonly FormError[];
  /** The code of what refused it. */
  readonly refusal?: string | null;
  readonly status?: number;
}

/** Brings a register record in: first it is looked at, then imported. */
@ApiExcludeController()
@Controller('imports/new')
export class ImportPage {
  readonly #access: RecordsAccess;

  constructor(@Inject(RECORDS) access: RecordsAccess) {
    this.#access = access;
  }

  @Get()
  async ask(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#show(request, reply, { values: new FormValues() });
  }

  @Post()
  async import(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const values = typedInto(request);
    if (await holdTyped(request, reply, values)) return;
    const source = recordFrom(values);
    const showing = { values, formKey: keyOf(values) };
    if (isResumed(request, values)) await this.#show(request, reply, showing);
    else if (source === null)
      await this.#show(request, reply, { ...showing, errors: [NO_SOURCE], status: 400 });
    else await this.#bring(request, reply, values, source);
  }

  /** Looks at a record, or imports it, as the button said. */
  async #bring(
    request: FastifyRequest,
    reply: FastifyReply,
    values: FormValues,
    source: Buffer,
  ): Promise<void> {
    const dryRun = values.text(ACTION_FIELD) === CHECK;
    const about = payloadOf(aboutFields(identityOf(request), values, null), values) as Partial<About>;
    const { id = null, recipient = null, corrects = null, anyway = false } = about;
    const file: BroughtFile = { source, id, recipient, corrects, anyway, dryRun };
    const formKey = keyOf(values);
    const asked = askedBy(request, dryRun ? null : formKey, () => ({
      ...about,
      sourceSha256: hash('sha256', source),
    }));
    try {
      const outcome = await attemptImport(this.#access, asked, file);
      if (dryRun) await this.#show(request, reply, { values, formKey, outcome });
      else await reply.redirect(addressOf(outcome), 303);
    } catch (error) {
      const refused = refusedForm(error);
      if (refused === null) throw error;
      const { status, code: refusal, isRepeated } = refused;
      const shown = { values, formKey: isRepeated ? null : formKey, status, refusal };
      await this.#show(request, reply, { ...shown, errors: errorsOf(refused, values) });
    }
  }

  async #show(request: FastifyRequest, reply: FastifyReply, showing: Showing): Promise<void> {
    requireImporter(identityOf(request));
    const { values, errors = [], outcome = null, refusal = null, status = 200 } = showing;
    const source = recordFrom(values);
    const told = outcome === null || source === null ? null : tellFile(source, Date.now());
    const content = (
      <ImportView
        values={values}
        errors={errors}
        fields={aboutFields(identityOf(request), values, refusal)}
        source={source}
        outcome={outcome}
        told={told}
        mark={contextOf(request).mark}
        formKey={showing.formKey ?? randomUUID()}
      />
    );
    const title = ['Import a register record'];
    const page = { title, section: 'import', isRefused: errors.length > 0, content } as const;
    await sendPage(request, reply, page, status);
  }
}

/** What is said of a record beside the record itself. */
interface About {
  readonly id: string;
  readonly recipient: string;
  readonly corrects: string;
  readonly anyway: true;
}

const NO_SOURCE: FormError = { field: RECORD_FIELD, message: 'Choose a file, or paste the record' };

const addressOf = ({ id, position, version }: ImportOutcome): string =>
  recordAddress(id, undefined, position === null ? {} : { minPosition: position, done: String(version) });

/** Where the file and the record differ, each by its line and column; else the sentence. */
function errorsOf({ code, message, problems }: RefusedForm, values: FormValues): FormError[] {
  if (code === 'invalid-payload' && problems !== undefined) return formErrors(ABOUT_FIELDS, problems, values);
  const field = code === 'id-already-used' ? 'id' : null;
  return [{ field, message: forPeople(message.replaceAll(OF_PROGRAMS, '')) }];
}

/** How programs go on from there: the page has fields for it. */
const OF_PROGRAMS =
  / with --corrects REASON \(corrects=\)| with --id \(id=\)|; import it all the same with --anyway \(anyway=true\)/g;
