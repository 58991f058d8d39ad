import type { FileOutcome } from '#use-cases/register/attempt-import';
import type { RecordOutcome } from '#use-cases/register/import-file';
import type { ToldFile } from '#use-cases/register/tell-file';
import { Button } from '../components/button.tsx';
import type { Element } from '../components/macro-options.ts';
import { SummaryList } from '../components/summary-list.tsx';
import { ACTION_FIELD, ActionForm } from '../forms/action-form.tsx';
import type { Field } from '../forms/fields.ts';
import { detailForPage } from './import-fields.ts';
import type { Shown } from '../forms/form-errors.ts';
import { RECORD_SOURCE } from '../forms/record-source.ts';
import { recordPath } from '../way-back.ts';
import { counted, STATUS_WORDS, wordsFor } from '../words.ts';
import { CHECK, DIGEST_FIELD, Differences, WHEN } from './import-view.tsx';

interface FileOptions extends Shown {
  readonly fields: readonly Field[];
  readonly source: Buffer;
  readonly outcome: FileOutcome;
  /** What each record has; null where they are imported. */
  readonly told: readonly ToldFile[] | null;
  readonly mark: string | undefined;
  readonly formKey: string;
}

/** A file with several records: what would become of each of them, or what became of it. */
export function FileView(options: FileOptions): Element {
  const { outcome, told } = options;
  const isPreview = told !== null;
  return (
    <>
      <h1 class="govuk-heading-l">
        {isPreview ? 'Import register records' : `${counted(outcome.records.length, 'record')} of the file`}
      </h1>
      <SummaryList rows={summaryOf(outcome.records, isPreview)} />
      {isPreview ? <Confirm {...options} /> : <Another />}
      <h2 class="govuk-heading-m">The records</h2>
      {outcome.records.map((record, index) => (
        <Record key={index} record={record} told={told?.[index] ?? null} />
      ))}
    </>
  );
}

const Another = (): Element => (
  <p class="govuk-body">
    <a class="govuk-link" href="/imports/new">
      Import another file
    </a>
  </p>
);

function Confirm({ fields, values, errors, source, outcome, mark, formKey }: FileOptions): Element {
  const taken = outcome.records.filter((record) => CHANGES.has(record.outcome)).length;
  return (
    <>
      <p class="govuk-body">Nothing is imported yet. A record is imported whole or not at all.</p>
      <ActionForm
        action="/imports/new"
        mark={mark}
        formKey={formKey}
        fields={fields}
        values={values}
        errors={errors}
        button={taken === 0 ? 'Import it again' : `Import ${counted(taken, 'record')}`}
        more={
          <>
            <Button name={ACTION_FIELD} value={CHECK} classes="govuk-button--secondary">
              Check again
            </Button>
            <a class="govuk-link" href="/imports/new">
              Give another file
            </a>
          </>
        }
      >
        <input type="hidden" name={RECORD_SOURCE} value={source.toString('base64url')} />
        <input type="hidden" name={DIGEST_FIELD} value={outcome.digest} />
      </ActionForm>
    </>
  );
}

/** What becomes of a record, before and after. */
const VERDICTS: Readonly<Record<RecordOutcome['outcome'], { readonly would: string; readonly did: string }>> =
  {
    created: { would: 'New record', did: 'Imported as a new record' },
    appended: { would: 'Adds to a record that is here', did: 'Added to the record' },
    'closure-requested': {
      would: 'Requests the closure of a record that people here work on; another person decides',
      did: 'Closure requested; another person decides',
    },
    unchanged: { would: 'Nothing: the record is here, with all of it', did: 'Nothing changed' },
    refused: { would: 'Cannot be imported', did: 'Not imported' },
  };

const CHANGES: ReadonlySet<string> = new Set(['created', 'appended', 'closure-requested']);

function summaryOf(records: readonly RecordOutcome[], isPreview: boolean) {
  const byOutcome = Map.groupBy(records, ({ outcome }) => outcome);
  return (Object.keys(VERDICTS) as RecordOutcome['outcome'][]).flatMap((outcome) => {
    const { length } = byOutcome.get(outcome) ?? [];
    return length === 0
      ? []
      : [{ key: VERDICTS[outcome][isPreview ? 'would' : 'did'], value: counted(length, 'record') }];
  });
}

const inShort = ({ status, comments, deadlines, proposals }: ToldFile): string =>
  `${wordsFor(STATUS_WORDS, status)}. Comments: ${comments}. Deadlines in the text: ${deadlines + proposals}.`;

/** How many anomalies of one record are shown. */
const ANOMALIES_SHOWN = 20;

function Record({
  record,
  told,
}: {
  readonly record: RecordOutcome;
  readonly told: ToldFile | null;
}): Element {
  const { line, id, title, outcome, anomalies } = record;
  const isPreview = told !== null;
  const isThere = !isPreview && outcome !== 'refused';
  const more =
    Math.max(0, anomalies.length - ANOMALIES_SHOWN) +
    ('moreAnomalies' in record ? (record.moreAnomalies ?? 0) : 0);
  return (
    <section>
      <h3 class="govuk-heading-s">
        {isThere ? (
          <a class="govuk-link" href={recordPath(id)}>
            {id}
          </a>
        ) : (
          id
        )}
        {title === '' ? '' : `: ${title}`}
      </h3>
      <p class="govuk-body">{`Line ${line}. ${VERDICTS[outcome][isPreview ? 'would' : 'did']}.`}</p>
      {told !== null && <p class="govuk-body-s">{inShort(told)}</p>}
      {'detail' in record && <p class="govuk-body">{detailForPage(record.detail)}</p>}
      {'differences' in record && <Differences differences={record.differences ?? []} />}
      {anomalies.length > 0 && (
        <ul class="govuk-list govuk-list--bullet govuk-body-s">
          {anomalies.slice(0, ANOMALIES_SHOWN).map(({ code, line: at, column, detail }, index) => (
            <li key={index}>{`Line ${at}, column ${column}: ${WHEN[code] ?? code} (${detail})`}</li>
          ))}
        </ul>
      )}
      {more > 0 && <p class="govuk-body-s">{`And ${more} more.`}</p>}
    </section>
  );
}
