// Tests in Chromium what a page of `--lan --https` may do at an address of the local network: with
// the local CA installed, after a click through the warning without it, and over plain HTTP.
//
//     node tests/browser/https.mjs EXECUTABLE
//
// Needs Chromium, certutil (Debian: chromium, libnss3-tools) and `npm ci` in this folder. A machine
// without a private address gets one while the tests run, which needs root; otherwise they are
// skipped.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { launchChromium, start } from "./setup.mjs";

const executable = resolve(process.argv[2]);
const PRIVATE = /^(10\.|172\.(1[6-9]|2\d|3[01])\.|192\.168\.|f[cd])/;
const ADDED = ["192.168.77.1/32", "dev", "lo"];
const PAGE = `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Page</title>
<link rel="icon" href="data:,">
<p>A page that needs a secure context.</p>
`;
const FILES = {
  "index.html": PAGE,
  "worker.js": `
    addEventListener("activate", (event) => event.waitUntil(clients.claim()));
    addEventListener("fetch", (event) => {
      if (event.request.url.endsWith("/from-worker")) event.respondWith(new Response("worker"));
    });
  `,
  _headers: `/*
  Cross-Origin-Opener-Policy: same-origin
  Cross-Origin-Embedder-Policy: require-corp
`,
};
// What a page can do in each case. A clicked-through warning gives a secure context, but no service
// worker.
const CASES = {
  "with the CA": [true, true],
  "after the warning": [true, false],
  "over plain HTTP": [false, false],
};

let scratch, https, http, isAdded, skip;
const home = () => join(scratch, "home");
const environment = () =>
  ({ ...process.env, HOME: home(), XDG_STATE_HOME: join(scratch, "state") });

const privateAddress = () => Object.values(networkInterfaces()).flat()
  .map((it) => it.address).find((it) => PRIVATE.test(it));

// The first private address; adds one if there is none.
function findAddress() {
  if (privateAddress()) return privateAddress();
  try {
    execFileSync("ip", ["addr", "add", ...ADDED], { stdio: "ignore" });
    isAdded = true;
  } catch (error) {
    // CI can add one, and must not skip the tests.
    if (process.env.CI) throw error;
    skip = "this machine has no private address, and may not add one";
  }
  return privateAddress();
}

const urlAt = (server, address) => {
  const url = new URL(server.url);
  url.hostname = address.includes(":") ? `[${address}]` : address;
  return url.href;
};

before(async () => {
  scratch = mkdtempSync(join(tmpdir(), "chapbook-https-"));
  const address = findAddress();
  if (skip) return;
  const site = join(scratch, "site");
  mkdirSync(site);
  for (const [path, text] of Object.entries(FILES)) writeFileSync(join(site, path), text);
  const options = { env: environment(), stdio: "ignore" };
  for (const [server, more] of [["https", ["--https"]], ["http", []]]) {
    const started = await start(executable, [site, "--lan", ...more], environment());
    started.lanUrl = urlAt(started, address);
    if (server === "https") https = started;
    else http = started;
  }
  const database = join(home(), ".pki/nssdb");
  mkdirSync(database, { recursive: true });
  execFileSync("certutil", ["-d", `sql:${database}`, "-N", "--empty-password"], options);
});

after(() => {
  https?.stop();
  http?.stop();
  if (isAdded) execFileSync("ip", ["addr", "del", ...ADDED]);
  rmSync(scratch, { recursive: true });
});

function installCa() {
  const [options, file] = [{ env: environment(), stdio: "ignore" }, join(scratch, "ca.pem")];
  execFileSync(executable, ["ca", "export", "-o", file], options);
  const database = `sql:${join(home(), ".pki/nssdb")}`;
  execFileSync("certutil", ["-d", database, "-A", "-n", "ca", "-t", "C,,", "-i", file], options);
}

// Runs in the page: each feature, and whether it works.
async function features() {
  const works = async (work) => {
    try {
      return Boolean(await work());
    } catch {
      return false;
    }
  };
  return {
    isSecureContext: window.isSecureContext,
    crossOriginIsolated: window.crossOriginIsolated,
    sharedMemory: await works(() => new SharedArrayBuffer(1)),
    sharedModuleMemory: await works(
      () => postMessage(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })) ?? true),
    clipboard: await works(async () => {
      await navigator.clipboard.writeText("copied");
      return await navigator.clipboard.readText() === "copied";
    }),
    mediaDevices: await works(() => navigator.mediaDevices.enumerateDevices()),
    geolocation: await works(() => new Promise((found, failed) =>
      navigator.geolocation.getCurrentPosition(found, failed))),
    digest: await works(() => crypto.subtle.digest("SHA-256", new Uint8Array(1))),
    randomUUID: await works(() => crypto.randomUUID()),
    serviceWorker: await works(async () => {
      const controlled = new Promise((changed) => {
        navigator.serviceWorker.addEventListener("controllerchange", changed);
      });
      await navigator.serviceWorker.register("/worker.js");
      await controlled;
      return await (await fetch("/from-worker")).text() === "worker";
    }),
  };
}

async function open(page, url, name) {
  if (name !== "after the warning") return page.goto(url);
  await assert.rejects(page.goto(url), /ERR_CERT_AUTHORITY_INVALID/);
  // Chromium's word for a click on "Proceed"; the warning may not be shown yet.
  const isShown = () => page.title().then((title) => title === "Page", () => false);
  while (!await isShown()) {
    await page.keyboard.type("thisisunsafe");
    await setTimeout(300);
  }
}

// The CA is installed last, because it stays.
for (const name of Object.keys(CASES).reverse()) {
  test(name, { timeout: 60_000 }, async (context) => {
    if (skip) return context.skip(skip);
    if (name === "with the CA") installCa();
    const browser = await launchChromium({ env: environment() });
    try {
      const permissions = ["clipboard-read", "clipboard-write", "geolocation"];
      const geolocation = { latitude: 1, longitude: 2 };
      const page = await (await browser.newContext({ permissions, geolocation })).newPage();
      await open(page, name === "over plain HTTP" ? http.lanUrl : https.lanUrl, name);
      const [isSecure, hasWorker] = CASES[name];
      const found = await page.evaluate(features);
      const expected = Object.fromEntries(Object.keys(found).map((it) => [it, isSecure]));
      assert.deepEqual(found, { ...expected, serviceWorker: hasWorker });
    } finally {
      await browser.close();
    }
  });
}
