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

/** Opens somebody with a handful of records of several sources, so that there is something to compare. */
async function openTelling(page) {
  const options = page.getByRole("option");
  const why = page.getByRole("heading", { name: "Why they are one person" });
  await options.first().waitFor({ timeout: 60_000 });
  // Without a text the list begins with the people who have most records; common names have all kinds.
  for (const text of ["maria", "james", "susan", "an"]) {
    await page.getByRole("combobox").fill(text);
    await page.locator("[role=listbox][aria-busy=false]").waitFor({ state: "attached" });
    for (const option of await options.filter({ hasText: /(?<!\d)[4-6] records/ }).all()) {
      await option.click();
      await why.waitFor();
      if (await page.getByText(/from [3-9] sources/).isVisible()) return rest(page);
    }
  }
  await options.first().click();
  await why.waitFor();
  return rest(page);
}

/** The page as one finds it: from its beginning, without the ring of the focus. */
async function rest(page) {
  await page.evaluate(
    "document.activeElement.blur(); document.querySelector('[role=listbox]').scrollTop = 0; scrollTo(0, 0)",
  );
}
