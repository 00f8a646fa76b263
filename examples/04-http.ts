// Node's own HTTP server and client, unchanged, over an association instead of a TCP connection.
import { createServer, request } from "node:http";
import { Host } from "multihome";

const web = createServer((incoming, response) => {
  response.end(`you asked for ${incoming.url}\n`);
});

const serverHost = await Host.open({ addresses: ["127.0.0.1"] });
const server = await serverHost.listen({ port: 0 });
server.associations$.subscribe((association) => web.emit("connection", association.duplex()));

const host = await Host.open({ addresses: ["127.0.0.1"] });
const association = await host.connect(server.addresses);
const connection = association.duplex();

const text = await new Promise<string>((resolve, reject) => {
  const asked = request({ path: "/hello", createConnection: () => connection }, (response) => {
    let body = "";
    response.setEncoding("utf8");
    response.on("data", (piece) => {
      body += piece;
    });
    response.on("end", () => resolve(body));
  });
  asked.on("error", reject);
  asked.end();
});
console.log(text);

await host.close();
await serverHost.close();
