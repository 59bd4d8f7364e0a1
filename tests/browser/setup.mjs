// Packed sites, servers and Chromium for the tests of this folder.

import { execFileSync, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
  "--disable-background-networking", "--disable-component-update",
];

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

export const launchChromium = (options = {}) =>
  chromium.launch({ executablePath, args: FLAGS, ...options });

// Packs `folder` into the executable `output`.
export const pack = (executable, folder, output, options = []) =>
  execFileSync(executable, ["pack", folder, "-o", output, ...options],
    { stdio: ["ignore", "ignore", "inherit"] });

// Starts a server on a free port and waits until it listens. `url` is the one that its first line
// names; `lines` gets the lines after it.
export async function start(executable, options = [], env = process.env) {
  const server = spawn(executable, ["--port", "0", ...options],
    { env, stdio: ["ignore", "pipe", "inherit"] });
  const lines = [];
  const url = await new Promise((listening, failed) => {
    server.on("exit", (code) => failed(new Error(`${executable} exited with ${code}`)));
    createInterface(server.stdout).on("line", (line) => {
      const address = line.match(/^Listening on (https?:\S+)$/)?.[1];
      if (address) listening(address);
      else lines.push(line);
    });
  });
  return { url, origin: new URL(url).origin, lines, stop: () => server.kill() };
}
