/** Lets fields with `data-names` complete names, and shows the fields that exist only for that. */
export function offerNames(): void {
  for (const input of document.querySelectorAll<HTMLInputElement>('input[data-names]')) {
    input.closest('[hidden]')?.removeAttribute('hidden');
    const list = document.createElement('datalist');
    list.id = `${input.id}-names`;
    input.after(list);
    input.setAttribute('list', list.id);
    input.addEventListener('focus', () => void loadNames(input, list), { once: true });
  }
}

async function loadNames(input: HTMLInputElement, list: HTMLDataListElement): Promise<void> {
  const { names: address = '', adds, several } = input.dataset;
  const names = await namesAt(address);
  const offer = (before: string): void => {
    list.replaceChildren(...names.map((name) => new Option('', `${before}${name}`)));
  };
  offer('');
  // Browsers complete a whole value, so each option repeats the names before the last comma.
  if (several !== undefined)
    input.addEventListener('input', () => {
      offer(/^.*,\s*/.exec(input.value)?.[0] ?? '');
    });
  const lines = input.form?.elements.namedItem(adds ?? '');
  if (lines instanceof HTMLTextAreaElement)
    input.addEventListener('change', () => {
      if (names.includes(input.value)) addLine(input, lines);
    });
}

function addLine(input: HTMLInputElement, lines: HTMLTextAreaElement): void {
  const others = lines.value.split('\n').filter((line) => line.trim() !== '' && line !== input.value);
  lines.value = [...others, input.value].join('\n');
  input.value = '';
}

/** Returns no names if they are not visible to the user or the request fails. */
async function namesAt(address: string): Promise<readonly string[]> {
  const response = await fetch(address).catch(() => null);
  const isList = response?.ok === true && !response.redirected;
  return isList ? ((await response.json()) as readonly string[]) : [];
}
