import { recordOf } from '#state-machines/record-streams';
import type { FileOutcome } from '#use-cases/register-files/attempt-import';
import type { RecordOutcome } from '#use-cases/register-files/import-file';
import type { FileSummary } from '#use-cases/register-files/summarise-file';
import type { Element } from '../components/macro-options.ts';
import { SummaryList } from '../components/blocks.tsx';
import { Link } from '../components/button.tsx';
import { Anomalies, detailForPage, ConfirmImport, Differences } from './import-view.tsx';
import { recordPath } from '../page-paths.ts';
import { countWords, stateTitle } from '../words.ts';
import type { FormOptions } from './import-view.tsx';

interface FileOptions extends FormOptions {
  readonly source: Buffer;
  readonly outcome: FileOutcome;
  /** Null after the import. */
  readonly preview: readonly FileSummary[] | null;
}

/** The preview or the result of an import of several records. */
export function FileView(options: FileOptions): Element {
  const { outcome, preview } = options;
  const isPreview = preview !== null;
  return (
    <>
      <h1 class="govuk-heading-l">
        {isPreview
          ? 'Import register records'
          : `${countWords(outcome.records.length, 'record')} in the file`}
      </h1>
      <SummaryList rows={summaryOf(outcome.records, isPreview)} />
      {isPreview ? <Confirm {...options} /> : <Another />}
      <h2 class="govuk-heading-m">The records</h2>
      {outcome.records.map((record, index) => (
        <Record record={record} preview={preview?.[index] ?? null} />
      ))}
    </>
  );
}

const Another = (): Element => (
  <p class="govuk-body">
    <Link href="/imports/new">Import another file</Link>
  </p>
);

function Confirm({ outcome, ...options }: FileOptions): Element {
  const importable = outcome.records.filter((record) => CHANGES.has(record.outcome)).length;
  return (
    <>
      <p class="govuk-body">
        Nothing has been imported yet. Each record is imported completely or not at all.
      </p>
      <ConfirmImport
        {...options}
        digest={outcome.digest}
        button={importable === 0 ? null : `Import ${countWords(importable, 'record')}`}
        another="Choose another file"
      />
    </>
  );
}

/** The outcomes, in the preview and after the import. */
const VERDICTS: Readonly<Record<RecordOutcome['outcome'], { readonly would: string; readonly did: string }>> =
  {
    created: { would: 'New record', did: 'Imported as a new record' },
    appended: { would: 'Adds to an existing record', did: 'Added to the record' },
    unchanged: {
      would: 'No change: the record already contains everything in this part of the file',
      did: 'No change',
    },
    differs: {
      would: 'No change: people work on the record in Docket',
      did: 'No change: people work on the record in Docket',
    },
    refused: { would: 'Cannot be imported', did: 'Not imported' },
  };

const CHANGES: ReadonlySet<string> = new Set(['created', 'appended']);

function summaryOf(records: readonly RecordOutcome[], isPreview: boolean) {
  const byOutcome = Map.groupBy(records, ({ outcome }) => outcome);
  return (Object.keys(VERDICTS) as RecordOutcome['outcome'][]).flatMap((outcome) => {
    const { length } = byOutcome.get(outcome) ?? [];
    return length === 0
      ? []
      : [{ key: VERDICTS[outcome][isPreview ? 'would' : 'did'], value: countWords(length, 'record') }];
  });
}

const inShort = ({ status, comments, deadlines, proposals }: FileSummary): string =>
  `${stateTitle(status)}. Comments: ${comments}. Deadlines in the text: ${deadlines + proposals}.`;

function Record({
  record,
  preview,
}: {
  readonly record: RecordOutcome;
  readonly preview: FileSummary | null;
}): Element {
  const { line, id, title, outcome } = record;
  const isPreview = preview !== null;
  const isThere = !isPreview && outcome !== 'refused';
  return (
    <section>
      <h3 class="govuk-heading-s">
        {isThere ? <Link href={recordPath(recordOf(id))}>{id}</Link> : id}
        {title === '' ? '' : `: ${title}`}
      </h3>
      <p class="govuk-body">{`Line ${line}. ${VERDICTS[outcome][isPreview ? 'would' : 'did']}.`}</p>
      {preview !== null && <p class="govuk-body-s">{inShort(preview)}</p>}
      {'detail' in record && <p class="govuk-body">{detailForPage(record.detail)}</p>}
      {'differences' in record && <Differences differences={record.differences ?? []} />}
      <Anomalies {...record} />
    </section>
  );
}
