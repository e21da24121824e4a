import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type Browser, type Page, chromium } from "playwright-core";

/** A window of its own: its own storage, nothing of other windows in it. */
export interface Window {
  readonly page: Page;
  /** What the page complained about: console errors and warnings, policy violations, faults, requests to elsewhere. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

export async function launchBrowser(): Promise<Browser> {
  await promisify(execFile)("bash", ["scripts/ensure-chromium.sh"]);
  return chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
}

export async function openWindow(
  browser: Browser,
  origin: string,
  options: { widthPx?: number; colorScheme?: "light" | "dark" } = {},
): Promise<Window> {
  const { widthPx = 1280, colorScheme = "light" } = options;
  const context = await browser.newContext({
    viewport: { width: widthPx, height: 900 },
    colorScheme,
    timezoneId: "UTC",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(`fault: ${error.message}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(origin)) complaints.push(`asked elsewhere: ${request.url()}`);
  });
  return { page, complaints, close: () => context.close() };
}
