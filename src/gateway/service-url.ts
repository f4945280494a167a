import { err, ok, type Result } from '../kernel/result.js';

/**
 * `path` under the contract's base URL: 'https://h/v1' and '/chat' give 'https://h/v1/chat'. The result keeps the base's
 * origin and lies under its path; a path that would leave it ('//other', '/../x') is an error.
 */
export function serviceUrl(base: string, path: string): Result<URL, string> {
  const root = URL.canParse(base) ? new URL(base) : undefined;
  if (root === undefined || (root.protocol !== 'http:' && root.protocol !== 'https:')) {
    return err('the contract states no http or https URL');
  }
  if (root.username !== '' || root.password !== '') return err('the URL of the contract holds a credential');
  const prefix = root.pathname.replace(/\/+$/, '');
  const url = new URL(root.origin + prefix + (path.startsWith('/') ? path : `/${path}`));
  if (url.origin !== root.origin || !url.pathname.startsWith(`${prefix}/`)) {
    return err('the path of the endpoint leaves the URL of the contract');
  }
  return ok(url);
}
