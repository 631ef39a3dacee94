/** `/v1/rollouts/{id}`, and what is below it. */
export function rolloutPath(id: string, ...below: (string | number)[]): string {
  return ['/v1/rollouts', id, ...below].map(part).join('/');
}

function part(text: string | number, index: number): string {
  return index === 0 ? String(text) : encodeURIComponent(text);
}
