// Ordinary Node code over an association: a web server and a request, neither knows of the paths.
import http from "node:http";
import { Host } from "multihome";

const peer = await Host.open({ addresses: ["127.0.0.1", "127.0.0.2"] });
const server = await peer.listen({ port: 0 });
const app = http.createServer((request, response) =>
  response.end(`${request.url} over many paths\n`),
);
server.associations$.subscribe((a) => app.emit("connection", a.duplex()));

const host = await Host.open({ addresses: ["127.0.0.3", "127.0.0.4"] });
const a = await host.connect([...server.addresses]);
const text = await new Promise<string>((resolve, reject) => {
  const request = http.get({ path: "/hello", createConnection: () => a.duplex() });
  request.on("error", reject);
  request.on("response", (response) => {
    let body = "";
    response.setEncoding("utf8");
    response.on("data", (part: string) => {
      body += part;
    });
    response.on("end", () => resolve(body));
  });
});
process.stdout.write(text);
await a.abort();
await host.close();
await peer.close();
