import { saveFile } from "../api/save-file.ts";
import "../look/tokens.css";
import "../look/base.css";
import "./page.css";

/* The page of a one-time link. It asks nothing until the button is pressed: who only looks at the link uses nothing up. */

const button = document.querySelector<HTMLButtonElement>("#download")!;
const said = document.querySelector<HTMLElement>("#said")!;

/** What opens the link stands behind the #, which is sent to nobody; nor does it stay in the browser's history. */
const secret = location.hash.slice(1);
history.replaceState(null, "", location.pathname);

if (secret === "") say("This address is not whole: open the link just as it was sent to you.", true);
else {
  button.disabled = false;
  button.onclick = () => void download();
}

async function download(): Promise<void> {
  button.disabled = true;
  say("…");
  try {
    const response = await fetch("delta-sharing/activation", {
      method: "POST",
      headers: { authorization: `Bearer ${secret}` },
      cache: "no-store",
      signal: AbortSignal.timeout(60_000),
    });
    const text = await response.text();
    if (!response.ok) return refused(response.status, text);
    const name = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1];
    const save = () => saveFile(text, name ?? "onecopy.share");
    save();
    button.textContent = "Save it again";
    button.onclick = save;
    button.disabled = false;
    say(
      "The file is in your downloads. While this page is open, you can save it again; the link is used up.",
    );
  } catch {
    // The answer may have been lost on its way back: then the link is used up, and says so.
    button.disabled = false;
    say("The server does not answer. Try again.", true);
  }
}

function refused(status: number, text: string): void {
  // The same link may work later, or from elsewhere.
  button.disabled = status === 401 || status === 410;
  say(messageIn(text) ?? `The server answered with status ${status}.`, true);
}

function messageIn(text: string): string | undefined {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}

function say(text: string, isAlarm = false): void {
  said.textContent = text;
  said.classList.toggle("alarm", isAlarm);
}
