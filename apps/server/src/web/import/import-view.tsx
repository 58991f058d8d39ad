import { anomalyCodes } from '#register-format/anomalies';
import type { OnlyOutcome } from '#use-cases/register-files/attempt-import';
import type { ImportOutcome } from '#use-cases/register-files/import-record';
import type { FileSummary } from '#use-cases/register-files/summarise-file';
import { Button, Link } from '../components/button.tsx';
import type { Element } from '../components/macro-options.ts';
import { SummaryList } from '../components/blocks.tsx';
import { ACTION_FIELD, ActionForm, Refused, SEND } from '../forms/action-form.tsx';
import type { Field } from '../forms/fields.ts';
import { forPeople } from '../forms/for-people.ts';
import type { Shown } from '../forms/form-errors.ts';
import { PASTED_FIELD, RECORD_SOURCE, RECORD_FIELD, REGISTER_FILE_BYTES_MAX } from '../read-forms.ts';
import { countWords, stateTitle } from '../words.ts';
import { ID_HINT } from '#use-cases/register-files/plan-import';

/** The button that previews an import. */
const CHECK = 'check';

/** The digest of the previewed file; only this file is imported. */
export const DIGEST_FIELD = 'digest';

export interface FormOptions extends Shown {
  readonly fields: readonly Field[];
  readonly formKey: string | null;
}

interface ImportOptions extends FormOptions {
  /** Null before a file was chosen. */
  readonly source: Buffer | null;
  /** The preview; null if there is none or it was refused. */
  readonly outcome: OnlyOutcome | null;
  /** Null if there is no preview. */
  readonly preview: FileSummary | null;
}

export const ImportView = (options: ImportOptions): Element => (
  <>
    <Refused errors={options.errors} fields={[...SOURCE_FIELDS, ...options.fields]} />
    <h1 class="govuk-heading-l">Import register records</h1>
    {options.outcome !== null && options.preview !== null && options.source !== null ? (
      <Checked {...options} source={options.source} outcome={options.outcome} preview={options.preview} />
    ) : (
      <SourceForm {...options} />
    )}
  </>
);

const SourceForm = ({ fields, values, errors, source, formKey }: ImportOptions): Element => (
  <div class="govuk-grid-row">
    <div class="govuk-grid-column-two-thirds">
      <p class="govuk-body">
        Docket checks the file first. You can then see what will be imported, and any problems in the file.
      </p>
      <ActionForm
        action="/imports/new"
        formKey={formKey}
        fields={[...SOURCE_FIELDS, ...fields]}
        values={values}
        errors={errors}
        button="Check the file"
        buttonValue={CHECK}
      >
        {source !== null && values.text(PASTED_FIELD) === '' && (
          <>
            <input type="hidden" name={RECORD_SOURCE} value={source.toString('base64url')} />
            <p class="govuk-hint">Your file is still here. Choose another one to replace it.</p>
          </>
        )}
      </ActionForm>
    </div>
  </div>
);

type CheckedOptions = ImportOptions & {
  readonly source: Buffer;
  readonly outcome: OnlyOutcome;
  readonly preview: FileSummary;
};

function Checked(options: CheckedOptions): Element {
  const { outcome, preview } = options;
  return (
    <>
      <SummaryList rows={summaryOf(outcome, preview)} />
      <Anomalies {...outcome} />
      <Differences differences={outcome.differences ?? []} />
      {outcome.outcome !== 'differs' && <p class="govuk-body">Nothing has been imported yet.</p>}
      <ConfirmImport
        {...options}
        digest={outcome.digest}
        button={BUTTON[outcome.outcome]}
        another="Choose another record"
      />
    </>
  );
}

const BUTTON: Readonly<Record<ImportOutcome['outcome'], string | null>> = {
  created: 'Import the record',
  appended: 'Import the record',
  unchanged: 'Import the record again',
  differs: null,
};

type ConfirmOptions = FormOptions & {
  readonly source: Buffer;
  /** The digest of the previewed file. */
  readonly digest: string;
  /** Null if there is nothing to import. */
  readonly button: string | null;
  /** The text of the link to another import. */
  readonly another: string;
};

export const ConfirmImport = ({ source, digest, button, another, ...options }: ConfirmOptions): Element => (
  <ActionForm
    {...options}
    action="/imports/new"
    button={button ?? 'Check again'}
    buttonValue={button === null ? CHECK : SEND}
    more={
      <>
        {button !== null && (
          <Button name={ACTION_FIELD} value={CHECK} classes="govuk-button--secondary">
            Check again
          </Button>
        )}
        <Link href="/imports/new">{another}</Link>
      </>
    }
  >
    <input type="hidden" name={RECORD_SOURCE} value={source.toString('base64url')} />
    <input type="hidden" name={DIGEST_FIELD} value={digest} />
  </ActionForm>
);

/** What a file states and a record in use does not. */
export const Differences = ({ differences }: Required<Pick<ImportOutcome, 'differences'>>): Element | null =>
  differences.length === 0 ? null : (
    <>
      <p class="govuk-body">The import states what the record does not. Nothing of this is imported:</p>
      <ul class="govuk-list govuk-list--bullet">
        {differences.map(({ line, column, detail }) => (
          <li>{`Line ${line}, column ${column}: ${forPeople(detail)}`}</li>
        ))}
      </ul>
    </>
  );

/** Returns what the import would do. `events` includes the import event. */
const whatBecomes = ({ outcome, events }: ImportOutcome): string =>
  ({
    created: 'A new record will be created',
    appended: `${countWords(events, 'event')} will be added to the existing record`,
    unchanged: 'No change: the record already contains everything in the file',
    differs: 'No change: people work on the record in Docket',
  })[outcome];

function summaryOf(outcome: ImportOutcome, preview: FileSummary) {
  const { id, anomalies, moreAnomalies = 0 } = outcome;
  const problemCount = anomalies.length + moreAnomalies;
  return [
    { key: 'Title', value: preview.title === '' ? 'None' : preview.title },
    { key: 'Reference', value: id },
    { key: 'What will happen', value: whatBecomes(outcome) },
    { key: 'Status', value: stateTitle(preview.status) },
    { key: 'Deadlines in the text', value: deadlinesOf(preview) },
    { key: 'Comments', value: preview.comments === 0 ? 'None' : preview.comments },
    { key: 'Problems in the file', value: problemCount === 0 ? 'None' : countWords(problemCount, 'problem') },
  ];
}

function deadlinesOf({ deadlines, proposals }: FileSummary): string {
  const parts = [
    ...(deadlines > 0 ? [String(deadlines)] : []),
    ...(proposals > 0 ? [`${countWords(proposals, 'date')} for an inspector to confirm`] : []),
  ];
  return parts.length === 0 ? 'None' : parts.join(', and ');
}

const WHEN: Readonly<Record<string, string>> = Object.fromEntries(
  anomalyCodes.map(({ code, when }) => [code, when]),
);

/** More problems would make the page unreadable. */
const ANOMALIES_SHOWN = 20;

type Anomalous = Pick<ImportOutcome, 'anomalies' | 'moreAnomalies'>;

/** The first problems of a record's part of the file, by line. */
export function Anomalies({ anomalies, moreAnomalies = 0 }: Anomalous): Element | null {
  const more = Math.max(0, anomalies.length - ANOMALIES_SHOWN) + moreAnomalies;
  return anomalies.length === 0 ? null : (
    <>
      <ul class="govuk-list govuk-list--bullet govuk-body-s">
        {anomalies.slice(0, ANOMALIES_SHOWN).map(({ code, line, column, detail }) => (
          <li>{`Line ${line}, column ${column}: ${WHEN[code] ?? code} (${detail})`}</li>
        ))}
      </ul>
      {more > 0 && <p class="govuk-body-s">{`And ${more} more.`}</p>}
    </>
  );
}

/** Longer files would make the page unreadable. */
export const PAGE_RECORDS_MAX = 500;

const SOURCE_FIELDS: readonly Field[] = [
  {
    kind: 'file',
    name: RECORD_FIELD,
    label: 'Register file',
    missing: 'Choose a file, or paste the record',
    hint: `Plain text with one or more records, up to ${REGISTER_FILE_BYTES_MAX / 1024 / 1024} MB and ${PAGE_RECORDS_MAX} records`,
  },
  {
    kind: 'pasted',
    name: PASTED_FIELD,
    label: 'Or paste the record',
    missing: 'Choose a file, or paste the record',
  },
];

export const ABOUT_FIELDS: readonly Field[] = [
  {
    kind: 'line',
    name: 'id',
    label: 'Reference',
    missing: 'Enter a reference',
    hint: 'If you leave this empty, Docket uses the reference at the end of the title, or generates one from the title and text',
    width: 'half',
    isOptional: true,
  },
  {
    kind: 'body',
    name: 'recipient',
    label: 'Body',
    missing: 'Enter the name of a body',
    hint: 'Its name or short name, such as wiltshire. You can set it later.',
    isOptional: true,
  },
];

/** Returns a refusal's message without the hint for programs. */
export const detailForPage = (detail: string): string => forPeople(detail.replaceAll(ID_HINT, ''));
