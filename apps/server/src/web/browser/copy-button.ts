/** Puts a button below every field that is there to be copied; without this script one selects what is in it. */
export function offerCopies(): void {
  // Browsers give the clipboard only to a page that came over TLS, or from this very machine.
  if (!isSecureContext) return;
  for (const field of document.querySelectorAll<HTMLTextAreaElement>('textarea[data-copy]')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'govuk-button govuk-button--secondary docket-not-on-paper';
    button.textContent = field.dataset['copy'] ?? '';
    const told = document.createElement('p');
    told.className = 'govuk-body';
    told.setAttribute('role', 'status');
    button.addEventListener('click', () => {
      void navigator.clipboard.writeText(field.value).then(() => {
        told.textContent = 'Copied';
      });
    });
    field.after(button, told);
  }
}
