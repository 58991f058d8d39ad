/** Longer lists are hard to read; users type more letters instead. */
const SHOWN_MAX = 8;

/** A combobox of names (ARIA Authoring Practices Guide). The server checks the value in any case. */
class NameField {
  readonly #input: HTMLInputElement;
  readonly #list = document.createElement('ul');
  readonly #status = document.createElement('div');
  /** Loaded when the field is first used. */
  #names: Promise<readonly string[]> | null = null;

  constructor(input: HTMLInputElement) {
    this.#input = input;
    this.#list.id = `${input.id}-names`;
    this.#list.className = 'docket-names';
    this.#list.setAttribute('role', 'listbox');
    this.#list.setAttribute('aria-label', input.labels?.[0]?.textContent ?? '');
    this.#status.className = 'govuk-visually-hidden';
    this.#status.setAttribute('role', 'status');
    const frame = document.createElement('div');
    frame.className = 'docket-names-frame';
    input.replaceWith(frame);
    frame.append(input, this.#list, this.#status);
    input.autocomplete = 'off';
    input.setAttribute('role', 'combobox');
    input.setAttribute('aria-autocomplete', 'list');
    input.setAttribute('aria-controls', this.#list.id);
    this.#hide();
    this.#listen();
  }

  #listen(): void {
    this.#input.addEventListener('focus', () => void this.#load());
    this.#input.addEventListener('input', () => void this.#show());
    this.#input.addEventListener('blur', () => {
      this.#hide();
    });
    this.#input.addEventListener('keydown', (event) => {
      if (!event.isComposing) this.#onKey(event);
    });
    // Prevents the field from losing the focus while a name is clicked.
    this.#list.addEventListener('mousedown', (event) => {
      event.preventDefault();
    });
    this.#list.addEventListener('click', ({ target }) => {
      if (target instanceof HTMLLIElement) this.#choose(target);
    });
  }

  get #active(): HTMLLIElement | null {
    return this.#list.querySelector<HTMLLIElement>('[aria-selected="true"]');
  }

  #onKey(event: KeyboardEvent): void {
    const active = this.#active;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') void this.#move(event.key === 'ArrowDown');
    else if (event.key === 'Enter' && active !== null) this.#choose(active);
    else if (event.key === 'Escape' && !this.#list.hidden) this.#hide();
    else return;
    event.preventDefault();
  }

  /** Moves the selection. Beyond the ends of the list no name is selected. */
  async #move(isDown: boolean): Promise<void> {
    if (this.#list.hidden) await this.#show();
    const { children } = this.#list;
    const at = [...children].findIndex((each) => each === this.#active);
    this.#activate(children.item(isDown ? at + 1 : at < 0 ? children.length - 1 : at - 1));
  }

  #activate(option: Element | null): void {
    this.#active?.setAttribute('aria-selected', 'false');
    this.#input.removeAttribute('aria-activedescendant');
    if (option === null) return;
    option.setAttribute('aria-selected', 'true');
    option.scrollIntoView({ block: 'nearest' });
    this.#input.setAttribute('aria-activedescendant', option.id);
  }

  #load(): Promise<readonly string[]> {
    this.#names ??= namesAt(this.#input.dataset['names'] ?? '');
    return this.#names;
  }

  /** Splits the input at the last comma: a field may contain several names. */
  #splitInput(): readonly [before: string, typed: string] {
    const { value, dataset } = this.#input;
    const end = dataset['several'] === undefined ? 0 : value.lastIndexOf(',') + 1;
    return [value.slice(0, end), value.slice(end)];
  }

  async #show(): Promise<void> {
    const names = matching(await this.#load(), this.#splitInput()[1]);
    if (document.activeElement !== this.#input) return;
    this.#activate(null);
    this.#list.replaceChildren(
      ...names.slice(0, SHOWN_MAX).map((name, index) => optionOf(name, `${this.#list.id}-${index}`)),
    );
    this.#list.hidden = names.length === 0;
    this.#input.setAttribute('aria-expanded', String(!this.#list.hidden));
    const more = names.length > SHOWN_MAX ? `, the first ${SHOWN_MAX} are shown` : '';
    this.#status.textContent = `${names.length} ${names.length === 1 ? 'name matches' : 'names match'}${more}`;
  }

  #hide(): void {
    this.#activate(null);
    this.#list.hidden = true;
    this.#input.setAttribute('aria-expanded', 'false');
    this.#status.textContent = '';
  }

  /** Fills the field, or adds a line to the text area that it belongs to. */
  #choose({ textContent: name }: HTMLLIElement): void {
    const { form, dataset } = this.#input;
    const lines = form?.elements.namedItem(dataset['adds'] ?? '');
    if (lines instanceof HTMLTextAreaElement) {
      const others = lines.value.split('\n').filter((line) => line.trim() !== '' && line !== name);
      lines.value = [...others, name].join('\n');
      this.#input.value = '';
    } else this.#input.value = `${this.#splitInput()[0]} ${name}`.trim();
    this.#hide();
  }
}

/** Returns no names if they are not visible to the user or the request fails. */
async function namesAt(address: string): Promise<readonly string[]> {
  const response = await fetch(address).catch(() => null);
  const isList = response?.ok === true && !response.redirected;
  return isList ? ((await response.json()) as readonly string[]) : [];
}

/** Returns the names that contain the input; those where a word begins with it first. */
function matching(names: readonly string[], typed: string): readonly string[] {
  const wanted = typed.trim().toLowerCase();
  const found = names.filter((name) => name.toLowerCase().includes(wanted));
  const begins = (name: string): boolean => ` ${name.toLowerCase()}`.includes(` ${wanted}`);
  return [...found.filter(begins), ...found.filter((name) => !begins(name))];
}

function optionOf(name: string, id: string): HTMLLIElement {
  const option = document.createElement('li');
  option.id = id;
  option.className = 'docket-names__option';
  option.setAttribute('role', 'option');
  option.setAttribute('aria-selected', 'false');
  option.textContent = name;
  return option;
}

/** Starts the comboboxes, and shows the fields that exist only for them. */
export function offerNames(): void {
  for (const input of document.querySelectorAll<HTMLInputElement>('input[data-names]')) {
    input.closest('[hidden]')?.removeAttribute('hidden');
    new NameField(input);
  }
}
