import { readTrust } from '#audit/pack/read-trust';
import { comparePacks, COMPARISON_EXITS } from '#audit/pack/compare-packs';
import {
  anchorLines,
  comparisonLines,
  findingLines,
  recordLines,
  verdictLine,
} from '#audit/pack/pack-report';
import { outcomeOf, verifyZip } from '#audit/pack/verify-pack';
import type { VerifiedPack } from '#audit/pack/verify-pack';
import type { RequiredVerdict } from '#audit/pack/judge-pack';

const element = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;
const pack = element('pack') as HTMLInputElement;
const keys = element('keys') as HTMLTextAreaElement;
const required = element('require') as HTMLSelectElement;

const lifecycle = element('lifecycle') as HTMLInputElement;
const challenge = element('challenge') as HTMLInputElement;

/** The style of each verdict. */
const KINDS = { enough: 'good', 'not-enough': 'bad', 'not-shown': '' } as const;

/** Returns the bytes of a chosen file; null without one. */
async function chosen(id: string): Promise<Uint8Array | null> {
  const file = (element(id) as HTMLInputElement).files?.[0];
  return file === undefined ? null : new Uint8Array(await file.arrayBuffer());
}

/** Shows lines as plain text only: others wrote the pack's content. */
function show(id: string, lines: readonly string[]): void {
  element(id).textContent = lines.join('\n');
}

/** Lines shown besides the verdict. */
interface Shown {
  readonly findings?: readonly string[];
  readonly anchors?: readonly string[];
  readonly record?: readonly string[];
  readonly json?: readonly string[];
}

function showVerdict(
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
  element('events').hidden = record.length === 0;
  show('json', json);
}

/** The number of the latest verification; results of earlier ones are discarded. */
let latestTurn = 0;

async function verify(): Promise<void> {
  latestTurn += 1;
  const turn = latestTurn;
  showVerdict('Verifying…', 'waiting');
  const zip = await chosen('pack');
  if (turn !== latestTurn) return;
  if (zip === null) {
    showVerdict('Choose the zip file of a pack.', '');
    return;
  }
  // Lets the page paint before the slow part.
  await new Promise((resolve) => setTimeout(resolve));
  if (turn !== latestTurn) return;
  try {
    const trust = readTrust({
      keys: keys.value.split(/\s+/).filter((key) => key !== ''),
      policy: await chosen('policy'),
      kept: await chosen('kept'),
      required: required.value === '' ? null : (required.value as RequiredVerdict),
      lifecycles: lifecycle.value.trim() === '' ? [] : [lifecycle.value],
      challenge: challenge.value === '' ? null : challenge.value,
    });
    if (turn !== latestTurn) return;
    const verified = verifyZip(zip, trust);
    const { verification } = verified;
    const other = await chosen('against');
    if (turn !== latestTurn) return;
    if (other !== null) {
      const alone = { ...trust, kept: null, required: null, challenge: null };
      showComparison(verified, verifyZip(other, alone));
      return;
    }
    showVerdict(verdictLine(verification), KINDS[outcomeOf(verification)], {
      findings: findingLines(verification),
      anchors: anchorLines(verification),
      record: recordLines(verified),
      json: [JSON.stringify(verification)],
    });
  } catch (error) {
    showVerdict(`Nothing was verified: ${error instanceof Error ? error.message : String(error)}`, 'bad');
  }
}

function showComparison(pack: VerifiedPack, against: VerifiedPack): void {
  const comparison = comparePacks(pack, against);
  const [one, other] = [pack.verification, against.verification];
  const [first = '', ...lines] = comparisonLines(comparison, one, other);
  const exit = COMPARISON_EXITS[comparison.outcome];
  showVerdict(first, exit === 0 ? 'good' : exit === 1 ? 'bad' : '', {
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
/** A verdict depends on the options: after a change, verify again, or clear it if there is no pack yet. */
function onOptionChange(): void {
  if (pack.files?.length) verifyNow();
  else clear();
}

function clear(): void {
  latestTurn += 1;
  showVerdict('', '');
}

let typing: ReturnType<typeof setTimeout> | undefined;
/** The pause in typing that starts a verification. */
const TYPING_MS = 400;
for (const field of [keys, lifecycle, challenge])
  field.addEventListener('input', () => {
    clear();
    clearTimeout(typing);
    typing = setTimeout(onOptionChange, TYPING_MS);
  });
for (const input of [pack, required, element('kept'), element('policy'), element('against')])
  input.addEventListener('change', onOptionChange);
document.addEventListener('dragover', (event) => {
  event.preventDefault();
});
document.addEventListener('drop', (event) => {
  event.preventDefault();
  if (event.dataTransfer === null || event.dataTransfer.files.length === 0) return;
  pack.files = event.dataTransfer.files;
  verifyNow();
});
