import { anchorLines, findingLines, notProvedLines, recordLines, verdictLine } from '#audit/pack/pack-report';
import { readTrust } from '#audit/pack/read-trust';
import { verifyZip } from '#audit/pack/verify-pack';

const element = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;
const pack = element('pack') as HTMLInputElement;
const keys = element('keys') as HTMLTextAreaElement;
const witnesses = element('witnesses') as HTMLTextAreaElement;

/** The style of each verdict. */
const KINDS = { 'does-not-hold': 'bad', consistent: '', signed: 'good', witnessed: 'good' } as const;

const wordsIn = ({ value }: HTMLTextAreaElement): string[] =>
  value.split(/\s+/).filter((word) => word !== '');

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
  readonly limits?: readonly string[];
  readonly findings?: readonly string[];
  readonly anchors?: readonly string[];
  readonly record?: readonly string[];
  readonly json?: readonly string[];
}

function showVerdict(
  verdict: string,
  kind: string,
  { limits = [], findings = [], anchors = [], record = [], json = [] }: Shown = {},
): void {
  const status = element('verdict');
  status.textContent = verdict;
  status.className = kind;
  show('limits', limits);
  show('findings', findings);
  show('anchors', anchors);
  show('record', record);
  element('events').hidden = record.length === 0;
  show('json', json);
}

let typing: ReturnType<typeof setTimeout> | undefined;
/** The number of the latest verification; results of earlier ones are discarded. */
let latestTurn = 0;

async function verify(): Promise<void> {
  // What was typed is read now.
  clearTimeout(typing);
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
      keys: wordsIn(keys),
      witnesses: wordsIn(witnesses),
      authority: await chosen('tsa'),
      kept: await chosen('kept'),
    });
    if (turn !== latestTurn) return;
    const verified = verifyZip(zip, trust);
    const { verification } = verified;
    showVerdict(verdictLine(verification), KINDS[verification.verdict], {
      limits: notProvedLines(),
      findings: findingLines(verification),
      anchors: anchorLines(verification),
      record: recordLines(verified),
      json: [JSON.stringify(verification)],
    });
  } catch (error) {
    showVerdict(`No verdict: ${error instanceof Error ? error.message : String(error)}`, 'bad');
  }
}

/** Verifies, and shows the verdict at the top of the window. */
const verifyNow = (): void =>
  void verify().then(() => {
    element('verdict').scrollIntoView();
  });
element('form').addEventListener('submit', (event) => {
  event.preventDefault();
  verifyNow();
});
/** A verdict depends on the options: after a change, verify again, or clear it if there is no pack yet. */
function onOptionChange(): void {
  if (pack.files?.length) void verify();
  else clear();
}

function clear(): void {
  latestTurn += 1;
  showVerdict('', '');
}

/** The pause in typing that starts a verification. */
const TYPING_MS = 400;
for (const field of [keys, witnesses])
  field.addEventListener('input', () => {
    clear();
    clearTimeout(typing);
    typing = setTimeout(onOptionChange, TYPING_MS);
  });
for (const input of [element('kept'), element('tsa')]) input.addEventListener('change', onOptionChange);
pack.addEventListener('change', () => {
  if (pack.files?.length) verifyNow();
  else clear();
});
document.addEventListener('dragover', (event) => {
  event.preventDefault();
});
document.addEventListener('drop', (event) => {
  event.preventDefault();
  if (event.dataTransfer === null || event.dataTransfer.files.length === 0) return;
  pack.files = event.dataTransfer.files;
  verifyNow();
});
