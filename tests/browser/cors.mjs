// Tests cross-origin requests in Chromium: a page of one packed site reads other packed sites whose
// `_headers` allow it, or do not.
//
//     node tests/browser/cors.mjs EXECUTABLE
//
// Needs Chromium (Debian: chromium) and `npm ci` in this folder.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { launchChromium, pack, start } from "./setup.mjs";

const executable = resolve(process.argv[2]);
const PAGE = `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Page</title>
<link rel="icon" href="data:,">
<p>A page that reads from other origins.</p>
`;
const CUSTOM = { "X-Custom": "1" };
const ORIGIN = "Access-Control-Allow-Origin: *";
const FIELD = "Access-Control-Allow-Headers: X-Custom";
// The lines of `_headers` below `/*`, and the mount.
const SITES = {
  page: [[], "/"],
  public: [["Content-Security-Policy: treat-as-public-address"], "/"],
  open: [[ORIGIN, FIELD, "Access-Control-Expose-Headers: Content-Range"], "/"],
  wildcard: [[ORIGIN, "Access-Control-Allow-Headers: *"], "/"],
  simple: [[ORIGIN], "/"],
  closed: [[], "/"],
  mounted: [[ORIGIN, FIELD], "/repo/"],
};
// Site, method, path, fields of the request, the status that the page reads or `null` if the
// browser refuses it, and what the server logs.
const ROWS = [
  ["open", "GET", "data.json", {}, 200, "GET 200"],
  ["open", "GET", "data.json", CUSTOM, 200, "OPTIONS 204, GET 200"],
  ["open", "HEAD", "data.json", CUSTOM, 200, "OPTIONS 204, HEAD 200"],
  ["open", "GET", "data.json", { ...CUSTOM, Range: "bytes=2-4" }, 206, "OPTIONS 204, GET 206"],
  ["open", "GET", "data.json", { ...CUSTOM, Range: "bytes=999-" }, 416, "OPTIONS 204, GET 416"],
  ["open", "GET", "nope", {}, 404, "GET 404"],
  ["open", "POST", "data.json", {}, 405, "POST 405"],
  ["open", "PUT", "data.json", {}, null, "OPTIONS 204"],
  ["open", "GET", "data.json", { "X-Other": "1" }, null, "OPTIONS 204"],
  ["open", "GET", "nope", CUSTOM, 404, "OPTIONS 204, GET 404"],
  ["open", "GET", "nope", { "X-Other": "1" }, null, "OPTIONS 204"],
  // Redirects have no fields of `_headers`.
  ["open", "GET", "folder", {}, null, "GET 308"],
  ["open", "GET", "old", {}, null, "GET 301"],
  ["wildcard", "GET", "data.json", { "X-Other": "1" }, 200, "OPTIONS 204, GET 200"],
  ["simple", "GET", "data.json", {}, 200, "GET 200"],
  ["simple", "GET", "data.json", { Range: "bytes=2-4" }, 206, "GET 206"],
  ["simple", "GET", "data.json", { Range: "bytes=999-" }, 416, "GET 416"],
  ["simple", "GET", "nope", {}, 404, "GET 404"],
  ["simple", "GET", "data.json", CUSTOM, null, "OPTIONS 204"],
  ["closed", "GET", "data.json", {}, null, "GET 200"],
  ["closed", "GET", "data.json", CUSTOM, null, "OPTIONS 204"],
  ["closed", "GET", "nope", {}, null, "GET 404"],
  ["closed", "GET", "nope", CUSTOM, null, "OPTIONS 404"],
  ["mounted", "GET", "data.json", CUSTOM, 200, "OPTIONS 204, GET 200"],
  ["mounted", "GET", "nope", {}, 404, "GET 404"],
  ["mounted", "GET", "nope", CUSTOM, 404, "OPTIONS 204, GET 404"],
];

let scratch, browser;
const servers = {};

function writeSite(folder, fields, mount) {
  const files = { "index.html": PAGE, "folder/index.html": PAGE, "data.json": '{"answer": 42}\n' };
  if (fields.length > 0) files._headers = [`${mount}*`, ...fields].join("\n  ") + "\n";
  files._redirects = `${mount}old ${mount}data.json 301\n`;
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

before(async () => {
  scratch = mkdtempSync(join(tmpdir(), "chapbook-cors-"));
  for (const [name, [fields, mount]] of Object.entries(SITES)) {
    const folder = join(scratch, `${name}-site`);
    writeSite(folder, fields, mount);
    pack(executable, folder, join(scratch, name), ["--mount", mount]);
    servers[name] = await start(join(scratch, name), ["--log", "json"]);
  }
  browser = await launchChromium();
});

after(async () => {
  await browser?.close();
  for (const server of Object.values(servers)) server.stop();
  rmSync(scratch, { recursive: true });
});

// Fetches a URL from a page of another origin. A new context has no cached preflights.
async function fetchFrom(pageUrl, url, init, permissions = []) {
  const context = await browser.newContext({ permissions });
  try {
    const page = await context.newPage();
    await page.goto(pageUrl);
    return await page.evaluate(async ([url, init]) => {
      try {
        const response = await fetch(url, init);
        return { status: response.status, range: response.headers.get("content-range") };
      } catch (error) {
        return { status: null, range: null, error: String(error) };
      }
    }, [url, init]);
  } finally {
    await context.close();
  }
}

// Compares what a server logged since the last call. A log line may arrive after its response.
async function assertLogged(server, expected) {
  const deadline = Date.now() + 5000;
  const count = expected.split(", ").length;
  while (server.lines.length < count && Date.now() < deadline) await setTimeout(20);
  const lines = server.lines.splice(0).map((line) => JSON.parse(line));
  assert.equal(lines.map((line) => `${line.method} ${line.status}`).join(", "), expected);
}

for (const [site, method, path, headers, status, logged] of ROWS) {
  const name = [site, method, path, ...Object.entries(headers).map((it) => it.join("="))].join(" ");
  test(`${name}: ${status ?? "refused"}`, { timeout: 30_000 }, async () => {
    const server = servers[site];
    const result = await fetchFrom(servers.page.url, server.url + path, { method, headers });
    assert.equal(result.status, status, result.error);
    await assertLogged(server, logged);
    const range = { 206: "bytes 2-4/15", 416: "bytes */15" }[status];
    if (site === "open" && range) assert.equal(result.range, range);
  });
}

// Chromium asks the user if a page of a public network may request a private address. Earlier it
// asked the server (Access-Control-Request-Private-Network).
for (const [permissions, status] of [[["local-network-access"], 200], [[], null]]) {
  const name = permissions.length > 0 ? "with" : "without";
  test(`a page of a public network ${name} permission`, { timeout: 30_000 }, async () => {
    const url = `${servers.open.url}data.json`;
    const result = await fetchFrom(servers.public.url, url, { headers: CUSTOM }, permissions);
    assert.equal(result.status, status, result.error);
    if (status) await assertLogged(servers.open, "OPTIONS 204, GET 200");
    else assert.deepEqual(servers.open.lines, []);
  });
}
