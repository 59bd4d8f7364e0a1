// Owns what a person sees of the default site: its pages in a real browser, from a release
// executable. Knows the book's facts from site/book.json only, and nothing of how they are shown.
//
//     node tests/browser/pages.mjs EXECUTABLE FOLDER
//
// FOLDER gets a picture of each row. It needs Chromium (Debian: chromium) and `npm ci` beside it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

const [executable, folder] = process.argv.slice(2);
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
  "--disable-background-networking", "--disable-component-update",
];
const SAID = { true: "Available now", false: "Not available" };
const book = JSON.parse(readFileSync(new URL("../../site/book.json", import.meta.url)));

// Each leaf of the book as a person reads it.
const leaves = (value) => Object.values(value).flatMap(
  (it) => (typeof it === "object" ? leaves(it) : [SAID[it] ?? String(it)]));

// Nothing here takes longer, and a browser that hangs would hang for ever.
const row = (name, work) => test(name, { timeout: 30_000 }, work);

const HOME = "/";
const GONE = "/nope";
const DARK = { colorScheme: "dark" };
const FORCED = { forcedColors: "active" };
const NO_SCRIPT = { javaScriptEnabled: false };
// Picture, path, width, height, what else is asked of the browser.
const LOOKS = [
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
  ["across", HOME, 667, 375, {}],
  ["forced-colours", HOME, 1280, 800, FORCED],
  ["no-script", HOME, 1280, 800, NO_SCRIPT],
  ["no-script-narrow-dark", HOME, 320, 568, { ...NO_SCRIPT, ...DARK }],
  ["404", GONE, 1280, 800, {}],
  ["404-dark", GONE, 1280, 800, DARK],
  ["404-tablet", GONE, 768, 1024, {}],
  ["404-narrow", GONE, 320, 568, {}],
  ["404-narrow-dark", GONE, 320, 568, DARK],
  ["404-forced-colours", GONE, 1280, 800, FORCED],
  ["404-no-script", GONE, 1280, 800, NO_SCRIPT],
  ["404-no-script-narrow", GONE, 320, 568, NO_SCRIPT],
];

let server, origin, browser;
const answered = [];

before(async () => {
  mkdirSync(folder, { recursive: true });
  server = spawn(executable, ["--port", "0", "--log", "json"],
    { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((listening, failed) => {
    server.on("exit", (code) => failed(new Error(`${executable} ended with ${code}`)));
    createInterface(server.stdout).on("line", (line) => {
      const address = line.match(/^Listening on (http:\S+)\/$/)?.[1];
      if (address) {
        origin = address;
        listening();
      } else {
        answered.push(JSON.parse(line));
      }
    });
  });
  browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
});

after(async () => {
  await browser?.close();
  server.kill();
});

// A page and all that it says, asks for and fails at. `work` gets both.
async function visit(options, work) {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const heard = { said: [], failed: [], elsewhere: [], asked: [] };
  page.on("console", (it) => heard.said.push(it.text()));
  page.on("pageerror", (it) => heard.said.push(String(it)));
  page.on("requestfailed", (it) => heard.failed.push(`${it.url()} ${it.failure()?.errorText}`));
  page.on("request", (it) => {
    heard.asked.push(it);
    if (new URL(it.url()).origin !== origin) heard.elsewhere.push(it.url());
  });
  try {
    await work(page, heard);
  } finally {
    await context.close();
  }
}

const pathOf = (request) => new URL(request.url()).pathname;
const isBookShown = (page) => page.locator("#book").waitFor({ timeout: 5000 });
const picture = (page, name) => page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });

async function hasNoViolation(page) {
  // Axe judges no contrast where a picture may lie below: the lines of the paper, which are as good
  // as invisible, and the rays of the woodcut, which are cut off before they reach any text.
  await page.addStyleTag({
    content: "* { background-image: none !important } svg :not(title) { display: none !important }",
  });
  const { violations, incomplete, passes } = await new AxeBuilder({ page }).analyze();
  const wrong = [...violations, ...incomplete].flatMap(
    (it) => it.nodes.map((node) => `${it.id} at ${node.target}: ${node.failureSummary}`));
  assert.deepEqual(wrong, []);
  assert.ok(passes.length > 10, `only ${passes.length} rules were looked at`);
}

async function hasFacts(page) {
  const text = await page.locator("body").innerText();
  const missing = leaves(book).filter((it) => !text.includes(it));
  assert.deepEqual(missing, [], "facts of the book that the page doesn't show");
}

for (const [name, path, width, height, options] of LOOKS) {
  row(`the look of ${name}, ${width} by ${height}`, () =>
    visit({ viewport: { width, height }, ...options }, async (page, heard) => {
      const answer = await page.goto(origin + path, { waitUntil: "networkidle" });
      assert.equal(answer.status(), path === GONE ? 404 : 200);
      const isScripted = options.javaScriptEnabled !== false;
      if (path === HOME && isScripted) {
        await isBookShown(page);
        await hasFacts(page);
      }
      await picture(page, name);
      const [needed, given] = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return [scrollWidth, clientWidth];
      });
      assert.ok(needed <= given, `it is ${needed} wide where ${given} are`);
      // It is a script itself.
      if (isScripted) await hasNoViolation(page);
      // A browser says itself that the page was a 404.
      const said = heard.said.filter((it) => path !== GONE || !/status of 404/.test(it));
      assert.deepEqual({ ...heard, said, asked: [] },
        { said: [], failed: [], elsewhere: [], asked: [] });
    }));
}

row("a reload asks whether anything has changed, and nothing has", () =>
  visit({}, async (page, heard) => {
    await page.goto(origin + HOME, { waitUntil: "networkidle" });
    await isBookShown(page);
    const first = heard.asked.map(pathOf).sort();
    assert.ok(first.length >= 4, `it asked for ${first} only`);
    for (const it of heard.asked) {
      assert.equal(await (await it.response()).headerValue("cache-control"), "no-cache");
    }
    // A line of the log may come behind the answer that it is about.
    const settled = async (count) => {
      while (answered.length < count) await new Promise((it) => server.stdout.once("data", it));
    };
    await settled(first.length);
    heard.asked.length = 0;
    const start = answered.length;
    await page.reload({ waitUntil: "networkidle" });
    await isBookShown(page);
    for (const it of heard.asked) {
      assert.match(await it.headerValue("if-none-match"), /^"[0-9a-f]{32}"$/, it.url());
    }
    await settled(start + first.length);
    const again = answered.slice(start);
    assert.deepEqual(again.map((it) => it.target).sort(), first);
    assert.deepEqual(again.filter((it) => it.status !== 304 || it.bytes !== 0), []);
    await hasFacts(page);
  }));

row("without scripts, the book and the way home are one click away", () =>
  visit(NO_SCRIPT, async (page) => {
    await page.goto(origin + HOME);
    await page.locator("noscript a").click();
    assert.deepEqual(JSON.parse(await page.locator("body").innerText()), book);
    await page.goto(origin + GONE);
    await page.locator("a").click();
    assert.equal(page.url(), `${origin}/`);
  }));

row("a book that doesn't come is said, and comes when it is asked for again", () =>
  visit({ viewport: { width: 1280, height: 800 } }, async (page) => {
    await page.route("**/book", (route) => route.abort());
    await page.goto(origin + HOME, { waitUntil: "networkidle" });
    const button = page.getByRole("button");
    await button.waitFor();
    assert.match(await page.getByRole("status").innerText(), /could not be fetched/);
    await picture(page, "failed");
    await hasNoViolation(page);
    await page.unroute("**/book");
    await button.focus();
    await page.keyboard.press("Enter");
    await isBookShown(page);
    await hasFacts(page);
    assert.equal(await page.evaluate(() => document.activeElement.id), "book-title");
  }));

for (const [name, path] of [["print", HOME], ["404-print", GONE]]) {
  row(`on paper: ${name}`, () =>
    visit({ colorScheme: "dark" }, async (page) => {
      await page.goto(origin + path, { waitUntil: "networkidle" });
      if (path === HOME) await isBookShown(page);
      for (const format of ["A4", "Letter"]) {
        const margin = { top: "1cm", right: "1cm", bottom: "1cm", left: "1cm" };
        const sheet = await page.pdf({ path: `${folder}/${name}-${format}.pdf`, format, margin });
        assert.equal(sheet.toString("latin1").match(/\/Type\s*\/Page\b/g).length, 1, format);
      }
      await page.emulateMedia({ media: "print" });
      if (path === HOME) await hasFacts(page);
      await picture(page, name);
    }));
}
