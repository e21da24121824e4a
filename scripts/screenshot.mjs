// Takes the picture of the README: node scripts/screenshot.mjs ADDRESS [FILE]
// ADDRESS is what `onecopy serve` prints (with #token=…), FILE is docs/screenshot.png unless named.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const widthPx = 1280;

const [address, file = fileURLToPath(new URL("../docs/screenshot.png", import.meta.url))] =
  process.argv.slice(2);
if (address === undefined || !address.includes("#token=")) {
  console.error(
    'Usage: node scripts/screenshot.mjs "http://127.0.0.1:…/#token=…" [FILE]  (the address that onecopy serve prints)',
  );
  process.exit(2);
}

execFileSync("bash", [fileURLToPath(new URL("ensure-chromium.sh", import.meta.url))], { stdio: "inherit" });
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  const page = await browser.newPage({
    viewport: { width: widthPx, height: 900 },
    deviceScaleFactor: 1.5,
    colorScheme: "light",
    reducedMotion: "reduce",
  });
  await page.goto(address);
  await openTelling(page);
  await page.screenshot({ path: file, fullPage: true });
  console.log(`wrote ${file}`);
} finally {
  await browser.close();
}

/** Opens somebody with a handful of records, so that there is something to compare and all of it can be seen. */
async function openTelling(page) {
  const options = page.getByRole("option");
  await options.first().waitFor({ timeout: 60_000 });
  // Without a text the list begins with the people who have most records; common names have all kinds.
  for (const text of ["maria", "james", "susan", "an", ""]) {
    await page.getByRole("combobox").fill(text);
    await page.locator("[role=listbox][aria-busy=false]").waitFor({ state: "attached" });
    const handful = options.filter({ hasText: /(?<!\d)[4-6] records/ });
    const chosen = text === "" ? options : handful;
    if ((await chosen.count()) === 0) continue;
    await chosen.first().click();
    break;
  }
  await page.getByRole("heading", { name: "Why they are one person" }).waitFor();
  // The focus is on the profile's name: without its ring the picture is as one finds the page.
  await page.evaluate("document.activeElement.blur(); scrollTo(0, 0)");
}
