import { setGlobalProxyFromEnv } from 'node:http';

/** What go never sends through a proxy (golang.org/x/net/http/httpproxy). */
const OWN = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Sends what this process fetches through the proxies that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name, as go and git do,
 * until it is disposed of.
 */
export function throughProxies(env: NodeJS.ProcessEnv): Disposable {
  const either = (name: string): string | undefined => env[name] || env[name.toLowerCase()];
  const [http, https] = [either('HTTP_PROXY'), either('HTTPS_PROXY')];
  const none = [either('NO_PROXY'), ...OWN].filter(Boolean).join(',');
  const named = { ...(http && { HTTP_PROXY: http }), ...(https && { HTTPS_PROXY: https }) };
  const restore = setGlobalProxyFromEnv({ ...named, NO_PROXY: none });
  return { [Symbol.dispose]: () => restore() };
}
