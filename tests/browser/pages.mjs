// Tests the pages of the default site in Chromium, served by a release executable.
//
//     node tests/browser/pages.mjs EXECUTABLE FOLDER
//
// Writes a screenshot of each view to FOLDER. Needs Chromium (Debian: chromium) and `npm ci` in
// this folder.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { AxeBuilder } from "@axe-core/playwright";
import { launchChromium, start } from "./setup.mjs";

const [executable, folder] = process.argv.slice(2);
const LABELS = { true: "Available now", false: "Not available" };
const book = JSON.parse(readFileSync(new URL("../../site/book.json", import.meta.url)));

// Each value of the book as the page shows it.
const shownValues = (value) => Object.values(value).flatMap(
  (it) => (typeof it === "object" ? shownValues(it) : [LABELS[it] ?? String(it)]));

// A browser that hangs would otherwise hang the test.
const row = (name, work) => test(name, { timeout: 30_000 }, work);

const HOME = "/";
const MISSING = "/nope";
const DARK = { colorScheme: "dark" };
const FORCED = { forcedColors: "active" };
const NO_SCRIPT = { javaScriptEnabled: false };
// Screenshot, path, width, height, options of the browser.
const VIEWS = [
  ["wide", HOME, 1280, 800, {}],
  ["wide-dark", HOME, 1280, 800, DARK],
  ["large", HOME, 1920, 1080, {}],
  ["low", HOME, 1024, 600, {}],
  ["tablet", HOME, 768, 1024, {}],
  ["tablet-dark", HOME, 768, 1024, DARK],
  ["phone", HOME, 375, 667, {}],
  ["phone-dark", HOME, 375, 667, DARK],
  ["narrow", HOME, 320, 568, {}],
  ["narrow-dark", HOME, 320, 568, DARK],
  ["landscape", HOME, 667, 375, {}],
  ["forced-colours", HOME, 1280, 800, FORCED],
  ["no-script", HOME, 1280, 800, NO_SCRIPT],
  ["no-script-narrow-dark", HOME, 320, 568, { ...NO_SCRIPT, ...DARK }],
  ["404", MISSING, 1280, 800, {}],
  ["404-dark", MISSING, 1280, 800, DARK],
  ["404-tablet", MISSING, 768, 1024, {}],
  ["404-narrow", MISSING, 320, 568, {}],
  ["404-narrow-dark", MISSING, 320, 568, DARK],
  ["404-forced-colours", MISSING, 1280, 800, FORCED],
  ["404-no-script", MISSING, 1280, 800, NO_SCRIPT],
  ["404-no-script-narrow", MISSING, 320, 568, NO_SCRIPT],
];

let server, origin, browser;

before(async () => {
  mkdirSync(folder, { recursive: true });
  server = await start(executable, ["--log", "json"]);
  origin = server.origin;
  browser = await launchChromium();
});

after(async () => {
  await browser?.close();
  server?.stop();
});

// Opens a page and records its console output, failed requests, requests to other origins, and all
// requests. `work` gets the page and the record.
async function visit(options, work) {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const record = { console: [], failed: [], foreign: [], requests: [] };
  page.on("console", (message) => record.console.push(message.text()));
  page.on("pageerror", (error) => record.console.push(String(error)));
  page.on("requestfailed", (request) =>
    record.failed.push(`${request.url()} ${request.failure()?.errorText}`));
  page.on("request", (request) => {
    record.requests.push(request);
    if (new URL(request.url()).origin !== origin) record.foreign.push(request.url());
  });
  try {
    await work(page, record);
  } finally {
    await context.close();
  }
}

const pathOf = (request) => new URL(request.url()).pathname;
const waitForBook = (page) => page.locator("#book").waitFor({ timeout: 5000 });
const screenshot = (page, name) =>
  page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });

async function assertAccessible(page) {
  // axe cannot compute contrast above images. Here they are the lines of the paper, which are
  // nearly invisible, and the rays of the woodcut, which end before any text.
  await page.addStyleTag({
    content: "* { background-image: none !important } svg :not(title) { display: none !important }",
  });
  const { violations, incomplete, passes } = await new AxeBuilder({ page }).analyze();
  const problems = [...violations, ...incomplete].flatMap(
    (it) => it.nodes.map((node) => `${it.id} at ${node.target}: ${node.failureSummary}`));
  assert.deepEqual(problems, []);
  assert.ok(passes.length > 10, `only ${passes.length} rules were checked`);
}

async function assertFacts(page) {
  const text = await page.locator("body").innerText();
  const missing = shownValues(book).filter((value) => !text.includes(value));
  assert.deepEqual(missing, [], "values of the book that the page does not show");
}

for (const [name, path, width, height, options] of VIEWS) {
  row(`view ${name}, ${width} by ${height}`, () =>
    visit({ viewport: { width, height }, ...options }, async (page, record) => {
      const response = await page.goto(origin + path, { waitUntil: "networkidle" });
      assert.equal(response.status(), path === MISSING ? 404 : 200);
      const isScripted = options.javaScriptEnabled !== false;
      if (path === HOME && isScripted) {
        await waitForBook(page);
        await assertFacts(page);
      }
      await screenshot(page, name);
      const [needed, available] = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return [scrollWidth, clientWidth];
      });
      assert.ok(needed <= available, `the page is ${needed} wide, the view ${available}`);
      // axe is a script.
      if (isScripted) await assertAccessible(page);
      // The browser itself reports the 404 on the console.
      const messages = record.console.filter((it) => path !== MISSING || !/status of 404/.test(it));
      assert.deepEqual({ ...record, console: messages, requests: [] },
        { console: [], failed: [], foreign: [], requests: [] });
    }));
}

row("a reload revalidates every file and gets 304", () =>
  visit({}, async (page, record) => {
    await page.goto(origin + HOME, { waitUntil: "networkidle" });
    await waitForBook(page);
    const first = record.requests.map(pathOf).sort();
    assert.ok(first.length >= 4, `the page requested only ${first}`);
    for (const request of record.requests) {
      assert.equal(await (await request.response()).headerValue("cache-control"), "no-cache");
    }
    // A log line may arrive after its response.
    const logLines = async (count) => {
      while (server.lines.length < count) await setTimeout(20);
    };
    await logLines(first.length);
    record.requests.length = 0;
    const loaded = server.lines.length;
    await page.reload({ waitUntil: "networkidle" });
    await waitForBook(page);
    for (const request of record.requests) {
      const tag = await request.headerValue("if-none-match");
      assert.match(tag, /^"[0-9a-f]{32}"$/, request.url());
    }
    await logLines(loaded + first.length);
    const lines = server.lines.slice(loaded).map((line) => JSON.parse(line));
    assert.deepEqual(lines.map((line) => line.target).sort(), first);
    assert.deepEqual(lines.filter((line) => line.status !== 304 || line.bytes !== 0), []);
    await assertFacts(page);
  }));

row("without scripts, the book and the home page are one click away", () =>
  visit(NO_SCRIPT, async (page) => {
    await page.goto(origin + HOME);
    await page.locator("noscript a").click();
    assert.deepEqual(JSON.parse(await page.locator("body").innerText()), book);
    await page.goto(origin + MISSING);
    await page.locator("a").click();
    assert.equal(page.url(), `${origin}/`);
  }));

row("the page reports that the book cannot be fetched, and a retry shows it", () =>
  visit({ viewport: { width: 1280, height: 800 } }, async (page) => {
    await page.route("**/book", (route) => route.abort());
    await page.goto(origin + HOME, { waitUntil: "networkidle" });
    const button = page.getByRole("button");
    await button.waitFor();
    assert.match(await page.getByRole("status").innerText(), /could not be fetched/);
    await screenshot(page, "failed");
    await assertAccessible(page);
    await page.unroute("**/book");
    await button.focus();
    await page.keyboard.press("Enter");
    await waitForBook(page);
    await assertFacts(page);
    assert.equal(await page.evaluate(() => document.activeElement.id), "book-title");
  }));

for (const [name, path] of [["print", HOME], ["404-print", MISSING]]) {
  row(`printed: ${name}`, () =>
    visit({ colorScheme: "dark" }, async (page) => {
      await page.goto(origin + path, { waitUntil: "networkidle" });
      if (path === HOME) await waitForBook(page);
      for (const format of ["A4", "Letter"]) {
        const margin = { top: "1cm", right: "1cm", bottom: "1cm", left: "1cm" };
        const pdf = await page.pdf({ path: `${folder}/${name}-${format}.pdf`, format, margin });
        assert.equal(pdf.toString("latin1").match(/\/Type\s*\/Page\b/g).length, 1, format);
      }
      await page.emulateMedia({ media: "print" });
      if (path === HOME) await assertFacts(page);
      await screenshot(page, name);
    }));
}
