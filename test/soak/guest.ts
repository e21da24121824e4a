import { makeActivationLink, revoke } from "../../src/access/index.ts";
import { systemClock } from "../../src/base/index.ts";
import type { Project } from "../../src/project/index.ts";

/** So long a server may take to see that tokens were revoked. */
const SEEN_AFTER_MS = 1000;

const TABLE = "/delta-sharing/shares/soak/schemas/shop/tables/events";

/**
 * A recipient's whole life, again and again: a link, a profile file, a short-lived token, a query, a file, and the
 * revocation, a second after which nothing is answered any more. Returns what went wrong.
 */
export async function guestLife(project: Project, url: string): Promise<string[]> {
  const now = Date.now();
  const link = { recipient: "guest", oauth: true, expiresAt: new Date(now + 60_000) };
  const secret = await makeActivationLink(project.state, link, systemClock);
  const wrong: string[] = [];
  const expectStatus = async (what: string, answer: Response, statuses: readonly number[]) => {
    const text = await answer.text();
    if (!statuses.includes(answer.status)) wrong.push(`${what}: ${answer.status} ${text.slice(0, 300)}`);
    return text;
  };
  const post = (path: string, bearer: string, body?: string) =>
    fetch(`${url}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${bearer}` },
      ...(body === undefined ? {} : { body }),
    });
  const file = JSON.parse(
    await expectStatus("activation", await post("/delta-sharing/activation", secret), [200]),
  ) as { tokenEndpoint: string; clientId: string; clientSecret: string };
  await expectStatus("second activation", await post("/delta-sharing/activation", secret), [410]);
  const form = {
    grant_type: "client_credentials",
    client_id: file.clientId,
    client_secret: file.clientSecret,
  };
  const asked = await fetch(file.tokenEndpoint, { method: "POST", body: new URLSearchParams(form) });
  const { access_token: token } = JSON.parse(await expectStatus("token", asked, [200])) as {
    access_token: string;
  };
  const lines = await expectStatus("query", await post(`${TABLE}/query`, token, "{}"), [200]);
  const address = /"url":"([^"]+)"/.exec(lines)?.[1];
  if (address === undefined) return [...wrong, "the query names no file"];
  await expectStatus("file", await fetch(address), [200]);
  await revoke(project.state, "guest", new Date());
  await new Promise((resolve) => setTimeout(resolve, SEEN_AFTER_MS));
  await expectStatus("query after the revocation", await post(`${TABLE}/query`, token, "{}"), [401]);
  await expectStatus("file after the revocation", await fetch(address), [403]);
  return wrong;
}

/** Asks, and goes away in the middle of the answer, as clients do that are killed. */
export async function breakOff(url: string, token: string): Promise<void> {
  const leave = new AbortController();
  const answer = await fetch(`${url}${TABLE}/query`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: "{}",
    signal: leave.signal,
  });
  const first = await answer.body!.getReader().read();
  const address = /"url":"([^"]+)"/.exec(Buffer.from(first.value ?? []).toString())?.[1];
  leave.abort();
  if (address === undefined) return;
  const leaveFile = new AbortController();
  await fetch(address, { signal: leaveFile.signal });
  leaveFile.abort();
}
