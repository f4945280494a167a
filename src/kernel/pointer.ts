/** The pointer to member or element `token` of what `parent` points to (RFC 6901 §3: `~` is `~0`, `/` is `~1`). */
export function appendPointer(parent: string, token: string | number): string {
  if (typeof token === 'number') return `${parent}/${token}`;
  const escaped =
    token.includes('~') || token.includes('/') ? token.replaceAll('~', '~0').replaceAll('/', '~1') : token;
  return `${parent}/${escaped}`;
}

/** The tokens of a pointer, unescaped; `undefined` when it is not a pointer (RFC 6901 §3). `''` has no tokens. */
export function pointerTokens(pointer: string): readonly string[] | undefined {
  if (pointer === '') return [];
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return undefined;
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}
