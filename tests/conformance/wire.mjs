// A wire between a client and the server that can be cut.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export async function wire(url) {
  const { hostname, port, pathname } = new URL(url);
  const open = new Set();
  const told = { text: '', connections: 0 };
  const server = createServer((client) => {
    const remote = connect(Number(port), hostname);
    told.connections += 1;
    for (const [one, other] of [[client, remote], [remote, client]]) {
      open.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
    remote.on('data', (bytes) => { told.text += bytes; });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => open.forEach((socket) => socket.destroy());
  return {
    url: `http://127.0.0.1:${server.address().port}${pathname}`,
    told,
    cut,
    close: () => {
      cut();
      server.close();
    },
  };
}
