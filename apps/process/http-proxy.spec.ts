import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { throughProxies } from './http-proxy.ts';

it('sends what is fetched through the proxy of the environment, but nothing that is on this machine', async () => {
  const asked: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    response.end('here');
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  server.on('connect', ({ url = '' }, client) => {
    asked.push(`tunnel to ${url}`);
    const tunnel = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(tunnel).pipe(client);
    });
  });
  const own = `http://127.0.0.1:${port}`;
  {
    using _ = throughProxies({ http_proxy: own, HTTP_PROXY: '' });
    expect(await (await fetch('http://127.0.0.9:1999/dl/')).text()).toBe('here');
    await (await fetch(`${own}/directly`)).text();
  }
  expect(asked.filter((each) => each !== '/dl/')).toEqual([
    'tunnel to 127.0.0.9:1999',
    '/directly',
  ]);
  await expect(fetch('http://127.0.0.9:1999/dl/')).rejects.toThrow('fetch failed');
  server.closeAllConnections();
  server.close();
});
