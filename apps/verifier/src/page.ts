import { readTrust } from '#audit/pack/read-trust';
import { comparePacks, COMPARISON_EXITS } from '#audit/pack/compare-packs';
import { anchorLines, comparisonLines, findingLines, recordLines, verdictLine } from '#audit/pack/tell-pack';
import { outcomeOf, verifyZip } from '#audit/pack/verify-pack';
import type { VerifiedPack } from '#audit/pack/verify-pack';
import type { RequiredVerdict } from '#audit/pack/judge-pack';

const element = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;
const pack = element('pack') as HTMLInputElement;
const keys = element('keys') as HTMLTextAreaElement;
const required = element('require') as HTMLSelectElement;

const lifecycle = element('lifecycle') as HTMLInputElement;
const challenge = element('challenge') as HTMLInputElement;

/** How a verdict is shown. */
const KINDS = { enough: 'good', 'not-enough': 'bad', 'not-shown': '' } as const;

/** The bytes of a chosen file; null where none is. */
async function chosen(id: string): Promise<Uint8Array | null> {
  const file = (element(id) as HTMLInputElement).files?.[0];
  return file === undefined ? null : new Uint8Array(await file.arrayBuffer());
}

/** Shows lines as text, and nothing else: what is in a pack was written by others. */
function show(id: string, lines: readonly string[]): void {
  element(id).textContent = lines.join('\n');
}

/** What is shown beside the verdict, in lines. */
interface Shown {
  readonly findings?: readonly string[];
  readonly anchors?: readonly string[];
  readonly record?: readonly string[];
  readonly json?: readonly string[];
}

function tell(
  verdict: string,
  kind: string,
  { findings = [], anchors = [], record = [], json = [] }: Shown = {},
): void {
  const status = element('verdict');
  status.textContent = verdict;
  status.className = kind;
  show('findings', findings);
  show('anchors', anchors);
  show('record', record);
  element('told').hidden = record.length === 0;
  show('json', json);
}

/** Which verification is the last: what an earlier one finds later is not shown. */
let begun = 0;

async function verify(): Promise<void> {
  begun += 1;
  const turn = begun;
  tell('Verifying…', 'waiting');
  const zip = await chosen('pack');
  if (turn !== begun) return;
  if (zip === null) {
    tell('Choose the zip of a pack.', '');
    return;
  }
  // So that this is painted before what takes a while.
  await new Promise((resolve) => setTimeout(resolve));
  if (turn !== begun) return;
  try {
    const trust = readTrust({
      keys: keys.value.split(/\s+/).filter((key) => key !== ''),
      policy: await chosen('policy'),
      kept: await chosen('kept'),
      required: required.value === '' ? null : (required.value as RequiredVerdict),
      lifecycles: lifecycle.value.trim() === '' ? [] : [lifecycle.value],
      challenge: challenge.value === '' ? null : challenge.value,
    });
    if (turn !== begun) return;
    const verified = verifyZip(zip, trust);
    const { verification } = verified;
    const other = await chosen('against');
    if (turn !== begun) return;
    if (other !== null) {
      const alone = { ...trust, kept: null, required: null, challenge: null };
      tellComparison(verified, verifyZip(other, alone));
      return;
    }
    tell(verdictLine(verification), KINDS[outcomeOf(verification)], {
      findings: findingLines(verification),
      anchors: anchorLines(verification),
      record: recordLines(verified),
      json: [JSON.stringify(verification)],
    });
  } catch (error) {
    tell(`Nothing was verified: ${error instanceof Error ? error.message : String(error)}`, 'bad');
  }
}

function tellComparison(pack: VerifiedPack, against: VerifiedPack): void {
  const comparison = comparePacks(pack, against);
  const [one, other] = [pack.verification, against.verification];
  const [first = '', ...lines] = comparisonLines(comparison, one, other);
  const exit = COMPARISON_EXITS[comparison.outcome];
  tell(first, exit === 0 ? 'good' : exit === 1 ? 'bad' : '', {
    findings: lines,
    record: recordLines(pack),
    json: [JSON.stringify({ comparison, pack: one, against: other })],
  });
}

const verifyNow = (): void => void verify();
element('form').addEventListener('submit', (event) => {
  event.preventDefault();
  verifyNow();
});
/** A verdict goes by what was asked: where that changes, it is found anew, or goes where there is no pack yet. */
function askedAnew(): void {
  if (pack.files?.length) verifyNow();
  else clear();
}

function clear(): void {
  begun += 1;
  tell('', '');
}

let typing: ReturnType<typeof setTimeout> | undefined;
/** Until typing pauses. */
const TYPING_MS = 400;
for (const field of [keys, lifecycle, challenge])
  field.addEventListener('input', () => {
    clear();
    clearTimeout(typing);
    typing = setTimeout(askedAnew, TYPING_MS);
  });
for (const input of [pack, required, element('kept'), element('policy'), element('against')])
  input.addEventListener('change', askedAnew);
document.addEventListener('dragover', (event) => {
  event.preventDefault();
});
document.addEventListener('drop', (event) => {
  event.preventDefault();
  if (event.dataTransfer === null || event.dataTransfer.files.length === 0) return;
  pack.files = event.dataTransfer.files;
  verifyNow();
});
