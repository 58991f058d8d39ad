import { recordOf } from '#state-machines/record-streams';
import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { nextTurn } from '#event-sourcing/event-store';
import { ProblemError } from '#use-cases/problems';
import { attemptFile, requireImporter } from '#use-cases/register-files/attempt-import';
import type { FileOutcome, OnlyOutcome } from '#use-cases/register-files/attempt-import';
import { divideFile } from '#use-cases/register-files/import-file';
import type { RegisterFile } from '#use-cases/register-files/import-file';
import type { ImportOutcome } from '#use-cases/register-files/import-record';
import { summariseFile } from '#use-cases/register-files/summarise-file';
import type { FileSummary } from '#use-cases/register-files/summarise-file';
import { contextPerRecord } from '../../api/call-context.ts';
import { answerOf } from '../../api/problems.ts';
import { identityOf } from '../../api/authentication.ts';
import { PARTS } from '../../parts.ts';
import type { Parts } from '../../parts.ts';
import { withSlugs } from '../body-names.ts';
import { FormValues, typedInto } from '../form-values.ts';
import { ACTION_FIELD, keyOf, SEND } from '../forms/action-form.tsx';
import { payloadOf } from '../forms/fields.ts';
import { formErrors } from '../forms/form-errors.ts';
import type { FormError } from '../forms/form-errors.ts';
import { hasTwoSources, recordFrom, RECORD_FIELD, REGISTER_FILE_BYTES_MAX } from '../read-forms.ts';
import { refusedForm } from '../forms/refused-form.ts';
import type { RefusedForm } from '../forms/refused-form.ts';
import { keepInput, isResumed } from '../forms/session-ended.tsx';
import { sendPage } from '../send-page.tsx';
import { recordAddress } from '../page-paths.ts';
import { FileView } from './file-view.tsx';
import { ABOUT_FIELDS, detailForPage, PAGE_RECORDS_MAX, DIGEST_FIELD, ImportView } from './import-view.tsx';

/** The page's state: the values and the result of the preview. */
interface Showing {
  readonly values: FormValues;
  readonly formKey?: string | null;
  readonly outcome?: OnlyOutcome | null;
  readonly errors?: readonly FormError[];
  readonly status?: number;
}

/** Imports register records after a preview. */
@ApiExcludeController()
@Controller('imports/new')
export class ImportPage {
  @Inject(PARTS) private readonly parts!: Parts;

  @Get()
  async show(@Res() reply: FastifyReply): Promise<void> {
    await this.#show(reply, { values: new FormValues() });
  }

  @Post()
  async import(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const typed = typedInto(request);
    if (await keepInput(reply, typed)) return;
    const values = withSlugs(typed, ABOUT_FIELDS, await request.server.pages.bodies.all());
    const source = recordFrom(values);
    const showing = { values, formKey: keyOf(values) };
    if (isResumed(request, values)) await this.#show(reply, showing);
    else if (source === null || hasTwoSources(values))
      await this.#show(reply, {
        ...showing,
        errors: [source === null ? NO_SOURCE : TWO_SOURCES],
        status: 400,
      });
    else await this.#bring(reply, values, source);
  }

  /** Imports a file if the main button was pressed; otherwise previews it. */
  async #bring(reply: FastifyReply, values: FormValues, source: Buffer): Promise<void> {
    const { request } = reply;
    const dryRun = values.text(ACTION_FIELD) !== SEND;
    const about = payloadOf(ABOUT_FIELDS, values) as Partial<About>;
    const { id = null, recipient = null } = about;
    const previewed = dryRun ? null : values.text(DIGEST_FIELD) || null;
    const formKey = keyOf(values);
    try {
      const file = await readForPage(source);
      const payload = { ...about, sourceSha256: file.digest };
      const context = contextPerRecord(request, dryRun ? null : formKey, payload);
      const brought = { ...file, id, recipient, dryRun, previewed };
      const outcome = await attemptFile(this.parts, context, brought);
      if ('records' in outcome) await this.#showFile(reply, { values, formKey, file, outcome, dryRun });
      else if (dryRun) await this.#show(reply, { values, formKey, outcome });
      else if (outcome.outcome === 'differs')
        await this.#show(reply, { values, formKey, outcome, errors: [IN_USE], status: 409 });
      else await reply.redirect(addressOf(outcome), 303);
    } catch (error) {
      const refused = refusedForm(error) ?? refusedFile(error);
      if (refused === null) throw error;
      const { status, isRepeated } = refused;
      const shown = { values, formKey: isRepeated ? null : formKey, status };
      await this.#show(reply, { ...shown, errors: errorsOf(refused, values) });
    }
  }

  async #show(reply: FastifyReply, showing: Showing): Promise<void> {
    const { request } = reply;
    requireImporter(identityOf(request));
    const { values, errors = [], outcome = null, status = 200 } = showing;
    const source = recordFrom(values);
    const preview =
      outcome === null || source === null ? null : summariseFile(source, request.server.clock.now());
    const content = (
      <ImportView
        values={values}
        errors={errors}
        fields={ABOUT_FIELDS}
        source={source}
        outcome={outcome}
        preview={preview}
        formKey={showing.formKey ?? null}
      />
    );
    const page = { title: [TITLE], section: 'import', isRefused: errors.length > 0, content } as const;
    await sendPage(reply, page, status);
  }

  async #showFile(reply: FastifyReply, showing: FileShowing): Promise<void> {
    const { request } = reply;
    const { values, formKey, file, outcome, dryRun } = showing;
    const source = recordFrom(values) ?? Buffer.alloc(0);
    const content = (
      <FileView
        values={values}
        errors={[]}
        fields={ABOUT_FIELDS.filter(({ name }) => name !== 'id')}
        source={source}
        outcome={outcome}
        preview={dryRun ? await summariseRecords(file, request.server.clock.now()) : null}
        formKey={formKey}
      />
    );
    await sendPage(reply, { title: [TITLE], section: 'import', content }, 200);
  }
}

const TITLE = 'Import register records';

interface FileShowing {
  readonly values: FormValues;
  readonly formKey: string | null;
  readonly file: RegisterFile;
  readonly outcome: FileOutcome;
  readonly dryRun: boolean;
}

async function summariseRecords({ parts }: RegisterFile, now: number): Promise<readonly FileSummary[]> {
  const preview: FileSummary[] = [];
  for (const record of parts) {
    await nextTurn();
    preview.push(summariseFile(record.source, now));
  }
  return preview;
}

/** @throws ProblemError if the file is too large for this page. */
async function readForPage(source: Buffer): Promise<RegisterFile> {
  const other = 'use the command line or the API, or split the file';
  if (source.length > REGISTER_FILE_BYTES_MAX) {
    const mebibytes = REGISTER_FILE_BYTES_MAX / 1024 / 1024;
    throw new ProblemError('file-too-large', `The file is larger than ${mebibytes} MB; ${other}`);
  }
  const file = await divideFile(source);
  const { length } = file.parts;
  if (length <= PAGE_RECORDS_MAX) return file;
  const detail = `The file has ${length} records, but this page accepts at most ${PAGE_RECORDS_MAX}; ${other}`;
  throw new ProblemError('too-many-records', detail);
}

/** Returns the refusal of a whole file; null for other errors. */
function refusedFile(error: unknown): RefusedForm | null {
  if (!(error instanceof ProblemError)) return null;
  const { status } = answerOf(error).problem;
  const { code, message } = error;
  return { status, code, message, problems: undefined, isNotFound: false, isStale: false, isRepeated: false };
}

/** The fields about the record. */
interface About {
  readonly id: string;
  readonly recipient: string;
}

const IN_USE: FormError = {
  field: null,
  message: 'Nothing was imported: people work on the record in Docket',
};

const NO_SOURCE: FormError = { field: RECORD_FIELD, message: 'Choose a file, or paste the record' };

const TWO_SOURCES: FormError = {
  field: RECORD_FIELD,
  message: 'Choose a file or paste the record, not both. Import the other one afterwards',
};

const addressOf = ({ id, position, version }: ImportOutcome): string =>
  recordAddress(
    recordOf(id),
    undefined,
    position === null ? {} : { minPosition: position, done: String(version) },
  );

function errorsOf({ code, message, problems }: RefusedForm, values: FormValues): FormError[] {
  if (code === 'invalid-payload' && problems !== undefined) return formErrors(ABOUT_FIELDS, problems, values);
  const field = FIELD_OF[code] ?? null;
  return [{ field, message: detailForPage(message) }];
}

/** The field that a refusal belongs to. */
const FIELD_OF: Readonly<Record<string, string>> = {
  'id-already-used': 'id',
  'invalid-parameter': 'id',
  'file-too-large': RECORD_FIELD,
  'too-many-records': RECORD_FIELD,
};
