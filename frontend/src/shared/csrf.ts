/** Django's CSRF token, for requests that a script sends. */
export function csrfToken(): string {
  const found = /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie);
  return found ? decodeURIComponent(found[1]!) : "";
}
