// A real OpenID Connect provider for tests: node provider.mjs '{"port": …, "clients": […], "jwks": {…}, "people": {…}}'
import Provider from "oidc-provider";

const { port, clients, jwks, people } = JSON.parse(process.argv[2]);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients,
  jwks,
  cookies: { keys: ["only for tests"] },
  claims: { openid: ["sub"], profile: ["name", "preferred_username"] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
});
provider.listen(port, "127.0.0.1", () => console.log("ready"));
