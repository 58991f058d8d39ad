// Hashes files of evidence in the browser, so that they are not uploaded. Without this script the server
// receives, hashes and drops them.

import { sizeInWords } from '../file-size.ts';

/** Hashing reads the whole file into memory; for larger files the user enters a digest. */
const BYTES_MAX = 1024 * 1024 * 1024;

const digestOf = async (file: File): Promise<string> =>
  [...new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');

function hidden(name: string, value: string): HTMLInputElement {
  const input = document.createElement('input');
  input.type = 'hidden';
  input.name = name;
  input.value = value;
  return input;
}

/** Returns an item with the same markup as from the server. */
async function itemOf(file: File, prefix: string): Promise<HTMLLIElement> {
  const digest = await digestOf(file);
  const item = document.createElement('li');
  item.className = 'docket-evidence__item';
  const name = document.createElement('strong');
  name.textContent = file.name;
  const code = document.createElement('code');
  code.className = 'docket-digest';
  code.textContent = digest;
  const remove = document.createElement('button');
  remove.type = 'button';
  remove.className = 'govuk-button govuk-button--secondary';
  remove.textContent = `Remove ${file.name}`;
  const line = document.createElement('p');
  line.className = 'govuk-body';
  line.append(name, `, ${sizeInWords(file.size)}, SHA-256 `, code);
  item.append(line, remove);
  item.append(hidden(`${prefix}-name`, file.name), hidden(`${prefix}-sha256`, digest));
  item.append(hidden(`${prefix}-size`, String(file.size)));
  if (file.type !== '') item.append(hidden(`${prefix}-mediaType`, file.type));
  return item;
}

/** Returns why a file cannot be used; null if it can. */
function whyNot({ size }: File): string | null {
  if (size === 0) return 'the file is empty';
  return size > BYTES_MAX ? 'it is larger than 1 GB. Enter its digest instead' : null;
}

function leftOut(file: File): HTMLLIElement {
  const item = document.createElement('li');
  item.className = 'govuk-error-message';
  item.textContent = `${file.name} was not added: ${whyNot(file) ?? ''}`;
  return item;
}

class FileDigests {
  readonly #root: HTMLElement;
  readonly #input: HTMLInputElement;
  readonly #list: HTMLElement;
  #next: number;

  constructor(root: HTMLElement, input: HTMLInputElement, list: HTMLElement) {
    this.#root = root;
    this.#input = input;
    this.#list = list;
    this.#next = Number(root.dataset['next']);
    input.addEventListener('change', () => void this.#take());
    list.addEventListener('click', (event) => {
      const button = event.target instanceof Element ? event.target.closest('button') : null;
      if (button === null) return;
      button.closest('li')?.remove();
      input.focus();
    });
  }

  /** Clears the field after hashing, so that the files are not uploaded as well. */
  async #take(): Promise<void> {
    const chosen = [...(this.#input.files ?? [])];
    const files = chosen.filter((file) => whyNot(file) === null);
    for (const message of this.#list.querySelectorAll('.govuk-error-message')) message.remove();
    this.#list.append(...chosen.filter((file) => !files.includes(file)).map(leftOut));
    const submit = this.#root.closest('form')?.querySelector<HTMLButtonElement>('button[value="send"]');
    submit?.setAttribute('disabled', '');
    try {
      for (const file of files) {
        this.#list.append(await itemOf(file, `${this.#root.dataset['field'] ?? ''}-${this.#next}`));
        this.#next += 1;
      }
      this.#input.value = '';
    } finally {
      submit?.removeAttribute('disabled');
    }
  }
}

export function hashFiles(): void {
  // Hashing needs a secure context (TLS or localhost).
  if (!isSecureContext) return;
  for (const root of document.querySelectorAll<HTMLElement>('[data-module="docket-file-digests"]')) {
    const input = root.querySelector<HTMLInputElement>('input[type="file"]');
    const list = root.querySelector<HTMLElement>('.docket-evidence__items');
    if (input !== null && list !== null) new FileDigests(root, input, list);
  }
}
