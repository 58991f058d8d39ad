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
import { decodeSource } from '#register-format/source-text';

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
  const { source, outcome, preview } = options;
  return (
    <>
      <SummaryList rows={summaryOf(outcome, preview)} />
      <Differences differences={outcome.differences ?? []} />
      {outcome.outcome !== 'differs' && <p class="govuk-body">Nothing has been imported yet.</p>}
      <ConfirmImport
        {...options}
        digest={outcome.digest}
        button={BUTTON[outcome.outcome]}
        another="Choose another record"
      />
      <MarkedSource source={source} outcome={outcome} />
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

export const anomalyWords = ({ code, line, column, detail }: ImportOutcome['anomalies'][number]): string =>
  `Line ${line}, column ${column}: ${WHEN[code] ?? code} (${detail})`;

/** The source with its problems marked. */
function MarkedSource({
  source,
  outcome,
}: {
  readonly source: Buffer;
  readonly outcome: ImportOutcome;
}): Element {
  const { anomalies } = outcome;
  return (
    <section>
      <h2 class="govuk-heading-m">The record</h2>
      <ol class="govuk-list docket-source">
        {markedSource(source, anomalies).map(({ line, pieces, problems, hasGap }) => (
          <li value={line} class={hasGap ? 'docket-source__gap' : undefined}>
            <code class="docket-source__line">
              {pieces.map(({ text, problem }) =>
                problem === null ? text : <mark>{text === '' ? '▸' : text}</mark>,
              )}
            </code>
            {problems.map((index) => (
              <p class="docket-source__problem govuk-body-s">
                {anomalies.slice(index, index + 1).map(anomalyWords)}
              </p>
            ))}
          </li>
        ))}
      </ol>
    </section>
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

/** A position: line and column from 1, in UTF-16 code units, without a BOM. */
interface Position {
  readonly line: number;
  readonly column: number;
}

/** Part of a line; `problem` is the index of its problem, if any. */
interface LinePiece {
  readonly text: string;
  readonly problem: number | null;
}

/** A line with the indices of its problems; `hasGap` if lines before it are omitted. */
interface MarkedLine {
  readonly line: number;
  readonly pieces: readonly LinePiece[];
  readonly problems: readonly number[];
  readonly hasGap: boolean;
}

/** Longer sources show only the lines near problems. */
const MAX_UNABRIDGED_LINES = 200;
const CONTEXT_LINES = 2;

/** Returns a source's lines with the places of problems marked. */
export function markedSource(source: Uint8Array, placed: readonly Position[]): MarkedLine[] {
  const { text, start } = decodeSource(source);
  const lines = text.slice(start).split(/\r\n|\r|\n/);
  const marked = new Set(placed.map(({ line }) => line));
  const isNear = (line: number) =>
    Array.from({ length: 2 * CONTEXT_LINES + 1 }, (_, index) => line - CONTEXT_LINES + index).some((each) =>
      marked.has(each),
    );
  let last = 0;
  return lines.flatMap((content, index) => {
    const line = index + 1;
    if (lines.length > MAX_UNABRIDGED_LINES && !isNear(line)) return [];
    const hasGap = line > last + 1;
    last = line;
    return [{ ...markedLine(content, line, placed), hasGap }];
  });
}

function markedLine(content: string, line: number, placed: readonly Position[]) {
  const here = placed
    .map(({ line: at, column }, index) => ({ at, from: column - 1, index }))
    .filter(({ at }) => at === line)
    .sort((one, other) => one.from - other.from);
  const pieces: LinePiece[] = [];
  let done = 0;
  for (const { from, index } of here) {
    // Two problems at one place share a mark.
    if (from < done && done > 0) continue;
    const to = from + markLength(content.slice(from));
    pieces.push(
      { text: content.slice(done, from), problem: null },
      { text: content.slice(from, to), problem: index },
    );
    done = to;
  }
  pieces.push({ text: content.slice(done), problem: null });
  return {
    line,
    pieces: pieces.filter(({ text, problem }) => text !== '' || problem !== null),
    problems: here.map(({ index }) => index),
  };
}

/** Returns the length of the tag, date or word at the start. */
const markLength = (rest: string): number =>
  /^(?:\[[^\]\n]*\]|\d+(?:st|nd|rd|th)? \w+ \d{4}|[^\s[]+|\S)/.exec(rest)?.[0].length ?? 0;
