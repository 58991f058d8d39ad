/** Adds a copy button to fields with `data-copy`. */
export function offerCopies(): void {
  // The clipboard needs a secure context (TLS or localhost).
  if (!isSecureContext) return;
  for (const field of document.querySelectorAll<HTMLTextAreaElement>('textarea[data-copy]')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'govuk-button govuk-button--secondary docket-not-on-paper';
    button.textContent = field.dataset['copy'] ?? '';
    const status = document.createElement('p');
    status.className = 'govuk-body';
    status.setAttribute('role', 'status');
    button.addEventListener('click', () => {
      void navigator.clipboard.writeText(field.value).then(() => {
        status.textContent = 'Copied';
      });
    });
    field.after(button, status);
  }
}
