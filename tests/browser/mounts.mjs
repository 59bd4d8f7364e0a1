// Tests sites built for a prefix and packed with --mount in Chromium: the first page, clicks,
// reloads, going back, paths without a file, and the search.
//
//     node tests/browser/mounts.mjs EXECUTABLE
//     node tests/browser/mounts.mjs EXECUTABLE FOLDER MOUNT [OPTION...]
//
// Builds a Vite app with vue-router and a VitePress site, or takes a built FOLDER and packs it with
// the given options. Needs Chromium (Debian: chromium), and `npm ci` in this folder and in mounts/.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { launchChromium, pack, start } from "./setup.mjs";

const executable = resolve(process.argv[2]);
const SOURCES = new URL("mounts/", import.meta.url).pathname;
const CLICKS_MAX = 60;
// VitePress 1.6 marks the current heading 100 ms after a scroll, even if the page was left by then.
const OUTLINE_ERROR = /^Cannot read properties of null \(reading 'style'\)$/;

const builtBy = (tool, source, mount) => (output) =>
  execFileSync(join(SOURCES, "node_modules/.bin", tool),
    ["build", source, "--base", mount, "--outDir", output], { cwd: SOURCES, stdio: "pipe" });
// Each `search` is a query and the path of its first result below the mount.
const BUILT = [
  { name: "vite", mount: "/my-repo/", options: ["--spa"], pages: 4,
    build: builtBy("vite", "app", "/my-repo/") },
  { name: "vitepress", mount: "/team/docs/", options: [], pages: 4,
    build: builtBy("vitepress", "docs", "/team/docs/"), search: ["burns", "lanterns.html"] },
];
const [folder, mount, ...options] = process.argv.slice(3);
const sites = folder
  ? [{ name: basename(folder), mount, options, folder: resolve(folder), pages: 1 }]
  : BUILT;

let scratch, browser;

before(async () => {
  scratch = mkdtempSync(join(tmpdir(), "chapbook-mounts-"));
  browser = await launchChromium();
});

after(async () => {
  await browser?.close();
  for (const site of sites) site.server?.stop();
  rmSync(scratch, { recursive: true });
});

// Whether a site loads from other hosts, which is no matter of the mount.
const isOnline = (site) => site.options.includes("external-load");

// Opens a page that adds what goes wrong to `problems`. The URL `page.missing` may fail, and so may
// the icon that browsers request from each origin; `page.above` may be outside of the mount.
async function openPage(context, site, problems) {
  const page = await context.newPage();
  const { origin } = site.server;
  const isExplained = (url) => url === page.missing || url === `${origin}/favicon.ico`;
  const isInside = (url) => url.startsWith(site.home) || url === page.above
    || /^(data|blob):/.test(url) || isOnline(site) && !url.startsWith(`${origin}/`);
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type()) && !isExplained(message.location().url)) {
      problems.add(`console: ${message.text()} at ${message.location().url}`);
    }
  });
  page.on("pageerror", (error) => {
    if (!OUTLINE_ERROR.test(error.message)) problems.add(`exception: ${error}`);
  });
  page.on("requestfailed", (request) => {
    // The browser aborts what a page that is left still loads.
    const reason = request.failure()?.errorText;
    if (reason !== "net::ERR_ABORTED") problems.add(`failed: ${request.url()} ${reason}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400 && !isExplained(response.url())) {
      problems.add(`status ${response.status()}: ${response.url()}`);
    }
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!isInside(url) && !isExplained(url)) problems.add(`outside of the mount: ${url}`);
  });
  return page;
}

// Title and visible text. A page without text has not been rendered yet.
const textOf = (page) =>
  page.evaluate(() => document.body.innerText && `${document.title}\n${document.body.innerText}`);
const pathOf = (url) => new URL(url).pathname;
const withoutSlash = (path) => path.replace(/\/$/, "");

// Waits until the page shows `text` at `path`, with or without a slash.
async function assertShows(page, path, text, what) {
  const deadline = Date.now() + 5000;
  const isShown = async () =>
    withoutSlash(pathOf(page.url())) === withoutSlash(path) && await textOf(page) === text;
  while (!await isShown()) {
    if (Date.now() > deadline) {
      assert.deepEqual([pathOf(page.url()), await textOf(page)], [path, text], what);
      return;
    }
    await page.waitForTimeout(20);
  }
}

// Visible links from the current page to others in the site, each with its position in the page.
const linksOf = (page) => page.locator("a[href]").evaluateAll((links) =>
  links.map((link, position) => ({ link, position, url: new URL(link.href) }))
    .filter(({ link, url }) =>
      url.origin === location.origin && url.pathname !== location.pathname && !link.target
      && link.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
    .map(({ position, url }) => ({ position, path: url.pathname, hash: url.hash })));

// Opens a URL and returns the text that it shows, or null if it is not a page.
async function textAt(page, url) {
  await page.goto(url, { waitUntil: "networkidle" });
  return await page.evaluate(() => document.contentType) === "text/html" ? textOf(page) : null;
}

// Clicks through all links that are visible. Each page must be the same after a click as when it is
// opened and reloaded, and going back must lead to the page before.
async function walk(page, fresh, site) {
  const texts = new Map([[withoutSlash(site.mount), await textAt(fresh, site.home)]]);
  const queue = [site.mount];
  let clicks = 0;
  for (const from of queue) {
    const source = site.server.origin + from;
    await page.goto(source, { waitUntil: "networkidle" });
    for (const { position, path, hash } of await linksOf(page)) {
      if (texts.has(withoutSlash(path)) || clicks === CLICKS_MAX) continue;
      const text = await textAt(fresh, site.server.origin + path + hash);
      texts.set(withoutSlash(path), text);
      if (text === null) continue;
      clicks += 1;
      const what = `from ${from} to ${path}`;
      await page.locator("a[href]").nth(position).click({ timeout: 5000 });
      await assertShows(page, path, text, `clicked ${what}`);
      // Going back is up to the scripts of the page.
      await page.reload({ waitUntil: "networkidle" });
      await assertShows(page, path, text, `reloaded ${what}`);
      await page.goBack();
      await assertShows(page, from, texts.get(withoutSlash(from)), `back ${what}`);
      queue.push(path);
    }
  }
  assert.ok(queue.length >= site.pages, `only ${queue} were found`);
  return queue;
}

// Each folder above the mount leads to it, and so does the mount without its slash.
async function assertFirstPage(page, site) {
  assert.equal(site.server.url, site.home);
  const folders = site.mount.split("/").slice(1, -1);
  const paths = folders.map((_, depth) => [["", ...folders.slice(0, depth), ""].join("/"), 302]);
  if (site.mount !== "/") paths.push([withoutSlash(site.mount), 308]);
  for (const [path, status] of [...paths, [site.mount, undefined]]) {
    page.above = site.server.origin + path;
    const response = await page.goto(page.above, { waitUntil: "networkidle" });
    assert.equal(page.url(), site.home, path);
    const redirect = await response.request().redirectedFrom()?.response();
    assert.equal(redirect?.status(), status, path);
  }
}

// A path without a file gets the app, or the site's own page for missing paths.
async function assertMissing(page, site) {
  const status = site.options.includes("--spa") ? 200 : 404;
  const paths = [["no/such.page", status], ["nope", status], ["nope.js", 404]];
  if (site.mount !== "/") paths.push(["/outside", 404]);
  for (const [path, status] of paths) {
    page.missing = new URL(path, site.home).href;
    const response = await page.goto(page.missing, { waitUntil: "networkidle" });
    assert.equal(response.status(), status, path);
    assert.notEqual(await textOf(page), "", path);
  }
}

async function assertSearch(page, site) {
  const [query, path] = site.search;
  await page.goto(site.home, { waitUntil: "networkidle" });
  await page.locator("#local-search button").click();
  await page.locator("#localsearch-input").fill(query);
  await page.locator(".VPLocalSearchBox .result").first().waitFor({ timeout: 5000 });
  await page.keyboard.press("Enter");
  await page.waitForURL(`${site.home}${path}*`, { timeout: 5000 });
}

async function openSite(site) {
  const built = site.folder ?? join(scratch, `${site.name}-site`);
  site.build?.(built);
  const demo = join(scratch, site.name);
  pack(executable, built, demo, ["--mount", site.mount, ...site.options]);
  site.server = await start(demo);
  site.home = site.server.origin + site.mount;
  const context = await browser.newContext({ reducedMotion: "reduce" });
  // A route switches the browser's cache off.
  if (isOnline(site)) {
    await context.route((url) => url.origin !== site.server.origin, (route) =>
      route.fulfill({ status: 204 }));
  }
  return context;
}

for (const site of sites) {
  test(`${site.name} at ${site.mount}`, { timeout: 900_000 }, async (t) => {
    const context = await openSite(site);
    const problems = new Set();
    const row = (name, work) => t.test(name, async () => {
      await work(await openPage(context, site, problems));
      const found = [...problems];
      problems.clear();
      assert.deepEqual(found, []);
    });
    try {
      await row("the first page", (page) => assertFirstPage(page, site));
      await row("clicks, reloads, and going back", async (page) => {
        const fresh = await openPage(context, site, problems);
        const paths = await walk(page, fresh, site);
        t.diagnostic(`${paths.length} pages: ${paths.join(" ")}`);
      });
      await row("paths without a file", (page) => assertMissing(page, site));
      if (site.search) await row("the search", (page) => assertSearch(page, site));
    } finally {
      await context.close();
    }
  });
}
