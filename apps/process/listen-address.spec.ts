import { expect, it } from 'vitest';
import { isLoopback, listenAddress, urlOf } from './listen-address.ts';

it.each([
  ['127.0.0.1:7070', '127.0.0.1', 7070, true, 'http://127.0.0.1:7070'],
  ['127.8.9.1:0', '127.8.9.1', 0, true, 'http://127.8.9.1:0'],
  ['localhost:80', 'localhost', 80, true, 'http://localhost:80'],
  ['[::1]:7070', '::1', 7070, true, 'http://[::1]:7070'],
  ['0.0.0.0:7070', '0.0.0.0', 7070, false, 'http://127.0.0.1:7070'],
  ['[::]:7070', '::', 7070, false, 'http://[::1]:7070'],
  ['10.0.0.1:65535', '10.0.0.1', 65535, false, 'http://10.0.0.1:65535'],
])('%s', (text, host, port, loopback, url) => {
  expect(listenAddress(text)).toEqual({ host, port });
  expect(isLoopback(host)).toBe(loopback);
  expect(urlOf({ host, port })).toBe(url);
});

it.each(['', '7070', ':7070', '127.0.0.1', '127.0.0.1:', '::1:7070', '127.0.0.1:65536', 'a:b'])(
  'refuses %s',
  (text) => {
    expect(() => listenAddress(text)).toThrow(expect.objectContaining({ code: 'usage' }));
  },
);
