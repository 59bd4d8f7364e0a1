// Tests `--reload` in Chromium, under a policy that allows only the site's own scripts: a change of
// a style sheet is applied without a reload, and any other change reloads the page.
//
//     node tests/browser/reload.mjs EXECUTABLE
//
// Needs Chromium (Debian: chromium) and `npm ci` in this folder.

import assert from "node:assert/strict";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { launchChromium, start } from "./setup.mjs";

const executable = resolve(process.argv[2]);
const page = (text) => `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Page</title>
<link rel="icon" href="/icon.png">
<link rel="stylesheet" href="/first.css">
<link rel="stylesheet" href="/second.css">
<p id="text">${text}</p>
<div class="tall"></div>
`;
const color = (value) => `#text { color: ${value} }\n`;
// The policies, and whether pages reload under them.
const POLICIES = [["default-src 'self'", true], ["script-src 'none'", false]];

let folder, browser;

// Puts a file into the place of another one at once.
function write(path, text) {
  writeFileSync(join(folder, ".partial"), text);
  renameSync(join(folder, ".partial"), join(folder, path));
}

before(async () => {
  browser = await launchChromium();
});

after(async () => {
  await browser?.close();
});

for (const [policy, reloads] of POLICIES) {
  test(`${policy}: ${reloads ? "reloads" : "does not reload"}`, { timeout: 60_000 }, async () => {
    folder = mkdtempSync(join(tmpdir(), "chapbook-reload-"));
    write("index.html", page("one"));
    write("first.css", color("rgb(1, 0, 0)") + ".tall { height: 5000px }\n");
    write("second.css", color("rgb(2, 0, 0)"));
    write("icon.png", "");
    write("_headers", `/*\n  Content-Security-Policy: ${policy}\n`);
    const server = await start(executable, [folder, "--reload"]);
    try {
      await check(server, reloads);
    } finally {
      server.stop();
      rmSync(folder, { recursive: true });
    }
  });
}

async function check(server, reloads) {
  const context = await browser.newContext();
  const tab = await context.newPage();
  const problems = [];
  tab.on("pageerror", (error) => problems.push(String(error)));
  tab.on("console", (message) => {
    if (/Refused|violates/.test(message.text())) problems.push(message.text());
  });
  let loads = 0;
  tab.on("load", () => (loads += 1));
  await tab.goto(server.url);
  const style = () => tab.evaluate(() => getComputedStyle(document.querySelector("#text")).color);
  assert.equal(await style(), "rgb(2, 0, 0)");
  if (!reloads) {
    const before = tab.url();
    write("index.html", page("two"));
    // The server has the new page, and the browser never asks for it.
    while (!(await (await context.request.get(server.url)).text()).includes("two"));
    assert.equal(await tab.textContent("#text"), "one");
    assert.deepEqual([tab.url(), loads], [before, 1]);
    await context.close();
    return;
  }
  await tab.evaluate(() => scrollTo(0, 1234));
  await tab.evaluate(() => (window.mark = "kept"));
  write("second.css", color("rgb(3, 0, 0)"));
  await tab.waitForFunction(
    () => getComputedStyle(document.querySelector("#text")).color === "rgb(3, 0, 0)");
  await tab.waitForFunction(() => document.querySelectorAll("link[rel=stylesheet]").length === 2);
  // The order of the style sheets is the same: the second one still applies.
  write("first.css", color("rgb(9, 0, 0)") + ".tall { height: 6000px }\n");
  await tab.waitForFunction(() => document.querySelector(".tall").offsetHeight === 6000);
  assert.equal(await style(), "rgb(3, 0, 0)");
  assert.deepEqual([await tab.evaluate(() => window.mark), loads], ["kept", 1]);
  write("index.html", page("two"));
  await tab.waitForFunction(() => document.querySelector("#text").textContent === "two");
  await tab.waitForFunction(() => scrollY === 1234);
  assert.equal(await tab.evaluate(() => window.mark), undefined);
  // A page that has an error for a moment is not shown, and the next good one is.
  write("_redirects", "/a /b 999\n");
  write("index.html", page("three"));
  rmSync(join(folder, "_redirects"));
  await tab.waitForFunction(() => document.querySelector("#text").textContent === "three");
  assert.deepEqual(problems, []);
  await context.close();
}
