// Tests that programs in a page read a packed site by ranges: Parquet with hyparquet, and SQLite
// with sql.js-httpvfs.
//
//     node tests/browser/ranges.mjs EXECUTABLE
//
// Needs Chromium (Debian: chromium), Python with SQLite, and `npm ci` in this folder.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { parquetWriteBuffer } from "hyparquet-writer";
import { launchChromium, pack, start } from "./setup.mjs";

const executable = resolve(process.argv[2]);
const ROWS = 300_000;
const PAGE = `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Ranges</title>
<link rel="icon" href="data:,">
<p>Programs read data by ranges.</p>
<script src="httpvfs/index.js"></script>
`;
const DATABASE = `
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("pragma page_size = 4096")
connection.execute("create table numbers (id integer primary key, name text)")
rows = ((n, f"number {n}") for n in range(int(sys.argv[2])))
connection.executemany("insert into numbers values (?, ?)", rows)
connection.commit()
`;

let scratch, server, browser;

before(async () => {
  scratch = mkdtempSync(join(tmpdir(), "chapbook-ranges-"));
  const site = join(scratch, "site");
  mkdirSync(site);
  writeFileSync(join(site, "index.html"), PAGE);
  const modules = new URL("node_modules/", import.meta.url).pathname;
  cpSync(join(modules, "hyparquet/src"), join(site, "hyparquet"), { recursive: true });
  mkdirSync(join(site, "httpvfs"));
  for (const name of ["index.js", "sqlite.worker.js", "sql-wasm.wasm"]) {
    cpSync(join(modules, "sql.js-httpvfs/dist", name), join(site, "httpvfs", name));
  }
  const values = (value) => Array.from({ length: ROWS }, (_, n) => value(n));
  const column = (name, value) => ({ name, data: values(value) });
  const columnData = [column("id", (n) => n), column("name", (n) => `number ${n}`)];
  const options = { columnData, rowGroupSize: 10_000 };
  writeFileSync(join(site, "data.parquet"), Buffer.from(parquetWriteBuffer(options)));
  execFileSync("python3", ["-c", DATABASE, join(site, "data.sqlite"), String(ROWS)]);
  pack(executable, site, join(scratch, "demo"));
  server = await start(join(scratch, "demo"));
  browser = await launchChromium();
});

after(async () => {
  await browser?.close();
  server?.stop();
  rmSync(scratch, { recursive: true });
});

// Runs `work` in the page, and returns its result and the responses for `path`.
async function run(path, work) {
  const context = await browser.newContext();
  const responses = [];
  context.on("response", (response) => {
    if (new URL(response.url()).pathname === path) responses.push(response);
  });
  try {
    const page = await context.newPage();
    await page.goto(server.url);
    const result = await page.evaluate(work);
    return { result, responses: await Promise.all(responses.map(describe)) };
  } finally {
    await context.close();
  }
}

async function describe(response) {
  const fields = await response.allHeaders();
  // The browser's cache joins ranges, and then there is no Content-Length.
  const [first, last] = fields["content-range"]?.match(/\d+/g).map(Number) ?? [1, 0];
  return {
    method: response.request().method(),
    status: response.status(),
    coding: fields["content-encoding"],
    length: last - first + 1,
  };
}

function assertRanges(responses, path) {
  const size = statSync(join(scratch, "site", path)).size;
  assert.ok(responses.length >= 2, `only ${responses.length} responses`);
  assert.deepEqual(responses.filter((it) => it.coding !== undefined), []);
  const bodies = responses.filter((it) => it.method === "GET");
  assert.ok(bodies.length > 0 && bodies.every((it) => it.status === 206), JSON.stringify(bodies));
  const sum = bodies.reduce((sum, it) => sum + it.length, 0);
  assert.ok(sum < size / 2, `${sum} of ${size} bytes were loaded`);
}

test("hyparquet reads a row group of a Parquet file", { timeout: 60_000 }, async () => {
  const { result, responses } = await run("/data.parquet", async () => {
    const { asyncBufferFromUrl, parquetReadObjects } = await import("/hyparquet/index.js");
    const file = await asyncBufferFromUrl({ url: "/data.parquet" });
    const rows = await parquetReadObjects({ file, rowStart: 54_321, rowEnd: 54_323 });
    return rows.map((row) => [Number(row.id), row.name]);
  });
  assert.deepEqual(result, [[54_321, "number 54321"], [54_322, "number 54322"]]);
  assertRanges(responses, "data.parquet");
});

test("sql.js-httpvfs queries an SQLite database", { timeout: 60_000 }, async () => {
  const { result, responses } = await run("/data.sqlite", async () => {
    const config = { serverMode: "full", url: "/data.sqlite", requestChunkSize: 4096 };
    const worker = await globalThis.createDbWorker(
      [{ from: "inline", config }], "/httpvfs/sqlite.worker.js", "/httpvfs/sql-wasm.wasm");
    return worker.db.query("select name from numbers where id = 54321");
  });
  assert.deepEqual(result, [{ name: "number 54321" }]);
  assertRanges(responses, "data.sqlite");
});
