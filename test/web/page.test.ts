import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { AdminData } from "../../src/server/index.ts";
import { type Window, launchBrowser, openWindow } from "./browser.ts";
import { lowContrast } from "./contrast.ts";
import { peopleReport } from "./people-report.ts";
import { emptyOverview, margaret, overview, people } from "./sample.ts";
import { type ServedPage, servePage } from "./served-page.ts";

const profileAddress = `?profile=${margaret.profileId}`;

/** What the admin API answers in one test. */
let data: AdminData;
let webFolder: string;
let browser: Browser;
let served: ServedPage;
const windows: Window[] = [];
/** What the server of one test was made to fail with. */
const plantedFailures: Error[] = [];

beforeAll(async () => {
  webFolder = await mkdtemp(join(tmpdir(), "onecopy-web-build-"));
  const [launched] = await Promise.all([launchBrowser(), buildPage(webFolder)]);
  browser = launched;
}, 300_000);

afterAll(async () => {
  await browser.close();
  await rm(webFolder, { recursive: true });
});

beforeEach(async () => {
  data = {
    overview: () => Promise.resolve(overview),
    peopleReport: () => Promise.resolve(peopleReport),
    searchProfiles: (text, limit) => {
      const wanted = text.toLowerCase();
      const matches = people.filter(({ name, email }) => `${name} ${email}`.toLowerCase().includes(wanted));
      return Promise.resolve(matches.slice(0, limit));
    },
    profile: (id) => Promise.resolve(id === margaret.profileId ? margaret : undefined),
  };
  const live: AdminData = {
    overview: () => data.overview(),
    peopleReport: () => data.peopleReport(),
    searchProfiles: (text, limit) => data.searchProfiles(text, limit),
    profile: (id) => data.profile(id),
  };
  served = await servePage(live, webFolder);
});

afterEach(async () => {
  await Promise.all(windows.splice(0).map((window) => window.close()));
  await served.close();
  expect(served.failures).toEqual(plantedFailures.splice(0));
});

/** Builds the page as it is shipped: in a process of its own, since here NODE_ENV asks for React's development build. */
async function buildPage(folder: string): Promise<void> {
  const vite = ["node_modules/vite/bin/vite.js", "build", "web", "--outDir", folder, "--logLevel", "warn"];
  await promisify(execFile)(process.execPath, vite, { env: { ...process.env, NODE_ENV: "production" } });
}

/** Opens the page with a token; `address` stands between its path and the token. */
async function open(address = "", options: Parameters<typeof openWindow>[2] = {}): Promise<Window> {
  const window = await openEmpty(options);
  await window.page.goto(`${served.url}${address}#token=${served.token}`);
  return window;
}

async function openEmpty(options: Parameters<typeof openWindow>[2] = {}): Promise<Window> {
  const window = await openWindow(browser, served.url, options);
  windows.push(window);
  return window;
}

test("the picture shows each stage's figure, and lines that join what belongs together", async () => {
  const { page, complaints } = await open();
  const stage = (name: string) => page.locator(`[data-stage=${name}]`);
  await stage("sources").waitFor();
  const heads = await page.locator("[data-stage] > header").allInnerTexts();
  expect(heads.map((head) => head.split("\n").filter((line) => line !== ""))).toEqual([
    ["Sources", "5", "106,487 records"],
    ["People", "20,113", "profiles, with stable ids"],
    ["Tables", "14", "366,716 rows, 23 MB"],
    ["Segments", "2", "rules, not copies"],
    ["Shares and syncs", "3", "1 share, 2 syncs"],
  ]);
  expect(await stage("sources").innerText()).toMatch(/loyalty\s+21,377\s+mount, read in place/);
  expect(await stage("people").innerText()).toMatch(
    /OneCopy\s+0\.964\s+Plain match on e-mail or phone\s+0\.712/,
  );
  expect(await stage("tables").innerText()).toMatch(/customer_360\s+20,113/);
  expect(await stage("segments").innerText()).toMatch(/loyal_buyers\s+2,418/);
  expect(await stage("outlets").innerText()).toMatch(/loyal_buyers to mailer: 2,418 added, /);
  expect(await stage("outlets").innerText()).toContain("2 tables, read in place by 1 recipient");
  // Five sources, people to tables, two segments, two syncs, one share.
  expect(await page.locator("svg path[stroke-width]").count()).toBeGreaterThanOrEqual(11);
  expect(complaints).toEqual([]);
});

test("a source unfolds into its tags, and the lines follow", async () => {
  const { page } = await open();
  const lines = () =>
    page.locator("main svg path").evaluateAll((paths) => paths.map((path) => path.getAttribute("d")));
  await page.getByText("3 tags of web_shop").click();
  const loyalty = page.locator('[data-node="source:loyalty"]');
  expect(await page.locator('[data-node="source:web_shop"]').innerText()).toMatch(/first\s+given_name/);
  const box = (await loyalty.boundingBox())!;
  const picture = (await page.locator("main svg").first().boundingBox())!;
  await expect
    .poll(lines)
    .toContainEqual(
      expect.stringMatching(
        new RegExp(`^M\\S+ ${Math.round((box.y + box.height / 2 - picture.y) * 10) / 10}H`),
      ),
    );
});

test("a recipient's profile file is downloaded, and opens the share", async () => {
  const { page, complaints } = await open();
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "warehouse: profile file" }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe("warehouse.share");
  const file = JSON.parse(await readFile(await download.path(), "utf8")) as {
    endpoint: string;
    bearerToken: string;
  };
  const shares = await fetch(`${file.endpoint}shares`, {
    headers: { authorization: `Bearer ${file.bearerToken}` },
  });
  expect(await shares.json()).toMatchObject({ items: [{ name: "analytics" }] });
  await page.getByText("downloaded; hand it over safely").waitFor();
  expect(complaints).toEqual([]);
});

test("a one-time link gives the profile file to the first who presses its button, and to nobody else", async () => {
  const link = await served.activationLink();
  // What looks at a link before somebody opens it uses nothing up.
  for (const method of ["GET", "HEAD"])
    expect((await fetch(link, { method })).headers.get("content-type")).toMatch(/^text\/html/);
  const { page, complaints } = await openEmpty();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(link);
  const button = page.getByRole("button", { name: "Download the profile file" });
  await button.waitFor();
  expect(asked.some((url) => url.includes("delta-sharing"))).toBe(false);
  expect(new URL(page.url()).hash).toBe("");
  expect(await lowContrast(page)).toEqual([]);

  const saved = async (press: () => Promise<void>): Promise<string> => {
    const downloading = page.waitForEvent("download");
    await press();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe("warehouse.share");
    return await readFile(await download.path(), "utf8");
  };
  const text = await saved(() => button.click());
  const file = JSON.parse(text) as { endpoint: string; bearerToken: string };
  const headers = { authorization: `Bearer ${file.bearerToken}` };
  const shares = await fetch(`${file.endpoint}shares`, { headers });
  expect(await shares.json()).toMatchObject({ items: [{ name: "analytics" }] });
  // A download that went astray is not lost while the page is open.
  expect(await saved(() => page.getByRole("button", { name: "Save it again" }).click())).toBe(text);
  expect(complaints).toEqual([]);

  const second = await openEmpty();
  await second.page.goto(link);
  await second.page.getByRole("button").click();
  await second.page.getByText("This link was opened already").waitFor();
  expect(await second.page.getByRole("button").isDisabled()).toBe(true);
  expect(asked.join()).not.toContain("onecopy_activation_");
});

test("a link whose end was lost on the way says so", async () => {
  const { page, complaints } = await openEmpty();
  await page.goto(`${served.url}activate`);
  await page.getByText("This address is not whole").waitFor();
  expect(await page.getByRole("button").isDisabled()).toBe(true);
  expect(complaints).toEqual([]);
});

test("the three answers stand under their questions, with details to unfold", async () => {
  const { page, complaints } = await open();
  const answers = page.getByRole("region", { name: "Three questions" });
  await answers.waitFor();
  expect(await answers.getByRole("heading", { level: 3 }).allInnerTexts()).toEqual(
    overview.answers.map(({ question }) => question),
  );
  for (const { answer } of overview.answers) expect(await answers.getByText(answer).isVisible()).toBe(true);
  const detail = answers.getByText("Spill folder: empty");
  expect(await detail.isVisible()).toBe(false);
  await answers.getByText("2 details").click();
  expect(await detail.isVisible()).toBe(true);
  expect(complaints).toEqual([]);
});

test("a search leads to a person's records side by side, and to why they are one", async () => {
  const { page, complaints } = await open();
  await page.getByLabel("Name or e-mail").fill("maggie");
  await page.getByText("1 profile", { exact: true }).waitFor();
  await page.getByRole("option", { name: /Margaret Ann O'Neill/ }).click();

  const table = page.getByRole("table");
  await table.waitFor();
  const columns = await table.getByRole("columnheader").allInnerTexts();
  expect(columns.slice(1).map((column) => column.split("\n"))).toEqual(
    margaret.records.map(({ source, recordId }) => [source, recordId]),
  );
  const row = (name: string) =>
    table
      .getByRole("row", { name: new RegExp(`^${name}`) })
      .getByRole("cell")
      .allInnerTexts();
  expect(await row("surname")).toEqual([
    "O'Neill",
    "O'Neill",
    "Oneil <b>\n(differs)",
    "–\nno value",
    "–\nno value",
  ]);
  expect(await row("city")).toEqual([
    "Springfield",
    "SPRINGFIELD",
    "Springfield",
    "–\nno value",
    "–\nno value",
  ]);
  // A phone that is written differently is the same phone.
  expect(
    await table
      .getByRole("row", { name: /^phone/ })
      .locator("mark")
      .count(),
  ).toBe(0);
  expect(
    await table
      .getByRole("row", { name: /^postal code/ })
      .locator("mark")
      .allInnerTexts(),
  ).toEqual(["62740\n(differs)"]);

  const why = page.getByRole("region", { name: "Why they are one person" });
  expect(await why.innerText()).toContain("5 records are held together by 4 links.");
  const steps = await why.locator("details[open] > ol > li").allInnerTexts();
  expect(steps.map((step) => step.split("\n").filter((line) => line !== ""))).toEqual([
    ["Any two records", "one pair in 9,400 is one person", "−13.2"],
    ["Same e-mail", "maggie.oneill@example.org", "+13.4", "11,000× likelier"],
    ["Same phone", "+12175550148", "+12.1", "4,400× likelier"],
    ["Same birth date", "1984-05-09", "+9.9", "960× likelier"],
    ["Same surname", "o'neill", "+8.3", "320× likelier"],
    ["Address: similar street, same number", "41 Juniper Lane / 41 Juniper Ln", "+7.2", "150× likelier"],
    ["Given name: nickname or middle name", "margaret / maggie", "+4.6", "24× likelier"],
    ["The values that agree are rare", "+1.6", "3× likelier"],
    ["Could be two people of one household", "−0.7", "1.6× less likely"],
    ["Together", "one person with more than 99.99 %", "+43.2"],
  ]);
  const repetition = why.getByText("The very same values");
  expect(await repetition.isVisible()).toBe(false);
  await why.getByText("1 record says the very same as another one").click();
  await why.locator("summary", { hasText: "b7c2" }).click();
  expect(await repetition.isVisible()).toBe(true);
  expect(complaints).toEqual([]);
});

test("all of it goes with the keyboard alone, and the address leads back", async () => {
  const { page, complaints } = await open();
  await page.getByRole("option").first().waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("olivia");
  await page.getByText("12 profiles").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.type("o'neill");
  await page.getByText("1 profile", { exact: true }).waitFor();
  await page.keyboard.press("ArrowDown");
  const search = page.getByRole("combobox");
  expect(await search.getAttribute("aria-activedescendant")).toBe(
    await page.getByRole("option").first().getAttribute("id"),
  );
  await page.keyboard.press("Enter");
  const name = page.getByRole("heading", { name: "Margaret O'Neill" });
  await name.waitFor();
  expect(await focused(page)).toBe("Margaret O'Neill");
  expect(await page.getByRole("option").first().getAttribute("aria-selected")).toBe("true");

  // On through the records, which scroll, to the links, which unfold.
  await page.keyboard.press("Tab");
  expect(await page.evaluate("document.activeElement.getAttribute('aria-label')")).toBe(
    "Source records side by side",
  );
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  expect(await page.getByText("Surname: typing error").first().isVisible()).toBe(true);

  expect(new URL(page.url()).search).toBe(profileAddress);
  await page.goBack();
  await page.getByText("No profile is open.").waitFor();
  expect(complaints).toEqual([]);
});

test("the identity page says whether to trust the people, what they go by, and where to look", async () => {
  const { page, complaints } = await open();
  await page.getByRole("link", { name: "Identity" }).click();
  await page.getByRole("heading", { name: "How records became people" }).waitFor();
  expect(new URL(page.url()).search).toBe("?page=identity");
  expect(await page.getByRole("link", { name: "Identity" }).getAttribute("aria-current")).toBe("page");

  const cells = async (table: string): Promise<string[][]> => {
    const rows = await page.getByRole("table", { name: table }).locator("tbody tr").all();
    return Promise.all(rows.map((row) => row.locator("th, td").allInnerTexts()));
  };
  const main = page.getByRole("main");
  expect(await main.locator("dl dd strong").allInnerTexts()).toEqual([
    "1,053,556",
    "420,113",
    "1 of 3 failed",
    "0.0205 %",
    "1.44 %",
  ]);
  expect(await main.innerText()).toMatch(/Model 2 was trained .* ago, since there was none\./);
  expect(await main.innerText()).toContain("214 of 1,043,556 earlier records went to another profile");
  expect((await cells("Health figures")).map((row) => row.slice(0, 5))).toEqual([
    ["Profiles with more than 3 given names", "passes", "12 of 420,113", "0.00286 %", "0.011 %"],
    ["Profiles with more than 3 surnames", "fails", "400 of 420,113", "0.0952 %", "0.05 %"],
    ["Records in profiles of more than 100", "passes", "0 of 0", "0 %", "0.1 %"],
  ]);
  expect((await cells("Health figures"))[2]![5]).toBe("OneCopy's own limit: a shop's value <b>.");
  expect(await cells("What records had to share to be compared")).toEqual([
    ["E-mail", "1,061,250", "12", "1,402"],
    ["Customer key of loyalty", "596,204", "0", "0"],
  ]);
  expect(await cells("What records that say too little have")).toEqual([
    ["given name, birth date", "14,200"],
    ["nothing", "1,004"],
  ]);

  const weights = page.getByRole("region", { name: "What each field says" });
  expect(await weights.innerText()).toContain("one pair in 300,000 is one person");
  const fields = await weights.locator("li:has(h3)").allInnerTexts();
  expect(fields.map((field) => field.split("\n").filter((line) => line !== ""))).toEqual([
    [
      "E-mail",
      "the same",
      "+18.4",
      "350,000× likelier",
      "the same, of several people",
      "+15.2",
      "38,000× likelier",
      "different",
      "−2.2",
      "4.6× less likely",
    ],
    [
      "Town and postal code",
      "same town and postal code",
      "+10.7",
      "1,700× likelier",
      "same region",
      "0.0",
      "says nothing",
    ],
    [
      "Given name",
      "the same",
      "+9.8",
      "890× likelier",
      "nickname or middle name",
      "+4.7",
      "26× likelier",
      "different",
      "−7.0",
      "130× less likely",
    ],
  ]);

  const curve = page.getByRole("region", { name: "If only surer pairs were joined" });
  // From the least weight to the most, and from 90 % to 100 % of the chart's height.
  expect(await curve.locator("polyline[data-line=right]").getAttribute("points")).toBe(
    "0,22.1 33.333,19.4 66.667,15 100,0.04",
  );
  await curve.getByText("Show the figures").click();
  expect((await cells("What a stricter line would give"))[3]).toEqual([
    "3: 8× likelier",
    "1,110,004",
    "99.99 %",
    "92.1 %",
  ]);
  expect(complaints).toEqual([]);
});

test("the identity page leads to the largest profiles, and back", async () => {
  const { page, complaints } = await open("?page=identity");
  const largest = page.getByRole("table", { name: "The largest profiles" });
  expect(await largest.locator("tbody tr").first().innerText()).toMatch(/1,022\s+4$/);
  await largest.getByRole("link", { name: margaret.profileId }).click();
  await page.getByRole("heading", { name: "Margaret O'Neill" }).waitFor();
  await expect.poll(() => focused(page)).toBe("Margaret O'Neill");
  expect(new URL(page.url()).search).toBe(profileAddress);
  await page.goBack();
  await page.getByRole("heading", { name: "How records became people" }).waitFor();
  expect(complaints).toEqual([]);
});

test.each([
  ["nothing_yet", "No record has been resolved yet."],
  ["out_of_date", "A source has changed since the people were resolved."],
] as const)(
  "the identity page without figures (%s) says what to do, and fills by itself",
  async (state, title) => {
    data.peopleReport = () => Promise.resolve({ state });
    const { page, complaints } = await open("?page=identity");
    await page.getByText(title).waitFor();
    expect(await page.getByRole("main").innerText()).toContain("onecopy run");
    expect(await page.getByRole("table").count()).toBe(0);
    data.peopleReport = () => Promise.resolve(peopleReport);
    await page.getByRole("heading", { name: "How records became people" }).waitFor();
    expect(complaints).toEqual([]);
  },
);

test("figures of the identity page that nobody could count: what went wrong, and another try", async () => {
  const failure = new Error("planted");
  plantedFailures.push(failure);
  data.peopleReport = () => Promise.reject(failure);
  const { page } = await open("?page=identity");
  await page.getByText("Something went wrong in the server.").waitFor();
  const few = { movement: null, curve: [], unlinkable: { records: 0, of: 0, patterns: [] } };
  data.peopleReport = () => Promise.resolve({ ...peopleReport, report: { ...peopleReport.report, ...few } });
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("known after the next run that changes something").waitFor();
  expect(await page.getByText("Of 0 records each says enough").isVisible()).toBe(true);
});

test("only the newest search is shown, even when an older one is answered later", async () => {
  const { searchProfiles } = data;
  let answerLate = () => {};
  const late = new Promise<void>((resolve) => (answerLate = resolve));
  data.searchProfiles = async (text, limit) => {
    if (text === "o") await late;
    return searchProfiles(text, limit);
  };
  const { page, complaints } = await open();
  const search = page.getByLabel("Name or e-mail");
  const asked = page.waitForRequest(/q=o&/);
  await search.fill("o");
  await asked;
  await search.fill("seun");
  await page.getByText("1 profile", { exact: true }).waitFor();
  answerLate();
  await page.waitForTimeout(300);
  expect(await page.getByRole("option").allInnerTexts()).toEqual([
    expect.stringContaining("Oluwaseun Adébáyọ̀"),
  ]);
  expect(complaints).toEqual([]);
});

test("nobody found, no such profile, and a person without a name: each says so", async () => {
  const window = await open();
  const { page } = window;
  await page.getByLabel("Name or e-mail").fill("zzz <b>");
  await page.getByText("No name or e-mail matches “zzz <b>”.").waitFor();
  await page.getByLabel("Name or e-mail").fill("info@");
  await page.getByRole("option", { name: /No name/ }).click();
  await page.getByText("There is no such profile.").waitFor();
  expect(await page.getByText("Search for the person again.").isVisible()).toBe(true);
  // The browser itself reports the 404; nothing else may.
  expect(window.complaints.filter((text) => !text.includes("404"))).toEqual([]);
});

test("without a token: how to get one, and no question to the server", async () => {
  const { page, complaints } = await openEmpty();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(served.url);
  await page.getByRole("heading", { name: "This page needs a token" }).waitFor();
  expect(await page.getByRole("main").innerText()).toContain("onecopy serve");
  expect(asked.filter((path) => path.startsWith("/api"))).toEqual([]);
  // The address pasted into this very tab changes only what stands behind its #.
  await page.evaluate(`location.hash = "token=${served.token}"`);
  await page.locator("[data-stage=people]").waitFor();
  expect(complaints).toEqual([]);
});

test("the token leaves the address at once, survives a reload, and stays in its tab", async () => {
  const { page } = await open(profileAddress);
  await page.getByRole("table").waitFor();
  expect(page.url()).toBe(`${served.url}${profileAddress}`);
  await page.reload();
  await page.getByRole("table").waitFor();
  const other = await page.context().newPage();
  await other.goto(served.url);
  await other.getByRole("heading", { name: "This page needs a token" }).waitFor();
  expect(await page.evaluate("JSON.stringify(localStorage) + document.cookie")).toBe("{}");
});

test("a token that is revoked meanwhile: the page says so, and shows nobody any more", async () => {
  const window = await open(profileAddress);
  const { page } = window;
  await page.getByRole("table").waitFor();
  await served.revokeTokens();
  await comeBack(page);
  await page.getByRole("heading", { name: "The token was refused" }).waitFor();
  expect(await page.locator("body").innerText()).not.toContain("Margaret");
  expect(await page.evaluate("sessionStorage.length")).toBe(0);
  expect(window.complaints.filter((text) => !text.includes("401"))).toEqual([]);
});

test("an empty lake: what to type; the page fills by itself when the run is through", async () => {
  data.overview = () => Promise.resolve(emptyOverview);
  const { page, complaints } = await open();
  await page.getByText("The lake is empty: nothing has run yet.").waitFor();
  expect(await page.getByRole("main").innerText()).toContain("onecopy run");
  expect(await page.getByRole("combobox").count()).toBe(0);
  data.overview = () => Promise.resolve(overview);
  await page.getByRole("combobox").waitFor();
  expect(await page.getByText("The lake is empty").count()).toBe(0);
  expect(complaints).toEqual([]);
});

test("no source at all: declare one, apply, run", async () => {
  const nothing = { sources: [], segments: [], syncs: [], shares: [], answers: [] };
  data.overview = () => Promise.resolve({ ...emptyOverview, ...nothing });
  const { page, complaints } = await open();
  await page.getByText("No source is declared. Write one into").waitFor();
  expect(await page.locator("pre").innerText()).toBe("onecopy apply\nonecopy run");
  expect(await page.getByText("No share and no sync is declared.").isVisible()).toBe(true);
  expect(complaints).toEqual([]);
});

test("while the first answer is under way, the page says that it loads", async () => {
  let answer = () => {};
  const answered = new Promise<void>((resolve) => (answer = resolve));
  data.overview = () => answered.then(() => overview);
  const { page, complaints } = await open();
  await page.getByText("Loading the figures.").waitFor({ state: "attached" });
  answer();
  await page.locator("[data-stage=people]").waitFor();
  expect(complaints).toEqual([]);
});

test("a lost server: the last figures stay, the page says whose they are, and comes back by itself", async () => {
  const window = await open();
  const { page } = window;
  await page.getByText("Live", { exact: true }).waitFor();
  await served.stop();
  await comeBack(page);
  await page.getByText("OneCopy does not answer. Trying again.").waitFor();
  expect(await lowContrast(page)).toEqual([]);
  expect(await page.locator("[data-stage=people]").innerText()).toContain("20,113");
  data.overview = () => Promise.resolve({ ...overview, people: { profiles: 20_114, records: 53_557 } });
  await served.start();
  await page.getByText("Live", { exact: true }).waitFor();
  expect(await page.locator("[data-stage=people]").innerText()).toContain("20,114");
  expect(window.complaints.filter((text) => !text.includes("ERR_CONNECTION"))).toEqual([]);
});

test("a server that fails: its message, its remedy, and another try", async () => {
  const { overview: works } = data;
  const failure = new Error("planted");
  plantedFailures.push(failure);
  data.overview = () => Promise.reject(failure);
  const { page } = await open();
  await page.getByText("Something went wrong in the server.").waitFor();
  expect(await page.getByText("The server's own output says more.").isVisible()).toBe(true);
  expect(await page.getByRole("main").innerText()).not.toContain("planted");
  data.overview = works;
  await page.getByRole("button", { name: "Try again" }).click();
  await page.locator("[data-stage=people]").waitFor();
});

test("many of everything are folded, not spread over the screen", async () => {
  const many = <T>(count: number, make: (index: number) => T) =>
    Array.from({ length: count }, (_, index) => make(index));
  data.overview = () =>
    Promise.resolve({
      ...overview,
      sources: many(40, (i) => ({ ...overview.sources[0]!, name: `source_${i}` })),
      segments: many(200, (i) => ({ name: `segment_${i}`, description: "Somebody", people: i })),
    });
  data.profile = () => {
    const records = many(3_000, (i) => ({
      source: "web_shop",
      recordId: `W-${i}`,
      values: { email: "a@example.org" },
    }));
    return Promise.resolve({ ...margaret, records, links: [] });
  };
  const { page, complaints } = await open(profileAddress);
  await page.getByRole("button", { name: "Show 24 of 2,976 more records" }).click();
  expect(await page.getByRole("table").getByRole("columnheader").count()).toBe(1 + 48);
  expect(await page.getByText("32 more").isVisible()).toBe(true);
  expect(await page.getByText("segment_150").isVisible()).toBe(false);
  expect(complaints).toEqual([]);
});

test.each([320, 390, 768, 1280])(
  "at %i pixels nothing of the identity page is wider than the window",
  async (widthPx) => {
    const { page } = await open("?page=identity", { widthPx, colorScheme: "dark" });
    await page.getByRole("heading", { name: "Records that say too little" }).waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(widthPx);
  },
);

test.each([320, 390, 768, 1280])("at %i pixels nothing is wider than the window", async (widthPx) => {
  const { page, complaints } = await open(profileAddress, { widthPx, colorScheme: "dark" });
  await page.getByRole("table").waitFor();
  const wide = await page.evaluate("document.documentElement.scrollWidth");
  expect(wide).toBeLessThanOrEqual(widthPx);
  const lines = await page.locator("main svg").first().locator("path").count();
  expect(lines).toBe(widthPx < 1080 ? 4 : 11);
  expect(complaints).toEqual([]);
});

test.each(["light", "dark"] as const)(
  "every text can be read: AA contrast in the %s scheme",
  async (colorScheme) => {
    const { page } = await open(profileAddress, { colorScheme });
    await page.getByRole("table").waitFor();
    await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
    expect(await lowContrast(page)).toEqual([]);
    await page.getByLabel("Name or e-mail").fill("zzz");
    await page.getByText("No name or e-mail matches").waitFor();
    expect(await lowContrast(page)).toEqual([]);

    await page.getByRole("link", { name: "Identity" }).click();
    await page.getByRole("heading", { name: "Records that say too little" }).waitFor();
    await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
    expect(await lowContrast(page)).toEqual([]);
  },
);

/** As when one comes back to the tab: the page asks at once, rather than within seconds. */
async function comeBack(page: Window["page"]): Promise<void> {
  await page.evaluate("dispatchEvent(new Event('visibilitychange'))");
}

/** The text of what has the focus. */
async function focused(page: Window["page"]): Promise<unknown> {
  return page.evaluate("document.activeElement.textContent");
}
